A source that is blocked for SIP can still fetch its configuration, so that it can be mended.

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

0s  203.0.113.5  refused registration "a"            -> counts 1 of 3
0s  203.0.113.5  wrong password for provisioning "a" -> counts 1 of 20
0s  203.0.113.5  refused registration "b"            -> counts 2 of 3
0s  203.0.113.5  refused registration "c"            -> blocked for 10m
1s  203.0.113.5  asks for sip                        -> blocked for 9m 59s
1s  203.0.113.5  asks for provisioning               -> admitted
1s  203.0.113.5  asks for tftp                       -> admitted
