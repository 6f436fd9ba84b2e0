ALTER TABLE {schema}.split ADD COLUMN pending bigint NOT NULL DEFAULT 0;
ALTER TABLE {schema}.job ADD COLUMN settings text NOT NULL DEFAULT '';
