INSERT INTO {schema}.backend (job, pid, started_at)
SELECT $1, a.pid, a.backend_start
FROM pg_catalog.pg_stat_activity a
WHERE a.pid OPERATOR(pg_catalog.=) pg_catalog.pg_backend_pid()
