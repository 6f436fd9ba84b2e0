SET search_path = '';
SELECT a.pid,
       coalesce(a.wait_event_type, '') AS event_type,
       coalesce(a.wait_event, '') AS event,
       coalesce(a.state, '') AS state,
       (SELECT pg_catalog.string_agg(
                 CASE WHEN b.pid IS NULL THEN 'a prepared transaction' ELSE
                   pg_catalog.format('process %s (%s, user %s, in a transaction since %s: %s)',
                     b.pid, coalesce(nullif(b.application_name, ''), b.backend_type), b.usename,
                     coalesce(pg_catalog.to_char(b.xact_start, 'YYYY-MM-DD HH24:MI:SS TZ'), '?'),
                     coalesce(pg_catalog.left(
                       pg_catalog.regexp_replace(b.query, '\s+', ' ', 'g'), 60), '?')) END, ', ')
        FROM pg_catalog.unnest(pg_catalog.pg_blocking_pids(a.pid)) AS p(pid)
        LEFT JOIN pg_catalog.pg_stat_activity b ON b.pid = p.pid) AS blockers
FROM pg_catalog.pg_stat_activity a
WHERE a.pid IN ({pids})
