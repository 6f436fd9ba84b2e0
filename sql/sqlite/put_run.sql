INSERT OR REPLACE INTO rowferry_run
  (job, run, epoch, host, pid, started_at, finished_at, state, message)
SELECT name, runs, epoch, owner_host, owner_pid, started_at, 0, 'running', ''
FROM rowferry_job
WHERE name = ?1
