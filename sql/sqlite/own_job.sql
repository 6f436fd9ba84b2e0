UPDATE rowferry_job
SET epoch = epoch + 1, owner_host = ?2, owner_pid = ?3, heartbeat_at = ?4
WHERE name = ?1
