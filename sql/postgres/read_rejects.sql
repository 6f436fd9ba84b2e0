SELECT id, split, state, key, shown, kind, code, column_name, constraint_name, message, at, tries,
       octet_length(kept) AS kept_bytes,
       CASE WHEN octet_length(kept) <= {piece} THEN pg_catalog.encode(kept, 'hex') END AS kept
FROM (SELECT r.*, sum(octet_length(r.kept)) OVER (ORDER BY r.id) - octet_length(r.kept) AS before
      FROM (SELECT * FROM {schema}.reject
            WHERE job = $1 AND id > $2::bigint
              AND ($3::integer IS NULL OR split = $3::integer)
              AND ($4::text IS NULL OR kind = $4)
              AND ($5::text IS NULL OR code = $5)
              AND ($6::bigint IS NULL OR id = $6::bigint)
              AND ($7::text IS NULL OR state = $7)
            ORDER BY id LIMIT 1000) r) page
WHERE before < 4194304
ORDER BY id
