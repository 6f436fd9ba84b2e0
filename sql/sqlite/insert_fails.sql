SELECT NOT EXISTS (SELECT 1 FROM sqlite_schema
                   WHERE type = 'trigger' AND tbl_name = ?1 COLLATE NOCASE)
       OR EXISTS (SELECT 1 FROM sqlite_schema
                  WHERE type = 'table' AND name = ?1 COLLATE NOCASE AND sql LIKE '%CONFLICT%')
