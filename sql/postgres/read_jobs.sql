SELECT name, source, target, mode, fingerprint, {settings}, state, message, epoch, owner_host,
       owner_pid, created_at, started_at, heartbeat_at, finished_at, runs
FROM {schema}.job
ORDER BY name COLLATE "C"
