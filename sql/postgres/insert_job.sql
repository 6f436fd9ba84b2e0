INSERT INTO {schema}.job (name, source, target, mode, fingerprint, settings, state, message, epoch,
                          owner_host, owner_pid, created_at, started_at, heartbeat_at, finished_at,
                          runs)
VALUES ($1, $2, $3, $4, $5, $9, 'running', '', $6::bigint, $7, $8::bigint, {now}, {now}, {now}, 0,
        1)
