INSERT INTO rowferry_meta (key, value) VALUES (?1, ?2) ON CONFLICT DO NOTHING
