DELETE FROM {schema}.backend WHERE job = $1
