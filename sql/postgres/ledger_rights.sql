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
       (SELECT pg_catalog.min(c.relname::text) FROM pg_catalog.pg_class c
        WHERE c.relnamespace = n.oid AND c.relname::text = ANY ({names})
          AND NOT EXISTS (SELECT FROM ledger l WHERE l.oid = c.oid)) AS in_the_way
FROM pg_catalog.pg_database d
LEFT JOIN pg_catalog.pg_namespace n ON n.nspname = $1
WHERE d.datname = pg_catalog.current_database()
