SELECT FROM {schema}.split
WHERE job OPERATOR(pg_catalog.=) $1 AND id OPERATOR(pg_catalog.=) $2::integer
FOR UPDATE
