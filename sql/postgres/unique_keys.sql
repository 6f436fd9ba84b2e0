SELECT c.relname AS index_name,
       i.indisprimary,
       NOT i.indimmediate AS is_deferrable,
       a.attname,
       CASE WHEN k.collation <> 0 THEN
         pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(o.collname)
       END AS collation,
       (k.option & 1) <> 0 AS descending,
       (k.option & 2) <> 0 AS nulls_first
FROM pg_catalog.pg_index i
JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
CROSS JOIN LATERAL (
  SELECT p AS position, i.indkey[p] AS attnum, i.indcollation[p] AS collation,
         i.indoption[p] AS option
  FROM pg_catalog.generate_series(0, {key_columns} - 1) p
) k
JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
LEFT JOIN pg_catalog.pg_collation o ON o.oid = k.collation
LEFT JOIN pg_catalog.pg_namespace n ON n.oid = o.collnamespace
WHERE i.indrelid = $1::pg_catalog.oid
  AND i.indisunique AND i.indisvalid AND i.indisready
  AND i.indpred IS NULL AND i.indexprs IS NULL
  -- record_image_ops tells rows apart that are equal to the comparison of keys.
  AND NOT EXISTS (
    SELECT FROM pg_catalog.pg_opclass s
    JOIN pg_catalog.pg_am m ON m.oid = s.opcmethod AND m.amname = 'btree'
    JOIN pg_catalog.pg_amop e ON e.amopfamily = s.opcfamily AND e.amopstrategy = 3
    JOIN pg_catalog.pg_operator q ON q.oid = e.amopopr AND q.oprname <> '='
    WHERE s.oid = ANY (i.indclass))
ORDER BY i.indisprimary DESC, c.relname, i.indexrelid, k.position
