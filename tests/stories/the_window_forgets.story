Two wrong passwords a minute, for ever, are never three within a minute.

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

0s     198.51.100.7  refused registration "a"  -> counts 1 of 3
30s    198.51.100.7  refused registration "b"  -> counts 2 of 3
60s    198.51.100.7  refused registration "c"  -> counts 2 of 3
90s    198.51.100.7  refused registration "d"  -> counts 2 of 3
2m     198.51.100.7  refused registration "e"  -> counts 2 of 3
2m29s  198.51.100.7  refused registration "f"  -> blocked for 10m
