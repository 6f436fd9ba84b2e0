SELECT name FROM pragma_table_xinfo(?1) WHERE pk > 0 ORDER BY pk
