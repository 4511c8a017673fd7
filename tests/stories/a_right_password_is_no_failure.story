A phone whose password is right and that the PBX refuses for other reasons (no AOR, too many contacts) is never blocked.

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

0s  10.20.0.7  refused registration of 301 with its right password 50 times  -> no failure
1s  10.20.0.7  asks for sip                                                  -> admitted
1s  10.20.0.7  why "the PBX refused for other reasons"                       -> is said
