Wrong PINs at a shared address refuse that extension there, not the office.

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

0s  203.0.113.9  registers 302 port 5062
1s  203.0.113.9  wrong pin for 301 "1111"  -> counts 1 of 3
2s  203.0.113.9  wrong pin for 301 "2222"  -> counts 2 of 3
3s  203.0.113.9  wrong pin for 301 "2222"  -> same mistake
4s  203.0.113.9  wrong pin for 301 "3333"  -> 301 blocked for 15m
5s  203.0.113.9  asks for desk-login       -> admitted
