CREATE TABLE IF NOT EXISTS rowferry_job (
  name         TEXT PRIMARY KEY NOT NULL,
  source       TEXT NOT NULL,
  target       TEXT NOT NULL,
  mode         TEXT NOT NULL,
  fingerprint  TEXT NOT NULL,
  settings     TEXT NOT NULL,
  state        TEXT NOT NULL,
  message      TEXT NOT NULL,
  epoch        INTEGER NOT NULL,
  owner_host   TEXT NOT NULL,
  owner_pid    INTEGER NOT NULL,
  created_at   INTEGER NOT NULL,
  started_at   INTEGER NOT NULL,
  heartbeat_at INTEGER NOT NULL,
  finished_at  INTEGER NOT NULL,
  runs         INTEGER NOT NULL
) WITHOUT ROWID
