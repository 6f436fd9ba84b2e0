SELECT pg_catalog.has_column_privilege($1::pg_catalog.regclass, $2, 'INSERT')
