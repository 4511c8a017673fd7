A block that stands without a phone's failures is not lifted by its lease.

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

0s   phone 00:0F:D3:05:48:48 is seen at 10.20.0.7         -> done
1s   10.20.0.7  refused registration of 302 4 times  -> blocked for 1h
2s   administrator opens lease for 00:0F:D3:05:48:48 with 301      -> done
3s   10.20.0.7  asks for sip                         -> blocked for 59m 58s
