SELECT (SELECT count(*) FROM pg_catalog.pg_index i
        WHERE i.indrelid = $1::pg_catalog.oid AND NOT i.indisprimary),
       (SELECT count(*) FROM pg_catalog.pg_constraint c
        WHERE c.conrelid = $1::pg_catalog.oid AND c.contype = 'f'),
       (SELECT count(*) FROM pg_catalog.pg_trigger t
        WHERE t.tgrelid = $1::pg_catalog.oid AND NOT t.tgisinternal),
       EXISTS (SELECT FROM pg_catalog.pg_constraint c
               WHERE c.conrelid = $1::pg_catalog.oid AND c.contype = 'c')
