SELECT split, state, kind, code, count(*) AS rows
FROM {schema}.reject WHERE job = $1
GROUP BY split, state, kind, code
ORDER BY split, state, kind, code
