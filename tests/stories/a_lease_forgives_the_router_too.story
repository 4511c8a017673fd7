What a lease forgives counts no longer against the router that its phone is behind, nor against the phone.

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

# AA:... is the router, on whose MAC everybody behind it is seen.
0s   phone 00:0F:D3:05:48:48 is seen at 10.20.0.7         -> done
1s   10.20.0.7  refused registration of 301 by AA:00:00:00:00:01 on the wire  -> counts 1 of 4
2s   10.20.0.7  refused registration of 301 by AA:00:00:00:00:01 on the wire  -> counts 2 of 4
3s   10.20.0.7  refused registration of 301 by AA:00:00:00:00:01 on the wire  -> counts 3 of 4
4s   administrator opens lease for 00:0F:D3:05:48:48 with 301  -> done
5s   10.20.0.7  refused registration of 302 by AA:00:00:00:00:01 on the wire  -> counts 1 of 4
6s   10.20.0.8  refused registration of 302 by AA:00:00:00:00:01 on the wire  -> counts 1 of 4
7s   10.20.0.7  asks for sip                              -> admitted
# A phone that is seen itself.
10s  10.20.0.9  refused registration of 303 by 00:0F:D3:05:48:49 on the wire  -> counts 1 of 4
11s  10.20.0.9  refused registration of 303 by 00:0F:D3:05:48:49 on the wire  -> counts 2 of 4
12s  10.20.0.9  refused registration of 303 by 00:0F:D3:05:48:49 on the wire  -> counts 3 of 4
13s  administrator opens lease for 00:0F:D3:05:48:49 with 303  -> done
14s  administrator closes lease of 00:0F:D3:05:48:49           -> done
15s  10.20.0.10  refused registration of 304 by 00:0F:D3:05:48:49 on the wire  -> counts 1 of 4
