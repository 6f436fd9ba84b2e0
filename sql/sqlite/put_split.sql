INSERT INTO rowferry_split
  (job, id, target_table, source_table, prepared, stamp, estimated_rows, epoch, heartbeat_at,
   digest, last_key, chunks, done, "read", inserted, updated, unchanged, ignored, superseded,
   unmatched, suppressed, filtered, rejected, deleted, pending)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20,
        ?21, ?22, ?23, ?24, ?25)
