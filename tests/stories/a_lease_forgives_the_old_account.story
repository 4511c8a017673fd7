A lease forgives a phone its old account, where the phone is known to be, and nobody else anything.

rules:
  [[network]]
  name = "Everywhere"
  prefixes = ["0.0.0.0/0", "::/0"]
  services = ["provisioning", "desk-login", "sip", "portal", "api"]

  [[limit]]
  service = "sip"
  failures = 4
  within = "10m"
  block_for = "1h"

  [[limit]]
  service = "provisioning"
  failures = 4
  within = "10m"
  block_for = "1h"

  [[limit]]
  service = "desk-login"
  failures = 3
  within = "10m"
  block_for = "15m"

0s    10.20.0.7  fetches as 00:0F:D3:05:48:48
1s    administrator opens lease for 00:0F:D3:05:48:48 with 301 budget 8 for 15m  -> done
2s    10.20.0.7  refused registration of 301 8 times       -> forgiven
3s    10.20.0.7  asks for sip                              -> admitted
3s    10.20.0.7  excused                                   -> no
4s    10.20.0.8  refused registration of 301               -> counts 1 of 4
5s    10.20.0.7  refused registration of 302               -> counts 1 of 4
6s    10.20.0.7  wrong pin for 301 "1234"                  -> counts 1 of 3
7s    10.20.0.7  why "8 of 8 failures forgiven"            -> is said
