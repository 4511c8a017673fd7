Who comes back is blocked twice as long, up to an hour; who stays away for an hour starts afresh.

rules:
  [[network]]
  name = "Everywhere"
  prefixes = ["0.0.0.0/0", "::/0"]
  services = ["provisioning", "desk-login", "sip", "portal", "api"]

  [[limit]]
  service = "api"
  failures = 3
  within = "1m"
  block_for = "10m"
  repeat = { factor = 2, max = "1h" }

0s       198.51.100.7  wrong password for api "a1"  -> counts 1 of 3
0s       198.51.100.7  wrong password for api "a2"  -> counts 2 of 3
0s       198.51.100.7  wrong password for api "a3"  -> blocked for 10m
10m      198.51.100.7  wrong password for api "b1"  -> counts 1 of 3
10m      198.51.100.7  wrong password for api "b2"  -> counts 2 of 3
10m      198.51.100.7  wrong password for api "b3"  -> blocked for 20m
30m      198.51.100.7  wrong password for api "c1"  -> counts 1 of 3
30m      198.51.100.7  wrong password for api "c2"  -> counts 2 of 3
30m      198.51.100.7  wrong password for api "c3"  -> blocked for 40m
30m      198.51.100.7  why "it is longer because 2 blocks went before"  -> is said
70m      198.51.100.7  wrong password for api "d1"  -> counts 1 of 3
70m      198.51.100.7  wrong password for api "d2"  -> counts 2 of 3
70m      198.51.100.7  wrong password for api "d3"  -> blocked for 1h
# The block ends at 130m; an hour later it is forgotten.
3h10m    198.51.100.7  wrong password for api "e1"  -> counts 1 of 3
3h10m    198.51.100.7  wrong password for api "e2"  -> counts 2 of 3
3h10m    198.51.100.7  wrong password for api "e3"  -> blocked for 10m
