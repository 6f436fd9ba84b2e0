SELECT c.oid,
       c.relkind,
       pg_catalog.pg_relation_size(c.oid) AS size_bytes,
       pg_catalog.has_any_column_privilege(c.oid, 'SELECT') AS readable,
       pg_catalog.row_security_active(c.oid) AS row_security,
       EXISTS (SELECT FROM pg_catalog.pg_rewrite r
               WHERE r.ev_class = c.oid AND r.ev_type = '3') AS insert_rules
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = $1 AND c.relname = $2
  AND c.relkind IN ('r', 'p', 'f', 'v', 'm') AND c.relpersistence <> 't'
