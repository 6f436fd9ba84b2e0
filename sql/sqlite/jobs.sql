SELECT name, source, target, mode, fingerprint, state, message, epoch, owner_host, owner_pid,
       created_at, started_at,
       max(heartbeat_at, (SELECT coalesce(max(heartbeat_at), 0) FROM rowferry_split
                          WHERE rowferry_split.job = rowferry_job.name)),
       finished_at, runs
FROM rowferry_job
ORDER BY name
