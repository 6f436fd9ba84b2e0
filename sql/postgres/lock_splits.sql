SELECT done FROM {schema}.split WHERE job = $1 ORDER BY id FOR UPDATE
