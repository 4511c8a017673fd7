A file of another MAC than the one on the wire counts as a foreign file, once for each phone.

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

0s  10.20.0.7  file on the wire of another, of 00:0F:D3:05:48:48  -> counts 1 of 4
1s  10.20.0.7  file on the wire of another, of 00:0F:D3:05:48:48  -> same mistake
2s  10.20.0.7  file of foreign phone 00:0F:D3:05:48:49            -> counts 2 of 4
