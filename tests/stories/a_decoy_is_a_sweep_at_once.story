Who asks for the file of a decoy is blocked at once, over a proven path only.

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

  [mac_sweep]
  decoys = ["00:0F:D3:DE:C0:01"]

0s  10.20.0.7  file of unknown phone 00:0F:D3:DE:C0:01 over tftp  -> not counted
0s  10.20.0.7  asks for provisioning                              -> admitted
1s  10.20.0.7  file of unknown phone 00:0F:D3:DE:C0:02            -> counts 1 of 4
2s  10.20.0.7  file of unknown phone 00:0F:D3:DE:C0:01            -> blocked for 1d as a sweep
2s  10.20.0.7  why "asked for the file of a decoy"                -> is said
