DELETE FROM {schema}.job WHERE name = $1
