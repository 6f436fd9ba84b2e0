SELECT (SELECT system_identifier FROM pg_catalog.pg_control_system())::text || '/' || d.oid
FROM pg_catalog.pg_database d
WHERE d.datname = pg_catalog.current_database()
