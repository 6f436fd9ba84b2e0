DELETE FROM {schema}.reject
WHERE job OPERATOR(pg_catalog.=) $1 AND split OPERATOR(pg_catalog.=) $2
  AND state OPERATOR(pg_catalog.=) $3 AND id OPERATOR(pg_catalog.=) ANY ($4)
