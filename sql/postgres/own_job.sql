UPDATE {schema}.job j
SET epoch = greatest(j.epoch, (SELECT max(s.epoch) FROM {schema}.split s WHERE s.job = j.name)) + 1,
    owner_host = $2, owner_pid = $3::bigint, heartbeat_at = {now}
WHERE j.name = $1
RETURNING j.epoch
