DELETE FROM rowferry_split WHERE job = ?1
