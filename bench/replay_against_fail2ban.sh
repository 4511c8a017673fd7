#!/usr/bin/env bash
# How much faster is a journal replayed than fail2ban-regex digests as many lines? In one run, CPU
# time of both: 20,000 lines of Asterisk's security log against a million journalled failures, each
# per line.   bench/replay_against_fail2ban.sh [build/bin/journal_bench]
set -euo pipefail
bench=${1:-build/bin/journal_bench}
lines=20000
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

awk -v lines=$lines 'BEGIN {
  for (i = 0; i < lines; ++i)
    printf "[2026-03-01 %02d:%02d:%02d] SECURITY[1234] res_security_log.c: SecurityEvent=\"ChallengeResponseFailed\",EventTV=\"2026-03-01T00:00:00.000+0000\",Severity=\"Error\",Service=\"PJSIP\",EventVersion=\"1\",AccountID=\"2041\",SessionID=\"%08x\",LocalAddress=\"IPV4/UDP/192.0.2.1/5060\",RemoteAddress=\"IPV4/UDP/10.%d.%d.%d/5060\",Challenge=\"1\",Response=\"2\",ExpectedResponse=\"\"\n", \
      int(i / 3600) % 24, int(i / 60) % 60, i % 60, i, int(i / 65536), int(i / 256) % 256, i % 256
}' > "$dir/security.log"

TIMEFORMAT='%U %S'
{ time fail2ban-regex "$dir/security.log" asterisk > "$dir/answer"; } 2> "$dir/time"
grep -q "$lines matched" "$dir/answer" || { echo "fail2ban-regex did not match every line"; exit 1; }
read -r user system < "$dir/time"

"$bench" --benchmark_filter='replay_a_million/10$' --benchmark_format=csv 2> /dev/null > "$dir/csv"
milliseconds=$(awk -F, '/replay_a_million/ { print $4 }' "$dir/csv")

awk -v user="$user" -v system_="$system" -v lines=$lines -v ms="$milliseconds" 'BEGIN {
  theirs = (user + system_) * 1e6 / lines; ours = ms * 1e3 / 1e6
  printf "fail2ban-regex %.1f us a line, replay %.2f us an event: %.0f times\n", theirs, ours, theirs / ours
}'
