UPDATE {schema}.job SET heartbeat_at = {now} WHERE name = $1 AND epoch = $2::bigint
