UPDATE {schema}.job
SET state = $2, message = $3, heartbeat_at = {now}, finished_at = {now}
WHERE name = $1
