One phone whose account was removed, behind an address that healthy phones share, loses that account there and nothing else.

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
0s   203.0.113.9  registers 303 port 5063
5s   203.0.113.9  refused registration of 301 at port 5061 "one"    -> counts 1 of 4
30s  203.0.113.9  refused registration of 301 at port 5061 "two"    -> counts 2 of 4
55s  203.0.113.9  refused registration of 301 at port 5061 "three"  -> counts 3 of 4
80s  203.0.113.9  asks for sip as 301                               -> admitted
80s  203.0.113.9  refused registration of 301 at port 5061 "four"   -> 301 blocked for 1h
81s  203.0.113.9  asks for sip as 301                               -> blocked for 59m 59s
81s  203.0.113.9  asks for sip as 302                               -> admitted
81s  203.0.113.9  asks for provisioning                             -> admitted
81s  203.0.113.9  passes port 5062                                  -> yes
82s  203.0.113.9  refused registration of 301 at port 5061 "five" 20 times  -> not counted
82s  203.0.113.9  asks for sip                                      -> admitted
82s  203.0.113.9  excused                                           -> yes
83s  203.0.113.9  why "healthy share the address"                   -> is said
