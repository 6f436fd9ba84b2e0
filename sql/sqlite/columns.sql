SELECT name, type, "notnull", dflt_value, hidden FROM pragma_table_xinfo(?1)
WHERE hidden <> 1
ORDER BY cid
