UPDATE {schema}.split SET epoch = $2::bigint WHERE job = $1
