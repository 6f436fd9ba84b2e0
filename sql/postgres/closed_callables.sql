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
  SELECT f.adbin::text AS expression, 'column ' || pg_catalog.quote_ident(a.attname) AS name,
         f.adrelid AS relation,
         CASE WHEN pg_catalog.pg_get_expr(f.adbin, f.adrelid) LIKE '%nextval(%' THEN f.oid END
           AS counting  -- the default
  FROM pg_catalog.pg_attrdef f
  JOIN pg_catalog.pg_attribute a ON a.attrelid = f.adrelid AND a.attnum = f.adnum
  WHERE f.adrelid = $1::pg_catalog.regclass AND a.attname::text <> ALL ({columns})
  UNION ALL
  SELECT k.conbin::text, 'constraint ' || pg_catalog.quote_ident(k.conname), k.conrelid, NULL
  FROM tree t JOIN pg_catalog.pg_constraint k ON k.conrelid = t.oid AND k.contype = 'c'
  UNION ALL
  SELECT pg_catalog.concat_ws(' ', i.indexprs::text, i.indpred::text),
         'index ' || pg_catalog.quote_ident(c.relname), i.indrelid, NULL
  FROM tree t
  JOIN pg_catalog.pg_index i ON i.indrelid = t.oid
  JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
  UNION ALL
  SELECT c.conbin::text,
         'constraint ' || pg_catalog.quote_ident(c.conname) || ' of domain ' ||
         k.oid::pg_catalog.regtype::text, k.relation, NULL
  FROM kind k JOIN pg_catalog.pg_constraint c ON c.contypid = k.oid AND c.contype = 'c'
  UNION ALL
  SELECT p.partexprs::text, 'the partition key', p.partrelid, NULL
  FROM tree t JOIN pg_catalog.pg_partitioned_table p ON p.partrelid = t.oid
  UNION ALL  -- a trigger's function itself needs no right of who fires it
  SELECT g.tgqual::text, 'trigger ' || pg_catalog.quote_ident(g.tgname), g.tgrelid, NULL
  FROM tree t JOIN pg_catalog.pg_trigger g ON g.tgrelid = t.oid
  WHERE g.tgenabled IN ('O', 'A') AND g.tgtype & 4 <> 0  -- of INSERT
)
SELECT closed.missing,
       pg_catalog.min(r.name || ' of ' || r.relation::pg_catalog.regclass::text) AS needed_by
FROM caller r
CROSS JOIN LATERAL (
  -- Not by pg_depend, which knows nothing of built-in functions. An operator names its function.
  SELECT 'EXECUTE ON FUNCTION ' || p.oid::pg_catalog.regprocedure::text AS missing
  FROM pg_catalog.regexp_matches(r.expression, ':(?:op)?funcid ([0-9]+)', 'g') called (id)
  JOIN pg_catalog.pg_proc p ON p.oid = called.id[1]::pg_catalog.oid
  WHERE NOT pg_catalog.has_function_privilege(p.oid, 'EXECUTE')
  UNION ALL
  SELECT 'USAGE ON SEQUENCE ' || s.seqrelid::pg_catalog.regclass::text
  FROM pg_catalog.pg_depend d
  JOIN pg_catalog.pg_sequence s ON s.seqrelid = d.refobjid
  WHERE d.classid = 'pg_catalog.pg_attrdef'::pg_catalog.regclass AND d.objid = r.counting
    AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
    AND NOT pg_catalog.has_sequence_privilege(s.seqrelid, 'USAGE, UPDATE')
) closed
GROUP BY closed.missing
ORDER BY closed.missing
