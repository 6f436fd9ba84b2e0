UPDATE rowferry_reject
SET state = 'purged', kept = x''
WHERE job = ?1 AND id > ?2 AND state = 'open'
  AND (?3 IS NULL OR state = ?3)
  AND (?4 IS NULL OR split = ?4)
  AND (?5 IS NULL OR kind = ?5)
  AND (?6 IS NULL OR code = ?6)
  AND (?7 IS NULL OR id = ?7)
