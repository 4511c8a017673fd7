#!/bin/sh
# CrowdSec (1.4, Debian 12) can run no command before it decides: its whitelists are lists, written
# before the event. So decisions on excused addresses are lifted right after they were made. Run it
# every few seconds from a systemd timer (OnUnitActiveSec=5s, AccuracySec=1s). Between a decision and
# the next run the address is refused by CrowdSec's bouncer: this narrows the gap, it does not close
# it. Where that is not enough, leave SIP to stormdoor and remove the collection crowdsecurity/asterisk.
#
# Needs cscli and, to read its output, jq. Lifts decisions on single addresses that CrowdSec made
# itself, no bans by an administrator or from a list.
set -eu
cscli decisions list --origin crowdsec --output json |
  jq -r '.[]? | .decisions[]? | select(.scope == "Ip") | .value' |
  sort -u |
  while read -r address; do
    if stormdoor excused "$address" >/dev/null 2>&1; then
      cscli decisions delete --ip "$address"
    fi
  done
