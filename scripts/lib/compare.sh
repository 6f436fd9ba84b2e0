# shellcheck shell=bash
# Compares tables with the databases' own tools alone. Source after common.sh; needs make_scratch.
#
#   compare_tables SOURCE_DB TARGET   TARGET: another SQLite file, or a PostgreSQL URI
#
# prints, for every table of SOURCE_DB, the number of rows and a digest of them on both sides, and
# fails when any differs.

compare_tables() {
  local source=$1 target=$2 table here there verdict status=0
  local source_form=exact target_form=exact
  if [[ $target == postgresql:* ]]; then source_form=sqlite target_form=postgres; fi
  while read -r table; do
    here=$(dump_table "$source" "$(dump_sql "$source" "$table" $source_form)" | digest)
    there=$(dump_table "$target" "$(dump_sql "$source" "$table" $target_form)" | digest)
    verdict=equal
    if [[ $here != "$there" ]]; then verdict=DIFFERENT status=1; fi
    printf '    %-12s %s | %s  %s\n' "$table" "$here" "$there" "$verdict"
  done < <(sqlite3 "$source" "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
  return "$status"
}

# The rows, a zero byte after each, since texts may hold newlines.
dump_table() { # DATABASE SQL
  case $1 in
    postgresql:*) psql -qXAt0 -F $'\x1f' -P null=NULL -d "$1" -c "$2" ;;
    *)
      sqlite3 -separator $'\x1f' -newline $'\x1e' -nullvalue NULL "$1" "$2" | tr '\036' '\000'
      ;;
  esac
}

# Number and digest of the rows, put into an order that no collation decides.
digest() {
  LC_ALL=C sort -z >"$SCRATCH/rows"
  printf '%7d rows %.12s' "$(tr -cd '\000' <"$SCRATCH/rows" | wc -c)" "$(sha256sum <"$SCRATCH/rows")"
}

# The SELECT that dumps TABLE. Between two SQLite files quote() tells every value exactly, storage
# class included. PostgreSQL writes values in other ways: there, both sides bring each column to
# one form by its declared type.
dump_sql() { # SOURCE_DB TABLE exact|sqlite|postgres
  sqlite3 "$1" "
    WITH columns AS (SELECT '\"' || name || '\"' AS c, type FROM pragma_table_info('$2'))
    SELECT 'SELECT ' || group_concat(CASE '$3'
      WHEN 'exact' THEN 'quote(' || c || ')'
      WHEN 'sqlite' THEN CASE
        WHEN type LIKE 'NUMERIC%' THEN 'iif(' || c || ' IS NULL, NULL, printf(''%.2f'', ' || c || '))'
        WHEN type LIKE 'DOUBLE%' THEN 'iif(' || c || ' IS NULL, NULL, printf(''%.6f'', ' || c || '))'
        WHEN type = 'BLOB' THEN 'iif(' || c || ' IS NULL, NULL, hex(' || c || '))'
        ELSE c END
      WHEN 'postgres' THEN CASE
        WHEN type LIKE 'NUMERIC%' THEN 'to_char(' || c || ', ''FM99999999990.00'')'
        WHEN type LIKE 'DOUBLE%' THEN 'to_char(' || c || '::numeric, ''FM99999999990.000000'')'
        WHEN type = 'BLOB' THEN 'upper(encode(' || c || ', ''hex''))'
        WHEN type = 'BOOLEAN' THEN c || '::int'
        WHEN type = 'TIMESTAMP' THEN 'to_char(' || c || ', ''YYYY-MM-DD HH24:MI:SS.US'')'
        ELSE c END
      END) || ' FROM \"$2\"' FROM columns"
}
