SELECT count(*) FROM rowferry_split WHERE job = ?1 AND (NOT done OR pending <> 0)
