SELECT epoch FROM {schema}.job WHERE name = $1 FOR UPDATE
