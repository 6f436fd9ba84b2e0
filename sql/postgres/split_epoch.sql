SELECT epoch FROM {schema}.split WHERE job = $1 AND id = $2::integer FOR UPDATE
