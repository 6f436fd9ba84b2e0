UPDATE {schema}.run r
SET finished_at = {now}, state = $2, message = $3
FROM {schema}.job j
WHERE j.name = $1 AND r.job = j.name AND r.number = j.runs
