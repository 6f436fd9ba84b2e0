UPDATE rowferry_split SET epoch = ?2 WHERE job = ?1
