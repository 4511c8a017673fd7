Two wrong passwords and then the right one block nobody.

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

0s   198.51.100.7  wrong password for portal "123456"    -> counts 1 of 3
10s  198.51.100.7  wrong password for portal "letmein"   -> counts 2 of 3
20s  198.51.100.7  succeeds with portal
21s  198.51.100.7  asks for portal                       -> admitted
21s  198.51.100.7  why "2 different mistakes with portal within 1m; 3 lead to a block"  -> is said
