Where nobody healthy shares the address, the source as a whole is blocked, and provisioning stays open.

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

0s   203.0.113.9  refused registration of 301 3 times  -> counts 3 of 4
1s   203.0.113.9  asks for sip                         -> admitted
1s   203.0.113.9  refused registration of 301          -> blocked for 1h
1s   203.0.113.9  asks for sip                         -> blocked for 1h
1s   203.0.113.9  asks for provisioning                -> admitted
1s   203.0.113.9  excused                              -> no
