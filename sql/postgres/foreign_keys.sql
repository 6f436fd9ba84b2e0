-- What it takes to ask for rows of pg_temp.rowferry_chunk (c.t, and as possible parents s.t) that a
-- foreign key of the table would refuse; by the key's own operators, PostgreSQL's own comparison.
-- None where a trigger of the table could insert what is missing, or where one of the server's own
-- does not ask.
SELECT c.conname AS name,
       pg_catalog.format('%I.%I', space.nspname, referred.relname) AS parent,
       CASE referred.relkind WHEN 'p' THEN '' ELSE 'ONLY' END AS only,
       k.columns,
       k.column_name,
       k.refers,
       k.present,
       CASE WHEN family.own THEN k.in_chunk END AS in_chunk
FROM pg_catalog.pg_constraint c
JOIN pg_catalog.pg_class referred ON referred.oid = c.confrelid
JOIN pg_catalog.pg_namespace space ON space.oid = referred.relnamespace
-- Its rows are rows of the table that it refers to: of itself, or of what it is a partition of.
CROSS JOIN LATERAL (
  SELECT c.confrelid = c.conrelid
         OR c.conrelid IN (SELECT relid FROM pg_catalog.pg_partition_tree(c.confrelid)) AS own
) family
CROSS JOIN (SELECT ARRAY[{columns}]::pg_catalog.name[] AS columns) chunk
CROSS JOIN LATERAL (
  SELECT pg_catalog.string_agg(pg_catalog.format('%I', own.attname), ', ' ORDER BY part.n)
           AS columns,
         CASE WHEN pg_catalog.count(*) = 1 THEN pg_catalog.min(own.attname::text) ELSE '' END
           AS column_name,
         pg_catalog.bool_and(own.attname = ANY (chunk.columns)) AS has_columns,
         pg_catalog.bool_and(other.attname = ANY (chunk.columns)) AS has_referred,
         pg_catalog.string_agg(pg_catalog.format('(c.t).%I IS NOT NULL', own.attname),
                               CASE c.confmatchtype WHEN 'f' THEN ' OR ' ELSE ' AND ' END)
           AS refers,
         pg_catalog.string_agg(pg_catalog.format('p.%I %s', other.attname, compared.own), ' AND ')
           AS present,
         pg_catalog.string_agg(pg_catalog.format('(s.t).%I %s', other.attname, compared.own),
                               ' AND ') AS in_chunk
  FROM ROWS FROM (pg_catalog.unnest(c.conkey), pg_catalog.unnest(c.confkey),
                  pg_catalog.unnest(c.conpfeqop)) WITH ORDINALITY part (own, other, equals, n)
  JOIN pg_catalog.pg_attribute own ON own.attrelid = c.conrelid AND own.attnum = part.own
  JOIN pg_catalog.pg_attribute other ON other.attrelid = c.confrelid AND other.attnum = part.other
  JOIN pg_catalog.pg_operator equals ON equals.oid = part.equals
  JOIN pg_catalog.pg_namespace home ON home.oid = equals.oprnamespace
  LEFT JOIN pg_catalog.pg_collation rules
    ON rules.oid = other.attcollation AND own.attcollation <> 0
  LEFT JOIN pg_catalog.pg_namespace collated ON collated.oid = rules.collnamespace
  CROSS JOIN LATERAL (
    SELECT pg_catalog.format('OPERATOR(%I.%s) (c.t).%I', home.nspname, equals.oprname, own.attname)
           || CASE WHEN rules.oid IS NULL THEN ''
                   ELSE pg_catalog.format(' COLLATE %I.%I', collated.nspname, rules.collname)
              END AS own) compared) k
WHERE c.contype = 'f'
  AND c.conrelid = (SELECT t.oid FROM pg_catalog.pg_class t
                    WHERE t.relname = $2::text
                      AND t.relnamespace = (SELECT n.oid FROM pg_catalog.pg_namespace n
                                            WHERE n.nspname = $1::text))
  -- Partitions of what is referred to have entries of their own.
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint whole
                  WHERE whole.oid = c.conparentid AND whole.conrelid = c.conrelid)
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_trigger g
                  WHERE CASE WHEN g.tgisinternal THEN g.tgenabled NOT IN ('O', 'A')
                             ELSE g.tgenabled <> 'D' END
                    AND (g.tgrelid = c.conrelid
                         OR g.tgrelid IN (SELECT relid
                                          FROM pg_catalog.pg_partition_tree(c.conrelid))))
  -- Before PostgreSQL 18 all are enforced.
  AND (pg_catalog.to_jsonb(c) ->> 'conenforced') IS DISTINCT FROM 'false'
  AND k.has_columns AND (k.has_referred OR NOT family.own)
ORDER BY c.conname
