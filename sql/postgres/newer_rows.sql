-- Rows show the lower 32 bits of their transaction's number; a visible one is not beyond our
-- snapshot's end, which gives the upper bits.
WITH now AS (
  SELECT pg_catalog.txid_snapshot_xmax(pg_catalog.txid_current_snapshot()) AS xmax
), numbered AS (
  SELECT (n.xmax & ~4294967295) | t.xmin::text::bigint AS xid, n.xmax
  FROM {table} t, now n
)
SELECT 1 FROM numbered
WHERE CASE WHEN xid > xmax THEN xid - 4294967296 ELSE xid END >= $1::bigint
LIMIT 1
