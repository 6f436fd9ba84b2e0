UPDATE rowferry_reject
SET state = ?5, kind = ?6, code = ?7, column_name = ?8, constraint_name = ?9, message = ?10,
    at = ?11, tries = ?12, kept = ?13
WHERE job = ?1 AND split = ?2 AND state = ?3 AND id = ?4
