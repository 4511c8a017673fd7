A phone that asks for another phone's file again and again makes one mistake; one that asks for many is blocked.

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

0s  10.20.0.7  file of foreign phone 00:0F:D3:05:48:48  -> counts 1 of 3
1s  10.20.0.7  file of foreign phone 000fd3054848       -> same mistake
2s  10.20.0.7  file of foreign phone 00:0F:D3:05:48:49  -> counts 2 of 3
3s  10.20.0.7  wrong token "guessed"                    -> blocked for 10m
4s  10.20.0.7  asks for provisioning                    -> blocked for 9m 59s
