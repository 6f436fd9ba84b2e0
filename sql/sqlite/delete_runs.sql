DELETE FROM rowferry_run WHERE job = ?1
