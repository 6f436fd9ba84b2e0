# shellcheck shell=bash
# What bad rows cost: the main table with 0, 1, 100 and 10,000 rows, at random places, that a CHECK of
# the target refuses. Source after bench_data.sh and bench_contenders.sh, in scripts/bench.

BAD_ROWS=(0 1 100 10000)
PGLOADER_PATIENCE=120 # seconds: with 10,000 bad rows it does not end within eight minutes
declare -A REJECT_GOALS=([1]=1.1 [100]=2 [10000]=12) # times as long as without bad rows

# What prepare makes of the target's empty table.
checked_ddl() {
  postgres_ddl orders
  echo 'ALTER TABLE orders ADD CHECK (customer_id > 0);'
}

make_bad_rows() { # ROWS COUNT
  cp "$DATA/orders.db" "$DATA/orders_$2.db"
  {
    echo 'CREATE TEMP TABLE bad (id INTEGER PRIMARY KEY); BEGIN;'
    random_ids "$1" "$2" | sed 's/.*/INSERT INTO bad VALUES (&);/'
    echo 'UPDATE orders SET customer_id = 0 WHERE id IN (SELECT id FROM bad); COMMIT;'
  } | sqlite3 "$DATA/orders_$2.db"
}
# The same in every run.
random_ids() { # ROWS COUNT
  local i
  RANDOM=1
  for ((i = 0; i < 3 * $2; ++i)); do echo $(((RANDOM << 15 | RANDOM) % $1 + 1)); done |
    awk -v count="$2" '!seen[$0]++ && ++found <= count'
}

# rowferry ends with 3 where it kept rows aside; pgloader with what it likes.
reject_command() { # WHO
  if [[ $1 == rowferry ]]; then
    # shellcheck disable=SC2016 # for the shell that runs it
    echo '"$ROWFERRY" copy "$FROM_DB" "$INTO_PG" --table orders --max-rejects 100% --quiet; (($? % 3 == 0))'
  else
    # shellcheck disable=SC2016
    echo "timeout $PGLOADER_PATIENCE"' pgloader --quiet "$LOAD_FILE" || (($? != 124)) || exit 124'
  fi
}

# Medians, and how many times as long as without bad rows.
show_rejects() { # WHO…
  local who count time clean peak goal
  echo
  echo '| | bad rows | seconds | times without | goal | peak, MiB |'
  echo '|---|---|---|---|---|---|'
  for who in "$@"; do
    clean=$(median "$(results '0 bad rows' "$who")" 1)
    for count in "${BAD_ROWS[@]}"; do
      time=$(median "$(results "$count bad rows" "$who")" 1)
      peak=$(median "$(results "$count bad rows" "$who")" 2)
      goal=''
      if [[ $who == rowferry ]]; then goal=${REJECT_GOALS[$count]:-}; fi
      awk -v who="$who" -v count="$count" -v time="$time" -v clean="$clean" -v peak="$peak" \
        -v goal="$goal" -v patience="$PGLOADER_PATIENCE" 'BEGIN {
          ended = who == "pgloader" && time >= patience ? "> " : ""
          verdict = goal == "" ? "" : "≤ " goal (time / clean <= goal ? " met" : " **missed**")
          printf "| %s | %d | %s%.2f | %s%.2f | %s | %.0f |\n", who, count, ended, time, ended,
            time / clean, verdict, peak / 1024 }'
    done
  done
}
