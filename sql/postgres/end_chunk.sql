SET CONSTRAINTS ALL IMMEDIATE;
{require_shape};
UPDATE {schema}.split
SET last_key = {key}, read = {read}, inserted = {inserted}, updated = {updated},
    unchanged = {unchanged}, ignored = {ignored}, superseded = {superseded},
    unmatched = {unmatched}, suppressed = {suppressed}, filtered = {filtered},
    rejected = {rejected}, deleted = {deleted}, pending = {pending}, chunks = {chunks}, done = {done},
    digest = {digest}
WHERE job OPERATOR(pg_catalog.=) {job} AND id OPERATOR(pg_catalog.=) {id};
COMMIT
