WITH RECURSIVE chain AS (
  SELECT a.attnum, a.atttypid AS type, a.atttypmod AS typmod
  FROM pg_catalog.pg_attribute a
  WHERE a.attrelid = $1::pg_catalog.oid AND a.attnum > 0 AND NOT a.attisdropped
  UNION ALL
  SELECT c.attnum, t.typbasetype, t.typtypmod
  FROM chain c JOIN pg_catalog.pg_type t ON t.oid = c.type
  WHERE t.typtype = 'd'
)
SELECT a.attname,
       pg_catalog.format_type(a.atttypid, a.atttypmod) AS native,
       pg_catalog.format_type(c.type, c.typmod) AS base,
       a.attnotnull,
       a.attidentity,
       {generated} AS generated,
       pg_catalog.pg_get_expr(d.adbin, d.adrelid) AS default_expression,
       CASE WHEN a.attcollation <> 0 THEN
         pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(o.collname)
       END AS collation,
       a.attcollation <> t.typcollation AS own_collation,
       t.typdefault IS NOT NULL AS type_has_default
FROM chain c
JOIN pg_catalog.pg_type b ON b.oid = c.type AND b.typtype <> 'd'
JOIN pg_catalog.pg_attribute a
  ON a.attrelid = $1::pg_catalog.oid AND a.attnum = c.attnum
JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
LEFT JOIN pg_catalog.pg_collation o ON o.oid = a.attcollation
LEFT JOIN pg_catalog.pg_namespace n ON n.oid = o.collnamespace
ORDER BY a.attnum
