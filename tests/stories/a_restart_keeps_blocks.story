A block outlives a restart, and so does the memory that makes the next one longer.

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

0s      198.51.100.7  refused registration "a"  -> counts 1 of 3
0s      198.51.100.7  refused registration "b"  -> counts 2 of 3
0s      198.51.100.7  refused registration "c"  -> blocked for 10m
1m      administrator blocks 203.0.113.0/24 sip -> done
4m      stormdoor restarts
4m      203.0.113.5   asks for sip              -> blocked until removed
4m      198.51.100.7  asks for sip              -> blocked for 6m
9m59s   198.51.100.7  asks for sip              -> blocked for 1s
10m     198.51.100.7  asks for sip              -> admitted
11m     stormdoor restarts
12m     198.51.100.7  refused registration "d"  -> counts 1 of 3
12m     198.51.100.7  refused registration "e"  -> counts 2 of 3
12m     198.51.100.7  refused registration "f"  -> blocked for 20m
