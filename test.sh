#!/usr/bin/env bash
# Builds and runs every test.
#   ./test.sh               everything under release; units, stories and corpora under the address and
#                           undefined-behaviour sanitizers; what has threads under the thread sanitizer
#   ./test.sh FOLDER        the everyday loop: the tests of one folder (acl, tftp-http, ...)
#   ./test.sh --long        all of it, and format, clang-tidy, ten minutes of each fuzzer, and soaks
set -euo pipefail
cd "$(dirname "$0")"
source scripts/packages.sh
jobs=$(nproc)
total=0

# build PRESET DIRECTORY [target...]
build() {
  local preset=$1 directory=$2; shift 2
  echo "== build: $preset"
  local log=$directory/build.log
  mkdir -p "$directory"
  cmake --preset "$preset" >"$log" 2>&1 || { tail -n 20 "$log"; exit 1; }
  cmake --build "$directory" --parallel "$jobs" ${1:+--target "$@"} >"$log" 2>&1 ||
    { grep -E 'error|FAILED' -A6 "$log" | head -n 80; exit 1; }
}

# run NAME DIRECTORY ctest-arguments...
run() {
  local name=$1 directory=$2 log; shift 2
  log=$directory/tests.log
  echo "== test: $name"
  ctest --test-dir "$directory" --output-on-failure --parallel "$jobs" --no-tests=error "$@" >"$log" 2>&1 ||
    { grep -vE '^ *[0-9]+/[0-9]+ .* Passed|^ +Start ' "$log" | tail -n 200; exit 1; }
  grep -E 'tests passed' "$log"
  total=$((total + $(sed -nE 's/.* out of ([0-9]+).*/\1/p' "$log")))
}

mkdir -p build
install_packages build test
if [[ $# -gt 0 && $1 != --long ]]; then
  target="${1//[\/-]/_}_test"
  build debug build/debug "$target"
  exec ctest --test-dir build/debug --output-on-failure --parallel "$jobs" --no-tests=error -L "^$1\$"
fi

build release build
run "release: everything" build
build asan build/asan units
# 40 MB in 512-byte steps through each real TFTP client is for the release run: minutes here, nothing new.
run "address and undefined-behaviour sanitizers" build/asan -LE '^(system|bench|repository)$' -E 'RealClient|NOT_BUILT'
build tsan build/tsan base_loop_test base_store_test acl_test tftp_http_test edge_test
run "thread sanitizer" build/tsan -L '^(base/loop|base/store|acl|tftp-http|edge)$' -E 'RealClient|PowerLoss|Kill'
[[ ${1:-} == --long ]] && tests/long.sh
echo "$total passed, 0 failed"
