SELECT pg_catalog.setval({sequence_literal}::pg_catalog.regclass, m.value, true)
FROM (SELECT {extreme}({column})::bigint AS value FROM {table}) m, {sequence} s
WHERE m.value BETWEEN {minimum} AND {maximum}
  AND (m.value {beyond} s.last_value OR (m.value = s.last_value AND NOT s.is_called))
