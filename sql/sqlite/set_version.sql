UPDATE rowferry_meta SET value = ?1 WHERE key = 'version'
