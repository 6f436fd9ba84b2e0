SELECT d.objid::pg_catalog.regclass::text AS sequence, s.seqincrement, s.seqmin, s.seqmax,
       pg_catalog.has_sequence_privilege(s.seqrelid, 'SELECT')
         AND pg_catalog.has_sequence_privilege(s.seqrelid, 'UPDATE') AS may_advance
FROM pg_catalog.pg_depend d
JOIN pg_catalog.pg_sequence s ON s.seqrelid = d.objid
JOIN pg_catalog.pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
  AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
  AND d.refobjid = $1::pg_catalog.regclass AND a.attname = $2 AND d.deptype IN ('a', 'i')
UNION
SELECT s.seqrelid::pg_catalog.regclass::text, s.seqincrement, s.seqmin, s.seqmax,
       pg_catalog.has_sequence_privilege(s.seqrelid, 'SELECT')
         AND pg_catalog.has_sequence_privilege(s.seqrelid, 'UPDATE') AS may_advance
FROM pg_catalog.pg_attrdef f
JOIN pg_catalog.pg_attribute a ON a.attrelid = f.adrelid AND a.attnum = f.adnum
JOIN pg_catalog.pg_depend d
  ON d.classid = 'pg_catalog.pg_attrdef'::pg_catalog.regclass AND d.objid = f.oid
  AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
JOIN pg_catalog.pg_sequence s ON s.seqrelid = d.refobjid
WHERE f.adrelid = $1::pg_catalog.regclass AND a.attname = $2
