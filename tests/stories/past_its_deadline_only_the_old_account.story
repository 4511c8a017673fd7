Past the deadline of its lease only the old account from that source is refused, and the administrator hears of it once.

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

0s     10.20.0.7  fetches as 00:0F:D3:05:48:48
1s     administrator opens lease for 00:0F:D3:05:48:48 with 301 for 5m  -> done
2s     10.20.0.7  refused registration of 301 3 times  -> forgiven
5m     10.20.0.7  refused registration of 301          -> forgiven
5m1s   stormdoor ticks                                 -> 00:0F:D3:05:48:48 did not come back
5m1s   10.20.0.7  refused registration of 301          -> 301 blocked for 1h
5m2s   stormdoor ticks                                 -> nothing
5m2s   10.20.0.7  asks for sip                         -> admitted
