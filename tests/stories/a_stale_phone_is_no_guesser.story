A phone that still has its own previous password is told to reprovision and never blocked; another's old password counts.

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

0s   10.20.0.7  refused registration of 301 by 00:0F:D3:05:48:48 with its old password 50 times  -> stale
1s   10.20.0.7  asks for sip                                     -> admitted
1s   10.20.0.7  why "it needs to reprovision"                    -> is said
2s   10.20.0.8  refused registration of 301 with another's old password  -> counts 1 of 4
