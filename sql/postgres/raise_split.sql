UPDATE {schema}.split s
SET epoch = s.epoch OPERATOR(pg_catalog.+) 1
FROM {schema}.job j
WHERE j.name OPERATOR(pg_catalog.=) s.job AND j.epoch OPERATOR(pg_catalog.=) $3::bigint
  AND s.job OPERATOR(pg_catalog.=) $1 AND s.id OPERATOR(pg_catalog.=) $2::integer
RETURNING s.id, s.table_schema, s.table_name, s.source_table, s.prepared, s.stamp,
          s.estimated_rows, s.epoch, s.last_key, s.read, s.inserted, s.updated, s.unchanged,
          s.ignored, s.superseded, s.unmatched, s.suppressed, s.filtered, s.rejected, s.deleted, s.pending,
          s.chunks, s.done, s.digest, j.fingerprint
