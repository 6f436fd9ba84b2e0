SELECT pg_catalog.pg_is_in_recovery() AS in_recovery,
       pg_catalog.current_setting('transaction_read_only') AS read_only,
       current_user AS role,
       pg_catalog.current_database() AS database,
       n.oid IS NOT NULL AS has_schema,
       pg_catalog.has_schema_privilege(n.oid, 'USAGE') AS may_use,
       pg_catalog.has_schema_privilege(n.oid, 'CREATE') AS may_create,
       c.oid IS NOT NULL AS has_table,
       pg_catalog.has_table_privilege(c.oid, 'INSERT') AS may_insert,
       -- A new table brings a type of its name; only types of arrays make room.
       EXISTS (SELECT FROM pg_catalog.pg_type t
               WHERE t.typnamespace = n.oid AND t.typname = $2::text AND t.typisdefined
                 AND NOT EXISTS (SELECT FROM pg_catalog.pg_type e WHERE e.typarray = t.oid))
         AS has_type
FROM (SELECT 1) one
LEFT JOIN pg_catalog.pg_namespace n ON n.nspname = $1::text
LEFT JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = $2::text
