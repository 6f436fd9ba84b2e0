SELECT pg_catalog.pg_terminate_backend(a.pid)
FROM {schema}.backend b
JOIN pg_catalog.pg_stat_activity a ON a.pid = b.pid AND a.backend_start = b.started_at
WHERE b.job = $1 AND a.pid <> pg_catalog.pg_backend_pid()
