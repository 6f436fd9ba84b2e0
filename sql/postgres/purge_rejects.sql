UPDATE {schema}.reject
SET state = 'purged', kept = ''
WHERE job = $1 AND id > $2::bigint AND state = 'open'
  AND ($3::integer IS NULL OR split = $3::integer)
  AND ($4::text IS NULL OR kind = $4)
  AND ($5::text IS NULL OR code = $5)
  AND ($6::bigint IS NULL OR id = $6::bigint)
