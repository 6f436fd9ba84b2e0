WITH RECURSIVE tree AS (
  SELECT $1::pg_catalog.oid AS oid
  UNION ALL
  SELECT i.inhrelid
  FROM tree t
  JOIN pg_catalog.pg_class c ON c.oid = t.oid AND c.relkind = 'p'
  JOIN pg_catalog.pg_inherits i ON i.inhparent = t.oid
)
SELECT coalesce(pg_catalog.string_agg(pg_catalog.pg_relation_filenode(oid)::text, ',' ORDER BY oid),
                '') || ' '
       || pg_catalog.txid_snapshot_xmin(pg_catalog.txid_current_snapshot())
FROM tree
