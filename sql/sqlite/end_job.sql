UPDATE rowferry_job
SET state = ?2, message = ?3, heartbeat_at = ?4, finished_at = CASE ?2 WHEN 'done' THEN ?4 ELSE 0 END
WHERE name = ?1
