A lease follows its phone to a new address, by a binding, and what the phone did there before is forgiven.

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

0s   10.20.0.7  fetches as 00:0F:D3:05:48:48
1s   administrator opens lease for 00:0F:D3:05:48:48 with 301       -> done
2s   10.20.0.90  refused registration of 301 3 times  -> counts 3 of 4
3s   10.20.0.90  refused registration of 301          -> blocked for 1h
4s   phone 00:0F:D3:05:48:48 is seen at 10.20.0.90                  -> 10.20.0.90/32 is let in again
5s   10.20.0.90  refused registration of 301          -> forgiven
