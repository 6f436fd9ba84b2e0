SELECT c.oid,
       c.relkind,
       c.relkind = 'p' OR c.relispartition AS among_partitions,
       pg_catalog.pg_relation_size(c.oid) AS size_bytes,
       pg_catalog.has_schema_privilege(n.oid, 'USAGE') AS may_use_schema,
       pg_catalog.has_any_column_privilege(c.oid, 'SELECT') AS readable,
       current_user AS role,
       pg_catalog.pg_get_userbyid(c.relowner) AS owner,
       pg_catalog.pg_has_role(c.relowner, 'USAGE') AS is_owner,
       pg_catalog.row_security_active(c.oid) AS row_security,
       c.relforcerowsecurity AS forces_row_security,
       pg_catalog.obj_description(c.oid, 'pg_class') IS NOT DISTINCT FROM 'rowferry ledger'
         AS is_ledger,
       (SELECT pg_catalog.min(r.rulename::text) FROM pg_catalog.pg_rewrite r
        WHERE r.ev_class = c.oid AND r.ev_type = '3'
          AND r.ev_enabled IN ('A', CASE pg_catalog.current_setting('session_replication_role')
                                    WHEN 'replica' THEN 'R' ELSE 'O' END)) AS insert_rule
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
-- As text: a name longer than 63 bytes is not that of the table which it would be cut to.
WHERE n.nspname = $1::text AND c.relname = $2::text AND c.relpersistence <> 't'
