SELECT pg_catalog.to_char(pg_catalog.pg_postmaster_start_time(), 'YYYYMMDDHH24MISSUS')
       || '/' || d.oid
FROM pg_catalog.pg_database d
WHERE d.datname = pg_catalog.current_database()
