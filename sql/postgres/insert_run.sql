INSERT INTO {schema}.run (job, number, host, pid, started_at, finished_at, state, message)
SELECT name, runs, owner_host, owner_pid, started_at, 0, 'running', ''
FROM {schema}.job WHERE name = $1
