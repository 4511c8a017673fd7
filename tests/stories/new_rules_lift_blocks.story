Rules that come to say never_block lift the blocks they would not have made, and keep the others.

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

  [[limit]]
  service = "portal"
  failures = 3
  within = "1m"
  block_for = "10m"
  repeat = { factor = 2, max = "1h" }

0s  10.20.0.7  refused registration "a"       -> counts 1 of 3
0s  10.20.0.7  refused registration "b"       -> counts 2 of 3
0s  10.20.0.7  refused registration "c"       -> blocked for 10m
0s  10.20.0.7  wrong password for portal "a"  -> counts 1 of 3
0s  10.20.0.7  wrong password for portal "b"  -> counts 2 of 3
0s  10.20.0.7  wrong password for portal "c"  -> blocked for 10m

rules:
  [[network]]
  name = "Everywhere"
  prefixes = ["0.0.0.0/0", "::/0"]
  services = ["provisioning", "desk-login", "sip", "portal", "api"]
  never_block = true

1s  10.20.0.7  asks for sip                   -> admitted
1s  10.20.0.7  asks for portal                -> blocked for 9m 59s
2s  stormdoor restarts
2s  10.20.0.7  asks for sip                   -> admitted
2s  10.20.0.7  asks for portal                -> blocked for 9m 58s
