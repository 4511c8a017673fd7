#!/usr/bin/env bash
# Builds portal/web into one C++ source:   scripts/build_portal.sh OUTPUT
# What was built from the same sources before is taken from build/portal/, so that every preset's build
# does not do it again.
set -euo pipefail
cd "$(dirname "$0")/.."
output=$(realpath -m "$1")
web=portal/web

complain() {
  echo "portal: $*" >&2
  exit 1
}

command -v node >/dev/null || complain "Node.js is missing; ./run.sh installs it, or apt-get install nodejs npm"
command -v npm >/dev/null || complain "npm is missing; ./run.sh installs it, or apt-get install npm"
(($(node -p 'process.versions.node.split(".")[0]') >= 18)) || complain "Node.js $(node --version) is too old; 18 or later is needed"

sources() {
  find "$web/src" "$web/public" -type f
  printf '%s\n' "$web"/{index.html,package.json,package-lock.json,.npmrc,tsconfig.json,vite.config.ts,embed.mjs}
}
digest() { LC_ALL=C sort | xargs -d '\n' sha256sum | sha256sum | cut -c1-24; }

mkdir -p build/portal
exec 9>build/portal/lock
flock 9
built=build/portal/$(sources | digest).cpp
if [[ ! -f $built ]]; then
  packages=$(printf '%s\n' "$web"/{package-lock.json,.npmrc} | digest)
  if [[ $(cat "$web/node_modules/.installed" 2>/dev/null) != "$packages" ]]; then
    npm --prefix "$web" ci --ignore-scripts --no-audit --no-fund --loglevel=error
    echo "$packages" >"$web/node_modules/.installed"
  fi
  npm --prefix "$web" run --silent build
  node "$web/embed.mjs" "$built.new"
  mv "$built.new" "$built"
fi
cmp -s "$built" "$output" || cp "$built" "$output"
touch "$output"
