DELETE FROM rowferry_meta WHERE key = ?1
