A phone that proves which one it is keeps its count wherever it goes.

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

0s  10.20.0.7  refused registration of 301 by 00:0F:D3:05:48:48 on the wire  -> counts 1 of 4
1s  10.20.0.8  refused registration of 301 by 00:0F:D3:05:48:48 on the wire  -> counts 1 of 4
2s  10.20.0.9  refused registration of 301 by 00:0F:D3:05:48:48 on the wire  -> counts 1 of 4
3s  10.20.0.10  refused registration of 301 by 00:0F:D3:05:48:48 on the wire  -> blocked for 1h
4s  10.20.0.10  why "wherever it went"                         -> is said
