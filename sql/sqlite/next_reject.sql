SELECT id, split, state, "key", shown, kind, code, column_name, constraint_name, message, at, tries,
       kept
FROM rowferry_reject
WHERE job = ?1 AND id > ?2
  AND (?3 IS NULL OR state = ?3)
  AND (?4 IS NULL OR split = ?4)
  AND (?5 IS NULL OR kind = ?5)
  AND (?6 IS NULL OR code = ?6)
  AND (?7 IS NULL OR id = ?7)
ORDER BY id LIMIT 1
