SELECT seq FROM sqlite_sequence WHERE name = ?1 AND typeof(seq) = 'integer'
