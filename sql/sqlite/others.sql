SELECT name, iif(type = 'view', 'view', 'virtual table') FROM pragma_table_list
WHERE schema = 'main' AND type IN ('view', 'virtual')
ORDER BY name
