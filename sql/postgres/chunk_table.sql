BEGIN;
-- Rows that are hidden from this role are there all the same: it is an error to ask then.
SET LOCAL row_security = off;
CREATE TEMPORARY TABLE rowferry_chunk AS SELECT {columns} FROM ONLY {table} WITH NO DATA
