SELECT value FROM rowferry_meta WHERE key = ?1
