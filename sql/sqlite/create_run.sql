CREATE TABLE IF NOT EXISTS rowferry_run (
  job         TEXT NOT NULL,
  run         INTEGER NOT NULL,
  epoch       INTEGER NOT NULL,
  host        TEXT NOT NULL,
  pid         INTEGER NOT NULL,
  started_at  INTEGER NOT NULL,
  finished_at INTEGER NOT NULL,
  state       TEXT NOT NULL,
  message     TEXT NOT NULL,
  PRIMARY KEY (job, run)
) WITHOUT ROWID
