UPDATE {schema}.job
SET state = 'running', message = '', runs = runs + 1, started_at = {now}, heartbeat_at = {now},
    finished_at = 0
WHERE name = $1 AND epoch = $2::bigint
