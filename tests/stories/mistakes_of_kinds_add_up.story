Wrong passwords, wrong tokens and other phones' files are mistakes of one service and add up.

rules:
  [[network]]
  name = "Everywhere"
  prefixes = ["0.0.0.0/0", "::/0"]
  services = ["provisioning", "desk-login", "sip", "portal", "api"]

  [[limit]]
  service = "provisioning"
  failures = 3
  within = "1m"
  block_for = "10m"
  repeat = { factor = 2, max = "1h" }

0s  198.51.100.7  wrong password for provisioning "a"         -> counts 1 of 3
1s  198.51.100.7  wrong token "b"                             -> counts 2 of 3
2s  198.51.100.7  file of unknown phone 00:0F:D3:00:00:01     -> blocked for 10m
2s  198.51.100.7  file of unknown phone 00:0F:D3:00:00:02     -> not counted
# When the block is over, the count begins at nothing.
10m2s  198.51.100.7  wrong token "c"                          -> counts 1 of 3
