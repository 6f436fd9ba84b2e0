SELECT epoch FROM rowferry_job WHERE name = ?1
