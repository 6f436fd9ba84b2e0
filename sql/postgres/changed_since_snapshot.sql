-- A query sees pg_class as of its snapshot; functions see what is there now.
WITH RECURSIVE tree AS (
  SELECT $1::pg_catalog.oid AS oid
  UNION ALL
  SELECT i.inhrelid
  FROM tree t
  JOIN pg_catalog.pg_class c ON c.oid = t.oid AND c.relkind = 'p'
  JOIN pg_catalog.pg_inherits i ON i.inhparent = t.oid
)
SELECT pg_catalog.to_regclass($2)::pg_catalog.oid IS DISTINCT FROM $1::pg_catalog.oid
       OR EXISTS (
         SELECT FROM tree t
         JOIN pg_catalog.pg_class c ON c.oid = t.oid
         WHERE (c.relfilenode <> 0
                AND pg_catalog.pg_relation_filenode(c.oid) IS DISTINCT FROM c.relfilenode)
            OR (c.relispartition AND {root}::pg_catalog.oid IS DISTINCT FROM $1::pg_catalog.oid))
