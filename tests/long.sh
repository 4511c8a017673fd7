#!/usr/bin/env bash
# What is too long for every day: format and clang-tidy, each fuzzer for a while (SECONDS_EACH, ten
# minutes by default), the long tests.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/packages.sh
install_packages lint
tests/lint.sh
cmake --preset fuzz >/dev/null
cmake --build build/fuzz >build/fuzz/build.log 2>&1 || { grep -E 'error|FAILED' -A5 build/fuzz/build.log; exit 1; }
for fuzzer in build/fuzz/bin/*_fuzz; do
  subject=$(basename "$fuzzer" _fuzz)
  mkdir -p "build/fuzz/found/$subject"
  echo "== fuzz: $subject"
  "$fuzzer" -max_total_time="${SECONDS_EACH:-600}" -max_len=8192 -timeout=20 -print_final_stats=1 \
    "build/fuzz/found/$subject" "tests/fuzz/corpus/$subject" 2>&1 | grep -E 'number_of_executed|BINGO|ERROR|SUMMARY' || true
  ! ls crash-* leak-* timeout-* oom-* 2>/dev/null || { echo "$subject: findings"; exit 1; }
done
STORMDOOR_LONG_TESTS=1 ctest --test-dir build --output-on-failure -L '^system$'
