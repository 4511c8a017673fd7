An IPv6 source is its /64: changing the address within it gains nothing, and the next /64 is somebody else.

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

0s  2001:db8:0:7::1        refused registration "a"  -> counts 1 of 3
1s  2001:db8:0:7:aaaa::2   refused registration "b"  -> counts 2 of 3
2s  2001:db8:0:7:bbbb::3   refused registration "c"  -> blocked for 10m
3s  2001:db8:0:7:cccc::4   asks for sip              -> blocked for 9m 59s
3s  2001:db8:0:8::1        asks for sip              -> admitted
3s  2001:db8:0:8::1        refused registration "a"  -> counts 1 of 3
# The same host over an IPv4 socket and over a mapped IPv6 one is one source.
4s  198.51.100.7           refused registration "a"  -> counts 1 of 3
4s  ::ffff:198.51.100.7    refused registration "b"  -> counts 2 of 3
