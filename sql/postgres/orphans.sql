-- The rows of the chunk, by number, that refer to a row which is not in the table; beside each the
-- rows of the chunk that could be the one (where the table refers to itself). The cast makes t the
-- whole row, also where a column is called t.
WITH chunk AS (SELECT pg_catalog.row_number() OVER (ORDER BY t.ctid) - 1 AS n,
                      t.*::pg_temp.rowferry_chunk AS t
               FROM pg_temp.rowferry_chunk t)
SELECT c.n AS row, {parent_in_chunk} AS parent
FROM chunk c {with_chunk}
WHERE ({refers}) AND NOT EXISTS (SELECT FROM {only} {parent} p WHERE {present})
ORDER BY c.n
