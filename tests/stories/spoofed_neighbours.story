A flood in the names of a phone's neighbours does not keep that phone from booting over TFTP.

rules:
  [[network]]
  name = "Everywhere"
  prefixes = ["0.0.0.0/0", "::/0"]
  services = ["provisioning", "desk-login", "sip", "portal", "api"]

  [tftp_throttle]
  failures = 5
  failures_per_neighbourhood = 40

0s   10.20.0.7   succeeds with provisioning
1s   10.20.0.1   files of 4 unknown phones over tftp  -> not counted
1s   10.20.0.2   files of 4 unknown phones over tftp  -> not counted
1s   10.20.0.3   files of 4 unknown phones over tftp  -> not counted
1s   10.20.0.4   files of 4 unknown phones over tftp  -> not counted
1s   10.20.0.5   files of 4 unknown phones over tftp  -> not counted
1s   10.20.0.6   files of 4 unknown phones over tftp  -> not counted
1s   10.20.0.11  files of 4 unknown phones over tftp  -> not counted
1s   10.20.0.12  files of 4 unknown phones over tftp  -> not counted
1s   10.20.0.13  files of 4 unknown phones over tftp  -> not counted
2s   10.20.0.99  asks for tftp                        -> admitted
2s   10.20.0.14  files of 4 unknown phones over tftp  -> not counted
3s   10.20.0.99  asks for tftp                        -> throttled for 59s
3s   10.20.0.7   asks for tftp                        -> admitted
3s   10.20.1.99  asks for tftp                        -> admitted
