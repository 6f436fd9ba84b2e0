UPDATE rowferry_run
SET state = ?2, message = ?3, finished_at = ?4
WHERE job = ?1 AND run = (SELECT runs FROM rowferry_job WHERE name = ?1)
