-- Those of the types that this role may give no column; of an array it is its elements'.
SELECT DISTINCT coalesce(e.oid, t.oid)::pg_catalog.regtype::text AS name
FROM pg_catalog.unnest({types}) spelling
JOIN pg_catalog.pg_type t ON t.oid = pg_catalog.to_regtype(spelling)
LEFT JOIN pg_catalog.pg_type e ON e.typarray = t.oid
WHERE NOT pg_catalog.has_type_privilege(t.oid, 'USAGE')
ORDER BY name
