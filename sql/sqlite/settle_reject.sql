DELETE FROM rowferry_reject WHERE job = ?1 AND split = ?2 AND state = ?3 AND id = ?4
