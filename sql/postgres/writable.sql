SELECT pg_catalog.pg_is_in_recovery() AS in_recovery,
       pg_catalog.current_setting('transaction_read_only') AS read_only,
       current_user AS role,
       EXISTS (SELECT FROM pg_catalog.pg_namespace n WHERE n.nspname = $1) AS has_schema,
       (SELECT pg_catalog.has_schema_privilege(n.oid, 'USAGE')
        FROM pg_catalog.pg_namespace n WHERE n.nspname = $1) AS may_use,
       (SELECT pg_catalog.has_schema_privilege(n.oid, 'CREATE')
        FROM pg_catalog.pg_namespace n WHERE n.nspname = $1) AS may_create,
       c.oid IS NOT NULL AS has_table,
       CASE WHEN c.oid IS NOT NULL THEN
         pg_catalog.has_table_privilege(c.oid, 'INSERT') END AS may_insert
FROM (SELECT 1) one
LEFT JOIN (pg_catalog.pg_class c
           JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace AND n.nspname = $1)
  ON c.relname = $2
