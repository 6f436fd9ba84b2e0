SELECT pg_catalog.setval({sequence_literal}::pg_catalog.regclass, m.value, true)
FROM (SELECT {extreme}(v.value)::bigint AS value
      FROM (SELECT {extreme}({column}) AS value FROM {table}
            WHERE {column} BETWEEN {minimum} AND {maximum}
            UNION ALL SELECT {last_value}) v
      WHERE v.value BETWEEN {minimum} AND {maximum}) m,
     {sequence} s
WHERE m.value {beyond} s.last_value OR (m.value = s.last_value AND NOT s.is_called)
