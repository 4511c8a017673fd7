Thirty unknown phones from one address within a day are a sweep, however slowly they are asked for.

rules:
  [[network]]
  name = "Everywhere"
  prefixes = ["0.0.0.0/0", "::/0"]
  services = ["provisioning", "desk-login", "sip", "portal", "api"]

0s   198.51.100.7  files of 10 unknown phones  -> counts 10 of 20
4h   198.51.100.7  files of 10 unknown phones  -> counts 10 of 20
8h   198.51.100.7  files of 9 unknown phones   -> counts 9 of 20
12h  198.51.100.7  file of unknown phone 00:0F:D3:FF:00:00  -> blocked for 1d as a sweep
12h  198.51.100.7  why "sweep of MAC addresses: files of 30 phones"  -> is said
12h  198.51.100.7  asks for provisioning       -> blocked for 1d
12h  198.51.100.7  asks for sip                -> admitted
