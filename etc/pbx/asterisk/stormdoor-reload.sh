#!/bin/sh
# Makes Asterisk read the accounts that stormdoor has written, and looks whether it has them: the
# command of [pbx.accounts]. `asterisk -rx` ends well whatever the answer, so the answer is read.
# Standard input: "+NAME" for what is new or changed, "-NAME" for what is gone.
set -u
exec 3<&0
asterisk -rx 'module reload res_pjsip.so' >/dev/null || {
  echo 'Asterisk does not answer at its control socket' >&2
  exit 1
}
asterisk -rx 'pjsip show auths' |
  awk 'NR == FNR { if ($1 == "Auth:") { split($2, name, "/"); has[name[1]] = 1 } next }
       /^\+/ { if (!(substr($0, 2) in has)) { missing = substr($0, 2); exit } }
       /^-/ { if (substr($0, 2) in has) { surplus = substr($0, 2); exit } }
       END {
         if (missing != "") print "Asterisk has no account " missing > "/dev/stderr"
         if (surplus != "") print "Asterisk still has the account " surplus > "/dev/stderr"
         exit missing != "" || surplus != ""
       }' - /dev/fd/3
