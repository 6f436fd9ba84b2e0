SELECT s.id, s.table_schema, s.table_name, s.source_table, s.prepared, s.stamp, s.estimated_rows,
       s.epoch, s.last_key, s.read, s.inserted, s.updated, s.unchanged, s.ignored, s.superseded,
       s.unmatched, s.suppressed, s.filtered, s.rejected, s.deleted, {pending}, s.chunks, s.done, s.digest,
       j.fingerprint
FROM {schema}.split s
JOIN {schema}.job j ON j.name OPERATOR(pg_catalog.=) s.job
WHERE s.job OPERATOR(pg_catalog.=) $1
  AND ($2::integer IS NULL OR s.id OPERATOR(pg_catalog.=) $2::integer)
ORDER BY s.id
