The most specific prefix decides, whichever network it stands in.

rules:
  [[network]]
  name = "Everybody"
  prefixes = ["10.0.0.0/8", "fd00::/8"]
  services = ["provisioning", "sip"]
  [[network]]
  name = "Guests"
  prefixes = ["10.20.0.0/16"]
  services = []
  [[network]]
  name = "Administrators among the guests"
  prefixes = ["10.20.30.0/24", "10.20.99.7", "fd00:20::/48"]
  services = ["portal", "provisioning"]

0s  10.1.2.3       asks for provisioning  -> admitted
0s  10.1.2.3       asks for portal        -> not allowed
0s  10.20.0.1      asks for provisioning  -> not allowed
0s  10.20.30.1     asks for provisioning  -> admitted
0s  10.20.30.1     asks for portal        -> admitted
0s  10.20.30.1     asks for sip           -> not allowed
0s  10.20.99.7     asks for portal        -> admitted
0s  10.20.99.8     asks for portal        -> not allowed
0s  fd00:20::1     asks for portal        -> admitted
0s  fd00:21::1     asks for portal        -> not allowed
0s  192.0.2.1      asks for sip           -> not allowed
0s  192.0.2.1      why "belongs to no network"  -> is said
0s  10.20.30.1     why "Administrators among the guests"  -> is said
