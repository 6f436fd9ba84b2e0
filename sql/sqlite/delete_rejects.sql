DELETE FROM rowferry_reject WHERE job = ?1 AND (?2 IS NULL OR split = ?2)
