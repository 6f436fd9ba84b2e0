SELECT (SELECT count(*) FROM pragma_index_list(?1) WHERE origin <> 'pk'),
       (SELECT count(DISTINCT id) FROM pragma_foreign_key_list(?1)),
       (SELECT count(*) FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = ?1 COLLATE NOCASE),
       (SELECT count(*) FROM sqlite_schema
        WHERE type = 'table' AND name = ?1 COLLATE NOCASE AND sql LIKE '%CHECK%(%')
