SELECT id, target_table, source_table, prepared, stamp, estimated_rows, epoch, digest, last_key,
       chunks, done, "read", inserted, updated, unchanged, ignored, superseded, unmatched,
       suppressed, filtered, rejected, deleted, pending
FROM rowferry_split
WHERE job = ?1 AND id = ?2
