What an administrator blocks stays blocked until he says otherwise, whole networks included.

rules:
  [[network]]
  name = "Everywhere"
  prefixes = ["0.0.0.0/0", "::/0"]
  services = ["provisioning", "desk-login", "sip", "portal", "api"]

0s     administrator blocks 203.0.113.0/24 sip              -> done
0s     administrator blocks 2001:db8:bad::/48 provisioning  -> done
1s     203.0.113.77        asks for sip                     -> blocked until removed
1s     203.0.113.77        asks for provisioning            -> admitted
1s     203.0.114.77        asks for sip                     -> admitted
1s     2001:db8:bad:7::1   asks for provisioning            -> blocked until removed
1s     203.0.113.77        why "it was set by an administrator"  -> is said
10000h 203.0.113.77        asks for sip                     -> blocked until removed
10000h administrator unblocks 203.0.113.0/24 sip            -> done
10000h administrator unblocks 203.0.113.0/24 sip            -> was not blocked
10000h 203.0.113.77        asks for sip                     -> admitted
