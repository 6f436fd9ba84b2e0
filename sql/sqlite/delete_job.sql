DELETE FROM rowferry_job WHERE name = ?1
