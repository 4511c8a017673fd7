Without any rule, private addresses get what phones need, this machine everything, the internet nothing.

0s  192.168.1.20   asks for provisioning  -> admitted
0s  10.1.2.3       asks for desk-login    -> admitted
0s  fd12:3456::1   asks for sip           -> admitted
0s  192.168.1.20   asks for portal        -> not allowed
0s  127.0.0.1      asks for portal        -> admitted
0s  ::1            asks for api           -> admitted
0s  198.51.100.7   asks for provisioning  -> not allowed
0s  2001:db8::1    asks for sip           -> not allowed
