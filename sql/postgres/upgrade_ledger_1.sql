ALTER TABLE {schema}.split ADD COLUMN pending bigint NOT NULL DEFAULT 0;
