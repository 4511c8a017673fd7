Three wrong passwords within a minute block the address for ten minutes.

rules:
  [[network]]
  name = "Everywhere"
  prefixes = ["0.0.0.0/0", "::/0"]
  services = ["provisioning", "desk-login", "sip", "portal", "api"]

  [[limit]]
  service = "portal"
  failures = 3
  within = "1m"
  block_for = "10m"
  repeat = { factor = 2, max = "1h" }

0s      198.51.100.7  asks for portal                        -> admitted
0s      198.51.100.7  wrong password for portal "123456"     -> counts 1 of 3
20s     198.51.100.7  wrong password for portal "letmein"    -> counts 2 of 3
59s     198.51.100.7  wrong password for portal "qwerty"     -> blocked for 10m
59s     198.51.100.7  asks for portal                        -> blocked for 10m
59s     198.51.100.8  asks for portal                        -> admitted
10m58s  198.51.100.7  asks for portal                        -> blocked for 1s
10m59s  198.51.100.7  asks for portal                        -> admitted
