Whoever guesses other accounts on the flow that he registered loses what that flow was good for.

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
0s  203.0.113.9  registers 303 port 5063
1s  203.0.113.9  refused registration of 301 at port 5062 3 times  -> counts 3 of 4
2s  203.0.113.9  refused registration of 301 at port 5062          -> 301 blocked for 1h
3s  203.0.113.9  passes port 5062                                  -> no
3s  203.0.113.9  passes port 5063                                  -> yes
