CREATE TABLE IF NOT EXISTS rowferry_reject (
  id              INTEGER PRIMARY KEY,
  job             TEXT NOT NULL,
  split           INTEGER NOT NULL,
  state           TEXT NOT NULL,
  "key"           TEXT NOT NULL,
  shown           TEXT NOT NULL,
  kind            TEXT NOT NULL,
  code            TEXT NOT NULL,
  column_name     TEXT NOT NULL,
  constraint_name TEXT NOT NULL,
  message         TEXT NOT NULL,
  at              INTEGER NOT NULL,
  tries           INTEGER NOT NULL,
  kept            BLOB NOT NULL
)
