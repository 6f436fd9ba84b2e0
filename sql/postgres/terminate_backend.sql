SELECT pg_catalog.pg_terminate_backend(a.pid)
FROM pg_catalog.pg_stat_activity a
WHERE a.pid OPERATOR(pg_catalog.=) $1::integer
  AND a.backend_start OPERATOR(pg_catalog.=) $2::pg_catalog.timestamptz
