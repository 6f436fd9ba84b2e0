SELECT pg_catalog.pg_relation_filenode($1::pg_catalog.oid)::text || ' '
       || pg_catalog.txid_snapshot_xmin(pg_catalog.txid_current_snapshot())
