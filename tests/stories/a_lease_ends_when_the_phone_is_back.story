A lease ends with a registration by the new credentials, or with the new configuration and half a minute of quiet.

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

0s    10.20.0.7  fetches as 00:0F:D3:05:48:48
1s    administrator opens lease for 00:0F:D3:05:48:48 with 301       -> done
2s    10.20.0.7  registers 301 as 00:0F:D3:05:48:48 port 5060
3s    stormdoor ticks                                  -> nothing
4s    10.20.0.7  registers 901 as 00:0F:D3:05:48:48 fresh port 5060
5s    stormdoor ticks                                  -> 00:0F:D3:05:48:48 is back
6s    administrator opens lease for 00:0F:D3:05:48:49 with 302       -> done
10s   10.20.0.8  fetches as 00:0F:D3:05:48:49
20s   10.20.0.8  refused registration of 302           -> forgiven
49s   stormdoor ticks                                  -> nothing
50s   stormdoor ticks                                  -> 00:0F:D3:05:48:49 is back
51s   10.20.0.8  refused registration of 302           -> counts 1 of 4
