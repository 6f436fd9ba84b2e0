UPDATE rowferry_job
SET state = 'running', message = '', started_at = ?2, heartbeat_at = ?2, finished_at = 0,
    runs = runs + 1
WHERE name = ?1
