SELECT done AND pending = 0 FROM {schema}.split WHERE job = $1 ORDER BY id FOR UPDATE
