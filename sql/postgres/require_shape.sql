DO $$ BEGIN
  IF NOT coalesce(({hash_now}) OPERATOR(pg_catalog.=) {hash}, false) THEN
    RAISE EXCEPTION 'the table was altered or replaced while this run was under way'
      USING ERRCODE = 'RF002';
  END IF;
END $$
