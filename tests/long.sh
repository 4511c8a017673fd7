#!/usr/bin/env bash
# What is too long for every day: format and clang-tidy, each fuzzer for a while, the long tests.
#   tests/long.sh                   all of it
#   tests/long.sh config csv ...    these fuzzers only
# A fuzzer gets SECONDS_EACH (ten minutes by default) of processor time, so that a busy machine
# takes longer, not looks less. What it has found lies in build/fuzz/found/SUBJECT.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/packages.sh
seconds_each=${SECONDS_EACH:-600}
slice=60

TIMEFORMAT='%U %S'  # of `time`: user and system seconds

# fuzz SUBJECT: slices of wall time until the processor time is used up, or something is found.
fuzz() {
  local subject=$1 found=build/fuzz/found/$1 spent=0 executions=0
  mkdir -p "$found/corpus" "$found/findings"
  while ((spent < seconds_each)); do
    local wall=$((seconds_each - spent < slice ? seconds_each - spent : slice))
    if ! { time "build/fuzz/bin/${subject}_fuzz" -max_total_time="$wall" -max_len=8192 -timeout=20 \
      -print_final_stats=1 -artifact_prefix="$found/findings/" "$found/corpus" \
      "tests/fuzz/corpus/$subject" >"$found/log" 2>&1; } 2>"$found/time"; then
      tail -n 60 "$found/log"
      echo "fuzz: $subject: found something: $found/findings"
      return 1
    fi
    spent=$((spent + $(awk 'END { printf "%d", $1 + $2 }' "$found/time")))
    executions=$((executions + $(sed -nE 's/^stat::number_of_executed_units: *//p' "$found/log")))
  done
  echo "fuzz: $subject: $executions executions in $spent s of processor time, nothing found"
}

fuzzers() {
  mkdir -p build/fuzz
  cmake --preset fuzz >/dev/null
  cmake --build build/fuzz >build/fuzz/build.log 2>&1 || { grep -E 'error|FAILED' -A5 build/fuzz/build.log; exit 1; }
  local subjects=("$@") failed=0
  if (($# == 0)); then
    mapfile -t subjects < <(ls build/fuzz/bin/*_fuzz | xargs -n 1 basename -s _fuzz)
  fi
  for subject in "${subjects[@]}"; do
    fuzz "$subject" || failed=1
  done
  return $failed
}

if (($# > 0)); then
  install_packages lint
  fuzzers "$@"
  exit
fi
install_packages lint
tests/lint.sh
fuzzers
STORMDOOR_LONG_TESTS=1 ctest --test-dir build --output-on-failure -L '^(system|bench/storm)$'
