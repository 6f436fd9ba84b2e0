WITH RECURSIVE tree AS (
  SELECT $1::pg_catalog.oid AS oid
  UNION ALL
  SELECT i.inhrelid
  FROM tree t
  JOIN pg_catalog.pg_class c ON c.oid = t.oid AND c.relkind = 'p'
  JOIN pg_catalog.pg_inherits i ON i.inhparent = t.oid
)
SELECT c.oid::pg_catalog.regclass::text AS name,
       c.relkind,
       c.relpersistence,
       EXISTS (SELECT FROM pg_catalog.pg_trigger g
               WHERE g.tgrelid = c.oid AND NOT g.tgisinternal AND g.tgtype & 7 = 7
                 AND g.tgenabled IN ('A', CASE pg_catalog.current_setting('session_replication_role')
                                          WHEN 'replica' THEN 'R' ELSE 'O' END)
              ) AS before_insert_row
FROM tree t
JOIN pg_catalog.pg_class c ON c.oid = t.oid
ORDER BY 1
