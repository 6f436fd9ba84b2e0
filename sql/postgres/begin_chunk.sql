BEGIN;
SET LOCAL synchronous_commit = off;
SELECT {schema}.lock_split({job}, {id}, {epoch}, {chunks}, {key})
