SELECT owner_host, owner_pid, started_at, {now} - heartbeat_at AS silence
FROM {schema}.job WHERE name = $1
