SELECT list.name, list.type, list.wr, list.strict, coalesce(schema.sql, ''),
       EXISTS (SELECT 1 FROM sqlite_schema AS hook
               WHERE hook.type = 'trigger' AND hook.tbl_name = list.name COLLATE NOCASE
                 AND hook.sql LIKE '%RAISE%(%IGNORE%')
FROM pragma_table_list(?1) AS list
LEFT JOIN sqlite_schema AS schema ON schema.name = list.name AND schema.type IN ('table', 'view')
WHERE list.schema = 'main'
