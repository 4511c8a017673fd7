Several distinct unknown accounts from a shared address are an attack on it as a whole, and registered flows pass all the same.

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

0s  203.0.113.9  registers 302 port 5062
1s  203.0.113.9  refused registration of 901 at port 6001  -> counts 1 of 4
2s  203.0.113.9  refused registration of 902 at port 6002  -> counts 2 of 4
3s  203.0.113.9  refused registration of 903 at port 6003  -> counts 3 of 4
4s  203.0.113.9  refused registration of 904 at port 6004  -> blocked for 1h
4s  203.0.113.9  asks for sip                              -> blocked for 1h
4s  203.0.113.9  passes port 5062                          -> yes
4s  203.0.113.9  passes port 6004                          -> no
4s  203.0.113.9  passes port 5062 tcp                      -> no
5s  203.0.113.9  asks for provisioning                     -> admitted
6s  203.0.113.9  unregisters port 5062
6s  203.0.113.9  passes port 5062                          -> no
