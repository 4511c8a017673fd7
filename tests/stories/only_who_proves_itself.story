A healthy phone behind an address that swept is served if it proves itself; alone there is nobody to serve.

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
  distinct_macs = 4

0s  203.0.113.9  fetches as 00:0F:D3:05:48:48
1s  203.0.113.9  files of 4 unknown phones                    -> blocked for 1d as a sweep
2s  203.0.113.9  asks for provisioning                        -> only with proof for 23h 59m
2s  203.0.113.9  asks for sip                                 -> admitted
3s  203.0.113.10 files of 4 unknown phones                    -> blocked for 1d as a sweep
3s  203.0.113.10 asks for provisioning                        -> blocked for 1d
