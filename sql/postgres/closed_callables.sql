-- What this role may not use of what the table's own expressions need for each row that comes with
-- the given columns: the server asks the role that writes, not the table's owner. A sequence is
-- asked for where a default itself counts; what a function does with one is the function's affair.
WITH RECURSIVE tree AS (
  SELECT $1::pg_catalog.regclass::pg_catalog.oid AS oid
  UNION ALL
  SELECT i.inhrelid
  FROM tree t
  JOIN pg_catalog.pg_class c ON c.oid = t.oid AND c.relkind = 'p'
  JOIN pg_catalog.pg_inherits i ON i.inhparent = t.oid
), caller AS (
  SELECT 'pg_catalog.pg_attrdef'::pg_catalog.regclass AS class, f.oid,
         'column ' || pg_catalog.quote_ident(a.attname) AS name,
         f.adrelid AS relation,
         pg_catalog.pg_get_expr(f.adbin, f.adrelid) LIKE '%nextval(%' AS counts
  FROM pg_catalog.pg_attrdef f
  JOIN pg_catalog.pg_attribute a ON a.attrelid = f.adrelid AND a.attnum = f.adnum
  WHERE f.adrelid = $1::pg_catalog.regclass AND a.attname::text <> ALL ({columns})
  UNION ALL
  SELECT 'pg_catalog.pg_constraint'::pg_catalog.regclass, k.oid,
         'constraint ' || pg_catalog.quote_ident(k.conname), k.conrelid, false
  FROM tree t JOIN pg_catalog.pg_constraint k ON k.conrelid = t.oid AND k.contype = 'c'
  UNION ALL
  SELECT 'pg_catalog.pg_class'::pg_catalog.regclass, i.indexrelid,
         'index ' || pg_catalog.quote_ident(c.relname), i.indrelid, false
  FROM tree t
  JOIN pg_catalog.pg_index i ON i.indrelid = t.oid
  JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
  WHERE i.indexprs IS NOT NULL OR i.indpred IS NOT NULL
)
SELECT closed.missing,
       pg_catalog.min(r.name || ' of ' || r.relation::pg_catalog.regclass::text) AS needed_by
FROM caller r
JOIN pg_catalog.pg_depend d ON d.classid = r.class AND d.objid = r.oid
CROSS JOIN LATERAL (
  SELECT 'EXECUTE ON FUNCTION ' || p.oid::pg_catalog.regprocedure::text AS missing
  FROM pg_catalog.pg_proc p
  WHERE d.refclassid = 'pg_catalog.pg_proc'::pg_catalog.regclass AND p.oid = d.refobjid
    AND NOT pg_catalog.has_function_privilege(p.oid, 'EXECUTE')
  UNION ALL
  SELECT 'USAGE ON SEQUENCE ' || s.seqrelid::pg_catalog.regclass::text
  FROM pg_catalog.pg_sequence s
  WHERE r.counts AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
    AND s.seqrelid = d.refobjid
    AND NOT pg_catalog.has_sequence_privilege(s.seqrelid, 'USAGE, UPDATE')
) closed
GROUP BY closed.missing
ORDER BY closed.missing
