UPDATE {schema}.job
SET epoch = epoch + 1, owner_host = $2, owner_pid = $3::bigint, heartbeat_at = {now}
WHERE name = $1
RETURNING epoch
