A restart changes nothing about leases, blocked accounts and healthy flows.

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

0s   203.0.113.9  registers 302 port 5062
0s   203.0.113.9  registers 303 as 00:0F:D3:05:48:48 port 5063
1s   203.0.113.9  refused registration of 301 4 times        -> 301 blocked for 1h
2s   administrator opens lease for 00:0F:D3:05:48:48 with 303 budget 2     -> done
3s   203.0.113.9  refused registration of 303                -> forgiven
4s   stormdoor restarts
5s   203.0.113.9  asks for sip as 301                        -> blocked for 59m 56s
5s   203.0.113.9  passes port 5062                           -> yes
6s   203.0.113.9  refused registration of 303                -> forgiven
7s   203.0.113.9  refused registration of 303                -> 303 blocked for 1h
