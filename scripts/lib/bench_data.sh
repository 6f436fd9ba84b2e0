# shellcheck shell=bash
# The benchmark's tables, in SQLite and in PostgreSQL alike. Source after postgres.sh.
#
#   make_data TABLE ROWS   $DATA/TABLE.db, database source_TABLE and $DATA/TABLE.bin (COPY binary)
#   postgres_ddl TABLE     the CREATE TABLE for PostgreSQL; sqlite_ddl TABLE for SQLite

WIDE_COLUMNS=199 # besides the key

# A column of the wide table is an integer, a text or a double in turn.
wide_columns() { # INTEGER_TYPE TEXT_TYPE DOUBLE_TYPE
  local types=("$@") i
  for ((i = 1; i <= WIDE_COLUMNS; ++i)); do printf ', c%d %s' "$i" "${types[i % 3]}"; done
}
wide_values() {
  local i values=('h % 1000' "'value ' || (h % 977)" 'h / 64.0')
  for ((i = 1; i <= WIDE_COLUMNS; ++i)); do printf ', %s' "${values[i % 3]}"; done
}
wide_sql() {
  cat <<SQL
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
CREATE TABLE wide (id INTEGER PRIMARY KEY$(wide_columns BIGINT TEXT 'DOUBLE PRECISION'));
INSERT INTO wide
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < coalesce(:rows, 50000)),
  seeded AS (SELECT i, i * 2654435761 % 4294967296 AS h FROM n)
SELECT i$(wide_values) FROM seeded;
SQL
}

table_sql() {
  if [[ $1 == wide ]]; then wide_sql; else cat "$ROOT/fixtures/bench/$1.sql"; fi
}
sqlite_ddl() { sqlite3 "$DATA/$1.db" "SELECT sql || ';' FROM sqlite_schema WHERE name = '$1'"; }
postgres_ddl() {
  case $1 in
    orders) cat "$ROOT/fixtures/bench/orders.postgres.sql" ;;
    narrow) echo 'CREATE TABLE narrow (id bigint PRIMARY KEY, value bigint NOT NULL);' ;;
    wide) echo "CREATE TABLE wide (id bigint PRIMARY KEY$(wide_columns bigint text 'double precision'));" ;;
    fat) echo 'CREATE TABLE fat (id bigint PRIMARY KEY, body bytea NOT NULL);' ;;
  esac
}

# Every column as COPY's csv takes it.
csv_select() {
  sqlite3 "$DATA/$1.db" "SELECT 'SELECT ' || group_concat(CASE type
      WHEN 'BLOB' THEN '''\\x'' || nullif(hex(' || name || '), '''')' ELSE name END)
    || ' FROM $1' FROM pragma_table_info('$1')"
}

make_data() {
  local table=$1 rows=$2
  step "Making $table: $rows rows"
  rm -f "$DATA/$table".*
  table_sql "$table" >"$DATA/make.sql"
  sqlite3 "$DATA/$table.db" ".parameter set :rows $rows" ".read $DATA/make.sql" >/dev/null
  bench_psql postgres -c "DROP DATABASE IF EXISTS source_$table" -c "CREATE DATABASE source_$table"
  postgres_ddl "$table" | bench_psql "source_$table"
  sqlite3 -csv "$DATA/$table.db" "$(csv_select "$table")" |
    bench_psql "source_$table" -c "\\copy $table FROM STDIN (FORMAT csv)"
  bench_psql "source_$table" -c "VACUUM (ANALYZE) $table" \
    -c "\\copy $table TO '$DATA/$table.bin' (FORMAT binary)"
}
bench_psql() { PGOPTIONS='-c client_min_messages=warning' psql -qXAt -v ON_ERROR_STOP=1 -d "$PG_URI/$1" "${@:2}"; }
