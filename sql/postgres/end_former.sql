-- Not a pooler's that serves somebody else by now, nor this session itself.
SELECT pg_catalog.pg_terminate_backend(a.pid)
FROM pg_catalog.pg_stat_activity a
WHERE a.pid OPERATOR(pg_catalog.=) {pid}
  AND a.backend_start OPERATOR(pg_catalog.=) {started_at}::pg_catalog.timestamptz
  AND a.pid OPERATOR(pg_catalog.<>) pg_catalog.pg_backend_pid()
  AND a.application_name OPERATOR(pg_catalog.=) pg_catalog.current_setting('application_name')
