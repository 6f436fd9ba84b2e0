SELECT id, split, state, key, shown, kind, code, column_name, constraint_name, message, at, tries,
       pg_catalog.encode(kept, 'hex') AS kept
FROM (SELECT r.*, sum(octet_length(r.kept)) OVER (ORDER BY r.id) - octet_length(r.kept) AS before
      FROM (SELECT * FROM {schema}.reject
            WHERE job = $1 AND id > $2::bigint
              AND ($3::text IS NULL OR state = $3)
              AND ($4::integer IS NULL OR split = $4::integer)
              AND ($5::text IS NULL OR kind = $5)
              AND ($6::text IS NULL OR code = $6)
              AND ($7::bigint IS NULL OR id = $7::bigint)
            ORDER BY id LIMIT 1000) r) page
WHERE before < 4194304
ORDER BY id
