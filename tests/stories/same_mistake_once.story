A phone that tries its one wrong password all day counts once.

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

0s     10.20.0.7  wrong password for provisioning "old secret"  -> counts 1 of 3
25s    10.20.0.7  wrong password for provisioning "old secret"  -> same mistake
50s    10.20.0.7  wrong password for provisioning "old secret"  -> same mistake
75s    10.20.0.7  wrong password for provisioning "old secret"  -> same mistake
2h     10.20.0.7  wrong password for provisioning "old secret"  -> same mistake
25h    10.20.0.7  wrong password for provisioning "old secret"  -> same mistake
25h    10.20.0.7  wrong password for provisioning "older one"   -> counts 1 of 3
25h1m  10.20.0.7  asks for provisioning                         -> admitted
25h1m  10.20.0.7  why "the same again 5 times"                  -> is said
# A day of silence: the mistake is forgotten, and counts as a new one.
50h    10.20.0.7  wrong password for provisioning "old secret"  -> counts 1 of 3
