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
), kind AS (  -- what the columns' values consist of
  SELECT a.atttypid AS oid, a.attrelid AS relation
  FROM pg_catalog.pg_attribute a
  WHERE a.attrelid = $1::pg_catalog.regclass AND a.attnum > 0 AND NOT a.attisdropped
  UNION
  SELECT part.oid, k.relation
  FROM kind k
  JOIN pg_catalog.pg_type y ON y.oid = k.oid
  CROSS JOIN LATERAL (
    SELECT y.typbasetype AS oid WHERE y.typtype = 'd'
    UNION ALL
    SELECT y.typelem WHERE y.typelem <> 0
    UNION ALL
    SELECT a.atttypid
    FROM pg_catalog.pg_attribute a
    WHERE y.typtype = 'c' AND a.attrelid = y.typrelid AND a.attnum > 0 AND NOT a.attisdropped
  ) part
), caller AS (
  SELECT 'pg_catalog.pg_attrdef'::pg_catalog.regclass AS class, f.oid,
         'column ' || pg_catalog.quote_ident(a.attname) AS name,
         f.adrelid AS relation,
         pg_catalog.pg_get_expr(f.adbin, f.adrelid) LIKE '%nextval(%' AS counts,
         NULL::pg_catalog.oid AS runs  -- a trigger's function: who fires it need not have the right
  FROM pg_catalog.pg_attrdef f
  JOIN pg_catalog.pg_attribute a ON a.attrelid = f.adrelid AND a.attnum = f.adnum
  WHERE f.adrelid = $1::pg_catalog.regclass AND a.attname::text <> ALL ({columns})
  UNION ALL
  SELECT 'pg_catalog.pg_constraint'::pg_catalog.regclass, k.oid,
         'constraint ' || pg_catalog.quote_ident(k.conname), k.conrelid, false, NULL
  FROM tree t JOIN pg_catalog.pg_constraint k ON k.conrelid = t.oid AND k.contype = 'c'
  UNION ALL
  SELECT 'pg_catalog.pg_class'::pg_catalog.regclass, i.indexrelid,
         'index ' || pg_catalog.quote_ident(c.relname), i.indrelid, false, NULL
  FROM tree t
  JOIN pg_catalog.pg_index i ON i.indrelid = t.oid
  JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
  WHERE i.indexprs IS NOT NULL OR i.indpred IS NOT NULL
  UNION ALL
  SELECT 'pg_catalog.pg_constraint'::pg_catalog.regclass, c.oid,
         'constraint ' || pg_catalog.quote_ident(c.conname) || ' of domain ' ||
         k.oid::pg_catalog.regtype::text, k.relation, false, NULL
  FROM kind k JOIN pg_catalog.pg_constraint c ON c.contypid = k.oid AND c.contype = 'c'
  UNION ALL
  SELECT 'pg_catalog.pg_class'::pg_catalog.regclass, p.partrelid, 'the partition key', p.partrelid,
         false, NULL
  FROM tree t JOIN pg_catalog.pg_partitioned_table p ON p.partrelid = t.oid
  UNION ALL
  SELECT 'pg_catalog.pg_trigger'::pg_catalog.regclass, g.oid,
         'trigger ' || pg_catalog.quote_ident(g.tgname), g.tgrelid, false, g.tgfoid
  FROM tree t JOIN pg_catalog.pg_trigger g ON g.tgrelid = t.oid
  WHERE g.tgqual IS NOT NULL AND g.tgenabled IN ('O', 'A') AND g.tgtype & 4 <> 0  -- of INSERT
)
SELECT closed.missing,
       pg_catalog.min(r.name || ' of ' || r.relation::pg_catalog.regclass::text) AS needed_by
FROM caller r
JOIN pg_catalog.pg_depend d ON d.classid = r.class AND d.objid = r.oid
CROSS JOIN LATERAL (
  SELECT 'EXECUTE ON FUNCTION ' || p.oid::pg_catalog.regprocedure::text AS missing
  FROM pg_catalog.pg_proc p
  WHERE p.oid = CASE d.refclassid
      WHEN 'pg_catalog.pg_proc'::pg_catalog.regclass THEN d.refobjid
      WHEN 'pg_catalog.pg_operator'::pg_catalog.regclass THEN
        (SELECT o.oprcode::pg_catalog.oid FROM pg_catalog.pg_operator o WHERE o.oid = d.refobjid)
    END
    AND p.oid IS DISTINCT FROM r.runs
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
