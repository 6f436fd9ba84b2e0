WITH RECURSIVE above AS (
  SELECT i.inhparent AS oid FROM pg_catalog.pg_inherits i WHERE i.inhrelid = $1::pg_catalog.oid
  UNION
  SELECT i.inhparent FROM above a JOIN pg_catalog.pg_inherits i ON i.inhrelid = a.oid
), below AS (
  SELECT i.inhrelid AS oid FROM pg_catalog.pg_inherits i WHERE i.inhparent = $1::pg_catalog.oid
  UNION
  SELECT i.inhrelid FROM below b JOIN pg_catalog.pg_inherits i ON i.inhparent = b.oid
)
SELECT n.nspname, c.relname
FROM (SELECT oid FROM above UNION SELECT oid FROM below) kin
JOIN pg_catalog.pg_class c ON c.oid = kin.oid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
