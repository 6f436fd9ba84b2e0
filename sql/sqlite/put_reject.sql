INSERT INTO rowferry_reject
  (id, job, split, state, "key", shown, kind, code, column_name, constraint_name, message, at, tries,
   kept)
SELECT CAST(value AS INTEGER), ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13
FROM rowferry_meta WHERE key = 'last_reject'
