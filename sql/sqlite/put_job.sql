INSERT OR REPLACE INTO rowferry_job
  (name, source, target, mode, fingerprint, state, message, epoch, owner_host, owner_pid,
   created_at, started_at, heartbeat_at, finished_at, runs, settings)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)
