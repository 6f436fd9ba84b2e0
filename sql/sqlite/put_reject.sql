INSERT INTO rowferry_reject
  (job, split, state, "key", shown, kind, code, column_name, constraint_name, message, at, tries,
   kept)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
