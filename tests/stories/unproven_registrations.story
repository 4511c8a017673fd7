Registrations whose sender proved nothing are held against nobody.

rules:
  [[network]]
  name = "Everywhere"
  prefixes = ["0.0.0.0/0", "::/0"]
  services = ["provisioning", "desk-login", "sip", "portal", "api"]

  [[limit]]
  service = "sip"
  failures = 3
  within = "1m"
  block_for = "10m"
  repeat = { factor = 2, max = "1h" }

0s  198.51.100.7  refused registration "a" over udp, unproven  -> not counted
0s  198.51.100.7  refused registration "b" over udp, unproven  -> not counted
0s  198.51.100.7  refused registration "c" over udp, unproven  -> not counted
0s  198.51.100.7  refused registration "d" over udp, unproven  -> not counted
1s  198.51.100.7  asks for sip                                 -> admitted
1s  198.51.100.7  asks for tftp                                -> admitted
