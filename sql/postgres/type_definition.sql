WITH RECURSIVE part AS (
  SELECT '' AS path, pg_catalog.to_regtype($1)::pg_catalog.oid AS type, -1 AS typmod
  UNION ALL
  SELECT p.path || i.step, i.type, i.typmod
  FROM part p
  JOIN pg_catalog.pg_type t ON t.oid = p.type
  CROSS JOIN LATERAL (
    SELECT '' AS step, t.typbasetype AS type, t.typtypmod AS typmod
    WHERE t.typtype = 'd'
    UNION ALL
    SELECT '[]', t.typelem, p.typmod
    WHERE t.typcategory = 'A' AND t.typelem <> 0
    UNION ALL
    SELECT '<>', r.rngsubtype, -1
    FROM pg_catalog.pg_range r
    WHERE r.rngtypid = t.oid
    UNION ALL
    SELECT '.' || pg_catalog.row_number() OVER (ORDER BY a.attnum), a.atttypid, a.atttypmod
    FROM pg_catalog.pg_attribute a
    WHERE t.typtype = 'c' AND a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped
  ) i
)
SELECT coalesce(pg_catalog.string_agg(leaf.text, ', ' ORDER BY leaf.text), '')
FROM (SELECT p.path || ' ' || CASE WHEN t.oid < 16384
               THEN pg_catalog.format_type(t.oid, p.typmod) ELSE t.typname END AS text
      FROM part p
      JOIN pg_catalog.pg_type t ON t.oid = p.type
      WHERE p.path <> '' AND t.typtype NOT IN ('c', 'd', 'r')
        AND NOT (t.typcategory = 'A' AND t.typelem <> 0)) leaf
