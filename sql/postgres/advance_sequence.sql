SELECT pg_catalog.setval({sequence_literal}::pg_catalog.regclass, m.value, true)
FROM (SELECT {extreme}(v.value) AS value
      FROM (SELECT {extreme}({column})::bigint AS value FROM {table}
            UNION ALL SELECT {last_value}) v
      WHERE v.value BETWEEN {minimum} AND {maximum}) m,
     {sequence} s
WHERE m.value {beyond} s.last_value OR (m.value = s.last_value AND NOT s.is_called)
