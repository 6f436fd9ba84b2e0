-- An empty int2vector (22), oidvector (30) or tsquery (3615) is not received as it is sent; xml (142)
-- is received in the encoding that it names.
WITH RECURSIVE chain AS (
  SELECT t.oid, t.typtype, t.typbasetype, t.typtypmod, -1 AS typmod
  FROM pg_catalog.pg_type t WHERE t.oid = pg_catalog.to_regtype($1)
  UNION ALL
  SELECT t.oid, t.typtype, t.typbasetype, t.typtypmod, c.typtypmod
  FROM chain c JOIN pg_catalog.pg_type t ON t.oid = c.typbasetype
  WHERE c.typtype = 'd'
)
SELECT t.oid,
       coalesce(p.proname, ''),
       t.oid < 16384 AND t.typreceive <> 0 AND t.typsend <> 0
         AND t.typtype IN ('b', 'r', 'm') AND t.typname NOT LIKE 'reg%'
         AND t.oid NOT IN (22, 30, 142, 3615)
         AND (e.oid IS NULL
              OR (e.typtype IN ('b', 'r', 'm') AND e.typname NOT LIKE 'reg%'
                  AND e.oid NOT IN (22, 30, 142, 3615) AND e.typreceive <> 0 AND e.typsend <> 0)),
       (SELECT count(*) FROM chain) > 1,
       pg_catalog.format_type(t.oid, c.typmod),
       o.typtype IN ('c', 'd')
         OR (o.oid >= 16384 AND o.typtype <> 'e' AND o.typname <> 'citext')
FROM chain c
JOIN pg_catalog.pg_type t ON t.oid = c.oid AND t.typtype <> 'd'
LEFT JOIN pg_catalog.pg_type e ON e.oid = t.typelem AND t.typelem <> 0
JOIN pg_catalog.pg_type o
  ON o.oid = CASE WHEN t.typcategory = 'A' AND t.typelem <> 0 THEN t.typelem ELSE t.oid END
LEFT JOIN pg_catalog.pg_proc p ON p.oid = t.typreceive
