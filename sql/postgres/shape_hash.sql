SELECT coalesce(pg_catalog.hashtext(pg_catalog.string_agg(
         pg_catalog.concat_ws(' ', c.relpersistence, n.nspname, c.relname, a.attname, a.atttypid, a.atttypmod), ', '
         ORDER BY a.attnum)), 0)
FROM pg_catalog.pg_attribute a
JOIN pg_catalog.pg_class c ON c.oid OPERATOR(pg_catalog.=) a.attrelid
JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace
WHERE a.attrelid OPERATOR(pg_catalog.=) {oid}::pg_catalog.oid
  AND a.attnum OPERATOR(pg_catalog.=) ANY ('{columns}'::pg_catalog.int2[])
  AND NOT a.attisdropped
