Whoever sweeps MACs over TFTP has TFTP throttled, and is never blocked.

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

  [tftp_throttle]
  failures = 20
  within = "1m"
  throttle_for = "2m"

0s    198.51.100.7  files of 19 unknown phones over tftp   -> not counted
1s    198.51.100.7  asks for tftp                          -> admitted
2s    198.51.100.7  file of unknown phone 00:0F:D3:FF:FF:FF over tftp  -> not counted
2s    198.51.100.7  asks for tftp                          -> throttled for 2m
2s    198.51.100.7  why "TFTP rests for 198.51.100.7 for 2m"  -> is said
2s    198.51.100.7  asks for provisioning                  -> admitted
2s    198.51.100.8  asks for tftp                          -> admitted
3s    198.51.100.7  files of 5000 unknown phones over tftp -> not counted
4s    198.51.100.7  asks for provisioning                  -> admitted
2m2s  198.51.100.7  asks for tftp                          -> throttled for 1s
2m3s  198.51.100.7  asks for tftp                          -> admitted
