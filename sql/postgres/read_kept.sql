SELECT pg_catalog.encode(pg_catalog.substring(kept, $3::integer + 1, {piece}), 'hex') AS kept
FROM {schema}.reject
WHERE job = $1 AND id = $2::bigint
