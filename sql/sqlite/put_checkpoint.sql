UPDATE rowferry_split
SET heartbeat_at = ?4, digest = ?5, last_key = ?6, chunks = ?7, done = ?8, "read" = ?9,
    inserted = ?10, updated = ?11, unchanged = ?12, ignored = ?13, superseded = ?14,
    unmatched = ?15, suppressed = ?16, filtered = ?17, rejected = ?18, deleted = ?19,
    pending = ?20
WHERE job = ?1 AND id = ?2 AND epoch = ?3
