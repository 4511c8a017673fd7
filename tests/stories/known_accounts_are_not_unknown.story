Accounts that were well behind an address do not count as unknown there.

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

0s  203.0.113.9  registers 301 port 5061
0s  203.0.113.9  registers 302 port 5062
0s  203.0.113.9  registers 303 port 5063
0s  203.0.113.9  registers 304 port 5064
1s  203.0.113.9  unregisters port 5062
1s  203.0.113.9  refused registration of 301  -> counts 1 of 4
2s  203.0.113.9  refused registration of 302  -> counts 2 of 4
3s  203.0.113.9  refused registration of 303  -> counts 3 of 4
4s  203.0.113.9  refused registration of 302  -> 302 blocked for 1h
