Trying which extensions exist is metered, and never leads to a block.

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

  [sip_probes]
  answers = 30
  within = "1m"
  meter_for = "10m"

0s   203.0.113.9  probes 29 times                     -> not metered
60s  203.0.113.9  probes 29 times                     -> not metered
61s  203.0.113.9  probes 1 times                      -> metered for 10m
61s  203.0.113.9  asks for sip                        -> admitted
61s  203.0.113.9  why "metered rate"                  -> is said
