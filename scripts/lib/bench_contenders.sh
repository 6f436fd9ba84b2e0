# shellcheck shell=bash
# Who runs against whom, one line each:
#
#   direction | who | kind | goal for ours / theirs | target before | command
#
# kind: us, floor (what the databases themselves can do) or peer (another tool). The target holds
# the empty `table` with its primary key, or is `empty`. The commands run in bash and see TABLE,
# FROM_DB and INTO_DB (SQLite files), FROM_PG and INTO_PG (URIs), COPY_FILE (COPY binary of the
# table), LOAD_FILE and CREATE_FILE (pgloader's command files), and ROWFERRY.
contenders() {
  cat <<'TABLE'
SQLite → PostgreSQL|rowferry|us||table|"$ROWFERRY" copy "$FROM_DB" "$INTO_PG" --table $TABLE --yes --quiet
SQLite → PostgreSQL|psql \copy binary|floor|1.10|table|psql -qX "$INTO_PG" -c "\copy $TABLE FROM '$COPY_FILE' (FORMAT binary)"
SQLite → PostgreSQL|pgloader|peer|0.25|table|pgloader --quiet "$LOAD_FILE"
SQLite → PostgreSQL|ogr2ogr|peer|0.33|table|ogr2ogr -f PostgreSQL "PG:$INTO_PG" "$FROM_DB" $TABLE -append -preserve_fid -gt unlimited --config PG_USE_COPY YES
SQLite → PostgreSQL, creating|rowferry|us||empty|"$ROWFERRY" copy "$FROM_DB" "$INTO_PG" --table $TABLE --yes --quiet
SQLite → PostgreSQL, creating|pgloader|peer|0.33|empty|pgloader --quiet "$CREATE_FILE"
PostgreSQL → PostgreSQL|rowferry|us||table|"$ROWFERRY" copy "$FROM_PG" "$INTO_PG" --table $TABLE --yes --quiet
PostgreSQL → PostgreSQL|psql COPY binary, piped|floor|1.15|table|psql -qX "$FROM_PG" -c "COPY $TABLE TO STDOUT (FORMAT binary)" | psql -qX "$INTO_PG" -c "COPY $TABLE FROM STDIN (FORMAT binary)"
PostgreSQL → PostgreSQL|pgcopydb|peer|0.75|empty|pgcopydb clone --source "$FROM_PG" --target "$INTO_PG" --table-jobs 2 --index-jobs 2 --dir "$TMPDIR/pgcopydb" --restart
PostgreSQL → PostgreSQL|pg_dump, pg_restore|peer|0.85|table|pg_dump -Fc -Z0 -a -t $TABLE -d "$FROM_PG" | pg_restore -d "$INTO_PG" -a
PostgreSQL → SQLite|rowferry|us||table|"$ROWFERRY" copy "$FROM_PG" "$INTO_DB" --table $TABLE --yes --quiet
PostgreSQL → SQLite|psql COPY csv, .import|floor|0.70|table|psql -qX "$FROM_PG" -c "COPY $TABLE TO STDOUT (FORMAT csv)" | sqlite3 "$INTO_DB" ".import --csv /dev/stdin $TABLE"
PostgreSQL → SQLite|ogr2ogr|peer|0.22|empty|ogr2ogr -f SQLite "$INTO_DB" "PG:$FROM_PG" $TABLE -gt unlimited --config OGR_SQLITE_SYNCHRONOUS OFF --config OGR_PG_CURSOR_PAGE 10000
SQLite → SQLite|rowferry|us||table|"$ROWFERRY" copy "$FROM_DB" "$INTO_DB" --table $TABLE --yes --quiet
SQLite → SQLite|ATTACH, INSERT SELECT|floor|2.0|table|sqlite3 "$INTO_DB" "ATTACH '$FROM_DB' AS source; INSERT INTO main.$TABLE SELECT * FROM source.$TABLE"
SQLite → SQLite|.dump, sqlite3|peer|0.30|empty|sqlite3 "$FROM_DB" ".dump $TABLE" | sqlite3 "$INTO_DB"
TABLE
}

# shellcheck disable=SC2034 # scripts/bench uses it
PGLOADER_CREATE='include drop, create tables, create indexes, reset sequences'

# pgloader reads its settings from a file; pgloader_file WITH…
# Of those tried on two cores, these were the fastest: larger batches and prefetches, other numbers
# of workers and one reader were slower by 5 to 40 %.
pgloader_file() {
  cat <<SETTINGS
LOAD DATABASE FROM sqlite://$FROM_DB INTO $INTO_PG
WITH $1, workers = 4, concurrency = 2
SET synchronous_commit TO 'off', maintenance_work_mem TO '512MB';
SETTINGS
}
