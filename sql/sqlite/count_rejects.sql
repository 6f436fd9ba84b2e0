SELECT split, state, kind, code, count(*) FROM rowferry_reject WHERE job = ?1
GROUP BY split, state, kind, code
ORDER BY split, state, kind, code
