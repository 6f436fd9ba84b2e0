DELETE FROM rowferry_split WHERE job = ?1 AND id = ?2
