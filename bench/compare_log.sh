#!/usr/bin/env bash
# CPU time per line of an Asterisk security log: our follower beside fail2ban-regex, on the same file
# in the same run. Usage: bench/compare_log.sh [LINES], default 20,000 (fail2ban takes its time).
set -euo pipefail
cd "$(dirname "$0")/.."
lines=${1:-20000}
bench=${LOG_BENCH:-build/bin/log_bench}
command -v fail2ban-regex >/dev/null || { echo "fail2ban is not installed" >&2; exit 1; }
[ -x "$bench" ] || { echo "$bench is missing; build it first" >&2; exit 1; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# An attempt of an unknown account as PJSIP writes it: four lines, many sources.
awk -v count="$lines" -v day="$(date +%F)" 'BEGIN {
  for (i = 0; n < count; ++i) {
    session = i "-1161802338-1677340342"
    remote = "IPV4/TLS/10." int(i / 50000) % 250 "." int(i / 200) % 250 "." i % 200 "/5061"
    for (step = 0; step < 4 && n < count; ++step) {
      event = step == 1 ? "ChallengeSent" : step == 3 ? "ChallengeResponseFailed" : "InvalidAccountID"
      account = step % 2 ? "<unknown>" : "2041"
      tail = step == 1 ? ",Challenge=\"\"" : step == 3 ? sprintf(",Challenge=\"1432446136/6d16ccf29ff59d423c6d548af%07d\",Response=\"849dfcf133d8156f77ef11a9194119df\",ExpectedResponse=\"\"", i) : ""
      printf "[%s 08:15:30] SECURITY[4583] res_security_log.c: SecurityEvent=\"%s\",EventTV=\"%sT08:15:30.296+0000\",Severity=\"Error\",Service=\"PJSIP\",EventVersion=\"1\",AccountID=\"%s\",SessionID=\"%s\",LocalAddress=\"IPV4/TLS/192.0.2.1/5061\",RemoteAddress=\"%s\"%s\n", day, event, day, account, session, remote, tail
      ++n
    }
  }
}' >"$work/security.log"

TIMEFORMAT='%U %S'
cpu() { { time "$@" >"$work/out" 2>&1; } 2>&1 | tail -1 | awk '{ print $1 + $2 }'; }

head -1 "$work/security.log" >"$work/one.log"
start=$(cpu fail2ban-regex "$work/one.log" asterisk)
all=$(cpu fail2ban-regex "$work/security.log" asterisk)
theirs=$(awk -v a="$all" -v s="$start" -v n="$lines" 'BEGIN { printf "%.2f", (a - s) / n * 1e6 }')
grep -E '^Lines:|^Failregex' "$work/out" | sed 's/^/fail2ban-regex: /'

ours=$(STORMDOOR_LOG=$work/security.log "$bench" --benchmark_filter=follow_file \
  --benchmark_min_time=1 --benchmark_format=csv 2>/dev/null |
  awk -F, '/^"follow_file/ { printf "%.3f", 1e6 / $7 }')
awk -v t="$theirs" -v o="$ours" 'BEGIN {
  printf "fail2ban %s us per line, stormdoor %s us per line: %.0f times as many per CPU second\n",
    t, o, t / o }'
