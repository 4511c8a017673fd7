What a refused account tries on, where nothing stops it on its way, counts against nobody behind its router.

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

# AA:... is the router, on whose MAC everybody behind it is seen.
0s   203.0.113.9  registers 305 port 5065
1s   203.0.113.9  refused registration of 301 by AA:00:00:00:00:01 on the wire 4 times  -> 301 blocked for 1h
60s  203.0.113.9  refused registration of 301 by AA:00:00:00:00:01 on the wire 3 times  -> not counted
61s  203.0.113.9  refused registration of 302 by AA:00:00:00:00:01 on the wire          -> counts 1 of 4
