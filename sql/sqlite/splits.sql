-- A ledger of format 1 has no column "pending": there the name means that of the outer query.
SELECT s.id, s.target_table, s.source_table, s.prepared, s.stamp, s.estimated_rows, s.epoch,
       s.digest, s.last_key, s.chunks, s.done, s."read", s.inserted, s.updated, s.unchanged,
       s.ignored, s.superseded, s.unmatched, s.suppressed, s.filtered, s.rejected, s.deleted,
       (SELECT pending FROM rowferry_split AS own WHERE own.job = s.job AND own.id = s.id)
FROM rowferry_split AS s, (SELECT 0 AS pending) AS format_1
WHERE s.job = ?1
ORDER BY s.id
