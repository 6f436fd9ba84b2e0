WITH behind AS (
  SELECT d.refobjsubid AS attnum, d.objid AS sequence
  FROM pg_catalog.pg_depend d
  WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
    AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
    AND d.refobjid = $1::pg_catalog.regclass AND d.deptype IN ('a', 'i')
  UNION
  SELECT f.adnum, d.refobjid
  FROM pg_catalog.pg_attrdef f
  JOIN pg_catalog.pg_depend d
    ON d.classid = 'pg_catalog.pg_attrdef'::pg_catalog.regclass AND d.objid = f.oid
    AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
  WHERE f.adrelid = $1::pg_catalog.regclass
)
SELECT a.attname AS column_name,
       s.seqrelid::pg_catalog.regclass::text AS sequence,
       s.seqincrement,
       s.seqmin,
       s.seqmax,
       pg_catalog.has_sequence_privilege(s.seqrelid, 'SELECT')
         AND pg_catalog.has_sequence_privilege(s.seqrelid, 'UPDATE') AS may_advance,
       pg_catalog.has_column_privilege($1::pg_catalog.regclass, a.attnum, 'SELECT')
         AS may_read_column,
       CASE WHEN pg_catalog.has_sequence_privilege(s.seqrelid, 'SELECT, USAGE') THEN
         pg_catalog.pg_sequence_last_value(s.seqrelid) END AS last_value
FROM behind b
JOIN pg_catalog.pg_sequence s ON s.seqrelid = b.sequence
JOIN pg_catalog.pg_attribute a ON a.attrelid = $1::pg_catalog.regclass AND a.attnum = b.attnum
ORDER BY a.attnum, s.seqrelid
