CREATE TABLE {schema}.reject (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  job text NOT NULL,
  split integer NOT NULL,
  state text NOT NULL,
  key text NOT NULL,
  shown text NOT NULL,
  kind text NOT NULL,
  code text NOT NULL,
  column_name text NOT NULL,
  constraint_name text NOT NULL,
  message text NOT NULL,
  at bigint NOT NULL,
  tries bigint NOT NULL,
  kept bytea NOT NULL,
  FOREIGN KEY (job, split) REFERENCES {schema}.split ON DELETE CASCADE
);
CREATE INDEX ON {schema}.reject (job, split, id);
COMMENT ON TABLE {schema}.reject IS 'rowferry ledger';
