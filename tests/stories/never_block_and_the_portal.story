In a never_block network registrations and provisioning never block, wrong portal passwords still do.

rules:
  [[network]]
  name = "Head office phones"
  prefixes = ["10.20.0.0/16"]
  services = ["provisioning", "desk-login", "sip", "portal"]
  never_block = true

  [[limit]]
  service = "sip"
  failures = 3
  within = "1m"
  block_for = "10m"
  repeat = { factor = 2, max = "1h" }

  [[limit]]
  service = "provisioning"
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

0s   10.20.0.7  refused registration "a"                  -> not counted
1s   10.20.0.7  refused registration "b"                  -> not counted
2s   10.20.0.7  refused registration "c"                  -> not counted
3s   10.20.0.7  refused registration "d"                  -> not counted
4s   10.20.0.7  asks for sip                              -> admitted
4s   10.20.0.7  why "its network is never blocked for that"  -> is said
5s   10.20.0.7  wrong token "a"                           -> not counted
6s   10.20.0.7  wrong token "b"                           -> not counted
7s   10.20.0.7  wrong token "c"                           -> not counted
8s   10.20.0.7  files of 100 unknown phones               -> not counted
9s   10.20.0.7  asks for provisioning                     -> admitted
10s  10.20.0.7  wrong password for portal "a"             -> counts 1 of 3
11s  10.20.0.7  wrong password for portal "b"             -> counts 2 of 3
12s  10.20.0.7  wrong password for portal "c"             -> blocked for 10m
13s  10.20.0.7  asks for portal                           -> blocked for 9m 59s
13s  10.20.0.7  asks for sip                              -> admitted
