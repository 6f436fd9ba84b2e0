SELECT current_user AS role,
       pg_catalog.has_table_privilege(c.oid, 'TRUNCATE') AS may_truncate,
       pg_catalog.pg_has_role(c.relowner, 'USAGE') OR pg_catalog.pg_has_role(n.nspowner, 'USAGE')
         AS may_drop,
       (SELECT pg_catalog.min(f.conrelid::pg_catalog.regclass::text)
        FROM pg_catalog.pg_constraint f
        WHERE c.relkind = 'r' AND f.contype = 'f' AND f.confrelid = c.oid AND f.conrelid <> c.oid)
         AS referenced_by
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.oid = pg_catalog.to_regclass($1)
