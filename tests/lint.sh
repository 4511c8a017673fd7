#!/usr/bin/env bash
# clang-format and clang-tidy (19: 14 cannot read g++ 12's <expected>) over everything of ours.
set -euo pipefail
cd "$(dirname "$0")/.."
mapfile -t sources < <(git ls-files '*.cpp' '*.hpp')
clang-format-19 --dry-run --Werror "${sources[@]}"
echo "clang-format: clean"
cmake --preset lint >/dev/null
git ls-files '*.cpp' | grep -v '_fuzz.cpp$' |
  xargs -P "$(nproc)" -n 4 clang-tidy-19 -p build/lint --quiet 2>/dev/null
echo "clang-tidy: clean"
