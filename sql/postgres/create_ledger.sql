CREATE TABLE {schema}.meta (
  version integer NOT NULL
);
INSERT INTO {schema}.meta VALUES ({version});
CREATE TABLE {schema}.job (
  name text PRIMARY KEY,
  source text NOT NULL,
  target text NOT NULL,
  mode text NOT NULL,
  fingerprint text NOT NULL,
  settings text NOT NULL,
  state text NOT NULL,
  message text NOT NULL,
  epoch bigint NOT NULL,
  owner_host text NOT NULL,
  owner_pid bigint NOT NULL,
  created_at bigint NOT NULL,
  started_at bigint NOT NULL,
  heartbeat_at bigint NOT NULL,
  finished_at bigint NOT NULL,
  runs bigint NOT NULL
);
CREATE TABLE {schema}.run (
  job text NOT NULL REFERENCES {schema}.job ON DELETE CASCADE,
  number bigint NOT NULL,
  host text NOT NULL,
  pid bigint NOT NULL,
  started_at bigint NOT NULL,
  finished_at bigint NOT NULL,
  state text NOT NULL,
  message text NOT NULL,
  PRIMARY KEY (job, number)
);
CREATE TABLE {schema}.split (
  job text NOT NULL REFERENCES {schema}.job ON DELETE CASCADE,
  id integer NOT NULL,
  table_schema text NOT NULL,
  table_name text NOT NULL,
  source_table text NOT NULL,
  prepared text NOT NULL,
  stamp text NOT NULL,
  estimated_rows bigint NOT NULL,
  epoch bigint NOT NULL,
  last_key text,
  read bigint NOT NULL DEFAULT 0,
  inserted bigint NOT NULL DEFAULT 0,
  updated bigint NOT NULL DEFAULT 0,
  unchanged bigint NOT NULL DEFAULT 0,
  ignored bigint NOT NULL DEFAULT 0,
  superseded bigint NOT NULL DEFAULT 0,
  unmatched bigint NOT NULL DEFAULT 0,
  suppressed bigint NOT NULL DEFAULT 0,
  filtered bigint NOT NULL DEFAULT 0,
  rejected bigint NOT NULL DEFAULT 0,
  deleted bigint NOT NULL DEFAULT 0,
  pending bigint NOT NULL DEFAULT 0,
  chunks bigint NOT NULL DEFAULT 0,
  done boolean NOT NULL DEFAULT false,
  digest text NOT NULL,
  PRIMARY KEY (job, id)
) WITH (fillfactor = 50);
CREATE TABLE {schema}.backend (
  job text NOT NULL,
  pid integer NOT NULL,
  started_at timestamptz NOT NULL
);
CREATE FUNCTION {schema}.lock_split(
  a_job text, a_id integer, a_epoch bigint, a_chunks bigint, a_key text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $lock$
DECLARE
  found_epoch bigint;
  found_chunks bigint;
  found_key text;
BEGIN
  SELECT s.epoch, s.chunks, s.last_key INTO found_epoch, found_chunks, found_key
  FROM {schema}.split s WHERE s.job = a_job AND s.id = a_id FOR UPDATE;
  IF found_epoch IS DISTINCT FROM a_epoch THEN
    RAISE EXCEPTION USING ERRCODE = 'RF001',
      MESSAGE = pg_catalog.format('another run owns job %s now', a_job);
  ELSIF found_chunks IS DISTINCT FROM a_chunks OR found_key IS DISTINCT FROM a_key THEN
    RAISE EXCEPTION USING ERRCODE = 'RF001',
      MESSAGE = pg_catalog.format('the checkpoint of job %s, split %s is not the one that this '
                                  'run wrote: another run writes it', a_job, a_id);
  END IF;
END
$lock$;
COMMENT ON TABLE {schema}.meta IS 'rowferry ledger';
COMMENT ON TABLE {schema}.job IS 'rowferry ledger';
COMMENT ON TABLE {schema}.run IS 'rowferry ledger';
COMMENT ON TABLE {schema}.split IS 'rowferry ledger';
COMMENT ON TABLE {schema}.backend IS 'rowferry ledger';
