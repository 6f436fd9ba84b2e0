-- A ledger of format 1 has no column settings: there the name means that of the outer query.
SELECT name, source, target, mode, fingerprint, state, message, epoch, owner_host, owner_pid,
       created_at, started_at,
       max(heartbeat_at, (SELECT coalesce(max(heartbeat_at), 0) FROM rowferry_split
                          WHERE rowferry_split.job = j.name)),
       finished_at, runs, (SELECT settings FROM rowferry_job AS own WHERE own.name = j.name)
FROM rowferry_job AS j, (SELECT '' AS settings) AS format_1
ORDER BY name
