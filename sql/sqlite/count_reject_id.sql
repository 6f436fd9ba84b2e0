INSERT INTO rowferry_meta (key, value) VALUES ('last_reject', 1)
ON CONFLICT (key) DO UPDATE SET value = CAST(value AS INTEGER) + 1
