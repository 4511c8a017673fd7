#!/usr/bin/env bash
# Builds stormdoor and lets a sample office boot from it, with an attacker at the door.
#   ./run.sh          then leaves the daemon running until Ctrl-C
#   ./run.sh --once   then stops
set -euo pipefail
cd "$(dirname "$0")"
source scripts/packages.sh

install_packages build
mkdir -p build
cmake --preset release >build/build.log 2>&1 || { tail -n 20 build/build.log; exit 1; }
cmake --build build --target stormdoord stormdoor >build/build.log 2>&1 || { grep -E 'error|FAILED' -A5 build/build.log; exit 1; }
exec build/bin/stormdoor demo "$@"
