# shellcheck shell=bash
# A throwaway PostgreSQL server. Source after common.sh.
#
#   start_postgres [test|bench]   sets PG_PORT, PG_DIR and PG_URI (postgresql://postgres@127.0.0.1:…)
#   stop_postgres                 stops it and removes its files; done at exit in any case
#
# Superuser postgres (one named rowferry would have the ledger's schema in its search path), no
# password, 127.0.0.1 and a socket in PG_DIR. fsync stays on in both
# settings: tests crash the server, and a benchmark without it would flatter everybody.

PG_TEST_SETTINGS='
shared_buffers = 64MB
max_connections = 100
max_prepared_transactions = 5
'
PG_BENCH_SETTINGS='
shared_buffers = 1GB
max_wal_size = 8GB
autovacuum = off
max_connections = 100
'

# The newest server installed; Debian keeps its programs out of PATH.
find_pg_bin() {
  local dir
  dir=$(printf '%s\n' /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
  if [[ ! -x $dir/initdb ]]; then dir=$(dirname "$(command -v initdb || true)"); fi
  [[ -x $dir/initdb ]] || die "no PostgreSQL server is installed (scripts/setup installs one)"
  echo "$dir"
}

# PostgreSQL refuses to run as root. Without TMPDIR, the server is none of what `contained` ends.
as_pg_user() {
  local as_user=()
  if ((EUID == 0)); then as_user=(runuser -u "$(pg_user)" --); fi
  (cd "$PG_DIR" && env -u TMPDIR "${as_user[@]}" "$@")
}
pg_user() { if getent passwd postgres >/dev/null; then echo postgres; else echo nobody; fi; }

start_postgres() {
  local settings=$PG_TEST_SETTINGS try
  if [[ ${1:-test} == bench ]]; then settings=$PG_BENCH_SETTINGS; fi
  PG_BIN=$(find_pg_bin)
  # Not under TMPDIR: a socket's path has room for 107 bytes, and the server's user must get there.
  on_exit stop_postgres
  PG_DIR=$(make_folder /tmp/rowferry-pg.XXXXXX)
  if ((EUID == 0)); then chown "$(pg_user)" "$PG_DIR"; fi

  as_pg_user "$PG_BIN/initdb" -D "$PG_DIR/data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 \
    --no-sync >"$PG_DIR/initdb.log" 2>&1 || die "initdb failed: $(cat "$PG_DIR/initdb.log")"
  as_pg_user tee -a "$PG_DIR/data/postgresql.conf" >/dev/null <<<"$settings"

  for try in 1 2 3 4 5; do
    PG_PORT=$((20000 + RANDOM % 12000)) # below the ports that the kernel hands out
    if start_pg_server; then break; fi
    ((try < 5)) || die "PostgreSQL does not start: $(tail -n 20 "$PG_DIR/log")"
  done
  # shellcheck disable=SC2034 # for the scripts
  PG_URI=postgresql://postgres@127.0.0.1:$PG_PORT
}

start_pg_server() {
  as_pg_user "$PG_BIN/pg_ctl" start -s -w -D "$PG_DIR/data" -l "$PG_DIR/log" \
    -o "-p $PG_PORT -c listen_addresses=127.0.0.1 -c unix_socket_directories='$PG_DIR'" 2>/dev/null
}

stop_postgres() {
  [[ -d ${PG_DIR:-} ]] || return 0
  if [[ -f $PG_DIR/data/postmaster.pid ]]; then
    as_pg_user "$PG_BIN/pg_ctl" stop -s -w -m immediate -D "$PG_DIR/data" || true
  fi
  rm -rf "$PG_DIR"
}
