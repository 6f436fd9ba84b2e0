UPDATE {schema}.reject
SET state = $4, kind = $5, code = $6, column_name = $7, constraint_name = $8, message = $9,
    at = $10, tries = $11, kept = $12
WHERE job OPERATOR(pg_catalog.=) $1 AND split OPERATOR(pg_catalog.=) $2
  AND state OPERATOR(pg_catalog.=) $3 AND id OPERATOR(pg_catalog.=) $13
