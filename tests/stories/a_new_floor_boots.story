Nineteen new phones behind one address, which nobody has registered yet, may boot again and again.

rules:
  [[network]]
  name = "Branch behind NAT"
  prefixes = ["203.0.113.5/32"]
  services = ["provisioning", "sip"]

0s   203.0.113.5  files of 18 unknown phones                 -> counts 18 of 20
10s  203.0.113.5  file of unknown phone 00:0F:D3:00:00:01    -> same mistake
10s  203.0.113.5  file of unknown phone 00:0F:D3:00:00:11    -> same mistake
10s  203.0.113.5  file of unknown phone 00:0F:D3:AA:00:01    -> counts 19 of 20
15m  203.0.113.5  file of unknown phone 00:0F:D3:AA:00:01    -> same mistake
30m  203.0.113.5  file of unknown phone 00:0F:D3:00:00:01    -> same mistake
8h   203.0.113.5  file of unknown phone 00:0F:D3:00:00:02    -> same mistake
8h   203.0.113.5  asks for provisioning                      -> admitted
