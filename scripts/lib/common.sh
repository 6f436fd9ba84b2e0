# shellcheck shell=bash
# Sourced by every script: where the project is, how a script speaks, what it undoes when it ends.
set -euo pipefail
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

if [[ -t 2 && -z ${NO_COLOR:-} ]]; then
  BOLD=$'\e[1m' RED=$'\e[31m' PLAIN=$'\e[0m'
else
  BOLD='' RED='' PLAIN=''
fi

# Progress goes to stderr, results to stdout.
step() { printf '%s==> %s%s\n' "$BOLD" "$*" "$PLAIN" >&2; }
note() { printf '    %s\n' "$*" >&2; }
die() {
  printf '%s%s: %s%s\n' "$RED" "$(basename "$0")" "$*" "$PLAIN" >&2
  exit 1
}
usage_error() {
  printf '%s: %s (--help says more)\n' "$(basename "$0")" "$*" >&2
  exit 2
}

# The comment at the top of the script that runs is its help.
show_help() { awk 'NR == 1 { next } !/^#/ { exit } { sub(/^# ?/, ""); print }' "$0"; }
help_if_asked() {
  local arg
  for arg in "$@"; do
    case $arg in -h | --help) show_help; exit 0 ;; esac
  done
}

# need COMMAND…: stops with one message that names all that are missing.
need() {
  local command missing=()
  for command in "$@"; do
    command -v "$command" >/dev/null || missing+=("$command")
  done
  ((${#missing[@]} == 0)) || die "not installed: ${missing[*]} (scripts/setup installs them)"
}

# on_exit COMMAND…: done when the script ends, in whatever way; the last one first.
EXIT_COMMANDS=()
on_exit() { EXIT_COMMANDS=("$(printf '%q ' "$@")" "${EXIT_COMMANDS[@]}"); }
run_exit_commands() {
  local status=$? command
  trap '' INT TERM HUP # a second Ctrl-C must not stop the cleaning up
  trap - EXIT
  set +e
  for command in "${EXIT_COMMANDS[@]}"; do eval "$command"; done
  exit "$status"
}
trap run_exit_commands EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

# Makes $SCRATCH, a directory that goes when the script ends. It is TMPDIR too, so that what the
# programs started here leave behind goes with it.
make_scratch() {
  on_exit remove_scratch
  SCRATCH=$(make_folder "${TMPDIR:-/tmp}/rowferry.XXXXXX")
  chmod 711 "$SCRATCH" # tests act as another user in folders below it
  export TMPDIR=$SCRATCH
}

remove_scratch() { if [[ -n ${SCRATCH:-} ]]; then rm -rf "$SCRATCH"; fi; }
# make_folder TEMPLATE: a signal comes before it or after it, never before the name is told.
make_folder() { (trap '' INT TERM HUP && exec mktemp -d "$1"); }

# contained COMMAND…: runs it and waits. When it or the script ends, by a signal too, nothing that
# it started is left: stopped, deaf and orphaned processes and those in other sessions included.
# REQUIRES make_scratch: its TMPDIR marks what was started here.
contained() {
  local status=0
  on_exit end_contained # first: a signal may come at any moment
  set -m # without it, a background command would ignore SIGINT, and so would what it tests
  "$@" </dev/null &
  CONTAINED=$!
  set +m
  wait "$CONTAINED" || status=$?
  end_contained
  CONTAINED='' # the number may be another's from now on
  return "$status"
}
end_contained() {
  signal_contained TERM
  signal_contained CONT
  if contained_ends_within 3; then return; fi
  signal_contained KILL
  contained_ends_within 60 || true # longer takes only what the kernel itself holds up
}
contained_ends_within() {
  local end=$((SECONDS + $1))
  until [[ -z $(contained_processes) ]]; do
    ((SECONDS < end)) || return 1
    sleep 0.1
  done
}
signal_contained() {
  local process
  if [[ -n ${CONTAINED:-} ]]; then kill "-$1" -- "-$CONTAINED" 2>/dev/null || true; fi
  for process in $(contained_processes); do kill "-$1" "$process" 2>/dev/null || true; done
}
contained_processes() {
  (unset TMPDIR && grep -lzs "^TMPDIR=$SCRATCH" /proc/[0-9]*/environ | cut -d / -f 3) || true
}

# build PRESET [TARGET…]: configures and builds into build/PRESET, all targets unless some are named.
build() {
  local options=()
  if command -v ccache >/dev/null; then options+=(-DCMAKE_CXX_COMPILER_LAUNCHER=ccache); fi
  step "Building build/$1"
  (cd "$ROOT" && cmake --preset "$1" "${options[@]}" --log-level=WARNING >&2 &&
    cmake --build --preset "$1" ${2:+--target "${@:2}"} >&2)
}

# Sets ROWFERRY: the binary that the caller named so, or else the release build, made here.
find_rowferry() {
  if [[ -z ${ROWFERRY:-} ]]; then build release rowferry; fi
  ROWFERRY=$(realpath -e "${ROWFERRY:-$ROOT/build/release/rowferry}")
  export ROWFERRY
}
