Just below that many unknown accounts, only the one that failed most is refused.

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
1s  203.0.113.9  refused registration of 901  -> counts 1 of 4
2s  203.0.113.9  refused registration of 902  -> counts 2 of 4
3s  203.0.113.9  refused registration of 903  -> counts 3 of 4
4s  203.0.113.9  refused registration of 902  -> 902 blocked for 1h
5s  203.0.113.9  asks for sip                 -> admitted
6s  203.0.113.9  refused registration of 904  -> counts 3 of 4
