A guesser behind a shared address who takes a new source port for every try gets the limit and no more.

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
1s  203.0.113.9  refused registration of 301 at port 7001  -> counts 1 of 4
1s  203.0.113.9  refused registration of 301 at port 7002  -> counts 2 of 4
1s  203.0.113.9  refused registration of 301 at port 7003  -> counts 3 of 4
1s  203.0.113.9  refused registration of 301 at port 7004  -> 301 blocked for 1h
1s  203.0.113.9  asks for sip as 301                       -> blocked for 1h
