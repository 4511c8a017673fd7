A flood from fifty thousand sources of one network does not make us forget who else was guessing.

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

  [guard]
  tracked_sources = 1000

0s   198.51.100.7   wrong password for portal "a"  -> counts 1 of 3
1s   198.51.100.7   wrong password for portal "b"  -> counts 2 of 3
2s   2001:db8:1::   floods from 50000 sources with portal
3s   198.51.100.7   wrong password for portal "c"  -> blocked for 10m
