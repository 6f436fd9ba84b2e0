INSERT INTO {schema}.split (job, id, table_schema, table_name, source_table, prepared, stamp,
                            estimated_rows, epoch, digest)
VALUES ($1, $2::integer, $3, $4, $5, $6, $7, $8::bigint, $9::bigint, $10)
