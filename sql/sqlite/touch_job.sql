UPDATE rowferry_job SET heartbeat_at = ?2 WHERE name = ?1
