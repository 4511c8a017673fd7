Past the budget of its lease only the old account from that source is refused, never the address.

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
1s   administrator opens lease for 00:0F:D3:05:48:48 with 301 budget 3  -> done
2s   10.20.0.7  refused registration of 301 3 times  -> forgiven
3s   10.20.0.7  refused registration of 301          -> 301 blocked for 1h
4s   10.20.0.7  refused registration of 301 50 times -> not forgiven
5s   10.20.0.7  asks for sip as 301                  -> blocked for 59m 58s
5s   10.20.0.7  asks for sip                         -> admitted
5s   10.20.0.7  asks for provisioning                -> admitted
6s   administrator opens lease for 00:0F:D3:05:48:48 with 301 budget 10  -> 10.20.0.7/32 301 is let in again
7s   10.20.0.7  refused registration of 301          -> forgiven
