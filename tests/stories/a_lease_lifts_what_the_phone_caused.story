A block that a phone's own failures had caused is lifted when its lease opens, also after a restart.

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
1s   10.20.0.7  refused registration of 301 3 times  -> counts 3 of 4
2s   10.20.0.7  refused registration of 302          -> blocked for 1h
3s   stormdoor restarts
4s   10.20.0.7  asks for sip                         -> blocked for 59m 58s
5s   phone 00:0F:D3:05:48:48 is seen at 10.20.0.7                  -> done
6s   administrator opens lease for 00:0F:D3:05:48:48 with 301      -> 10.20.0.7/32 is let in again
7s   10.20.0.7  asks for sip                         -> admitted
# What others did there still counts.
8s   10.20.0.7  refused registration of 302          -> counts 2 of 4
