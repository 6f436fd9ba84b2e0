-- Which table a name stands for, and of which types its columns are, as numbers: none needs quoting.
SELECT c.oid, pg_catalog.string_agg(a.attnum::pg_catalog.text, ',' ORDER BY a.attnum) AS columns,
       pg_catalog.count(a.attnum) AS found
FROM pg_catalog.pg_class c
LEFT JOIN pg_catalog.pg_attribute a
  ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attname IN ({names})
WHERE c.oid = pg_catalog.to_regclass($1)
GROUP BY c.oid
