WITH ledger AS (
  SELECT c.oid, c.relname
  FROM pg_catalog.pg_class c
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname = $1 AND c.relkind = 'r'
    AND pg_catalog.obj_description(c.oid, 'pg_class') = 'rowferry ledger'
)
SELECT current_user AS role,
       pg_catalog.current_database() AS database,
       EXISTS (SELECT FROM ledger WHERE relname = 'meta') AS has_ledger,
       n.oid IS NOT NULL AS has_schema,
       pg_catalog.has_schema_privilege(n.oid, 'USAGE') AS may_use,
       pg_catalog.has_schema_privilege(n.oid, 'CREATE') AS may_create,
       pg_catalog.has_database_privilege(d.oid, 'CREATE') AS may_create_schema,
       (SELECT pg_catalog.bool_and(pg_catalog.has_table_privilege(l.oid, 'SELECT')) FROM ledger l)
         AS may_read,
       (SELECT pg_catalog.bool_and(
                 pg_catalog.has_table_privilege(l.oid, 'SELECT')
                 AND pg_catalog.has_table_privilege(l.oid, 'INSERT')
                 AND pg_catalog.has_table_privilege(l.oid, 'UPDATE')
                 AND pg_catalog.has_table_privilege(l.oid, 'DELETE')) FROM ledger l) AS may_write,
       -- Its function; the language of that and of what each chunk runs (require_shape.sql).
       (SELECT coalesce(pg_catalog.bool_and(pg_catalog.has_function_privilege(p.oid, 'EXECUTE')),
                        true)
        FROM pg_catalog.pg_proc p WHERE p.pronamespace = n.oid AND p.proname = 'lock_split')
         AS may_call,
       (SELECT pg_catalog.has_language_privilege(g.oid, 'USAGE')
        FROM pg_catalog.pg_language g WHERE g.lanname = 'plpgsql') AS may_speak,
       -- The owner of a table of it that this role may not alter, if there is one.
       (SELECT pg_catalog.min(pg_catalog.pg_get_userbyid(c.relowner)::text)
        FROM ledger l JOIN pg_catalog.pg_class c ON c.oid = l.oid
        WHERE NOT pg_catalog.pg_has_role(c.relowner, 'USAGE')) AS owner,
       (SELECT pg_catalog.min(c.relname::text) FROM pg_catalog.pg_class c
        WHERE c.relnamespace = n.oid AND c.relname::text = ANY ({names})
          AND NOT EXISTS (SELECT FROM ledger l WHERE l.oid = c.oid)) AS in_the_way
FROM pg_catalog.pg_database d
LEFT JOIN pg_catalog.pg_namespace n ON n.nspname = $1
WHERE d.datname = pg_catalog.current_database()
