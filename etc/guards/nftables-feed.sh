#!/bin/sh
# Takes stormdoor's list of blocked sources over into nftables on another machine, say the router. On
# the machine that stormdoor runs on, its own enforcement does this at once and better.
#
#   nftables-feed.sh https://stormdoor.example:9470/api/v1/blocks.txt?service=sip /etc/stormdoor-token
#
# From a timer, once a minute. Fetches only when the list has changed (ETag), replaces table
# `inet stormdoor_feed` in one transaction, and leaves it as it was when anything fails. Needs curl
# (--cacert AUTHORITY in CURL_OPTIONS for stormdoor's own certificates) and nft. NFT=... names
# another program than nft, for a trial.
set -eu
url=$1
token_file=$2
state=${STATE_DIRECTORY:-/var/lib/stormdoor-feed}
mkdir -p "$state"
cd "$state"

# The token goes in by a file: other users can read arguments.
printf 'header = "Authorization: Bearer %s"\n' "$(cat "$token_file")" >curl.conf.new
chmod 600 curl.conf.new
mv curl.conf.new curl.conf
status=$(curl --config curl.conf ${CURL_OPTIONS:-} --silent --show-error --max-time 30 \
  --max-filesize 16777216 --etag-compare etag --etag-save etag.new \
  --output list.new --write-out '%{http_code}' "$url")
[ "$status" = 304 ] && exit 0
[ "$status" = 200 ] || { echo "the list was answered with $status" >&2; exit 1; }

# Nothing but addresses may reach nft.
members() {
  grep -v '^#' list.new | grep -E "$1" | paste -sd, -
}
v4=$(members '^[0-9]+(\.[0-9]+){3}(/[0-9]+)?$' || true)
v6=$(members '^[0-9a-f:]*:[0-9a-f:.]*(/[0-9]+)?$' || true)
{
  echo 'table inet stormdoor_feed {}'
  echo 'delete table inet stormdoor_feed'
  echo 'table inet stormdoor_feed {'
  echo "  set blocked4 { type ipv4_addr; flags interval; auto-merge; ${v4:+elements = { $v4 \}} }"
  echo "  set blocked6 { type ipv6_addr; flags interval; auto-merge; ${v6:+elements = { $v6 \}} }"
  echo '  chain forward { type filter hook forward priority -10; policy accept;'
  echo '    ip saddr @blocked4 meta l4proto { tcp, udp } th dport { 5060, 5061 } drop'
  echo '    ip6 saddr @blocked6 meta l4proto { tcp, udp } th dport { 5060, 5061 } drop'
  echo '  }'
  echo '}'
} >rules
${NFT:-nft} -f rules
mv etag.new etag
