Ten different wrong PINs within ten minutes close the desk login for a quarter of an hour, not the phone.

0s   10.20.0.7  wrong pin "0000"     -> counts 1 of 10
1s   10.20.0.7  wrong pin "0000"     -> same mistake
2s   10.20.0.7  wrong pin "1111"     -> counts 2 of 10
3s   10.20.0.7  wrong pin "2222"     -> counts 3 of 10
4s   10.20.0.7  wrong pin "3333"     -> counts 4 of 10
5s   10.20.0.7  wrong pin "4444"     -> counts 5 of 10
6s   10.20.0.7  wrong pin "5555"     -> counts 6 of 10
7s   10.20.0.7  wrong pin "6666"     -> counts 7 of 10
8s   10.20.0.7  wrong pin "7777"     -> counts 8 of 10
9s   10.20.0.7  wrong pin "8888"     -> counts 9 of 10
10s  10.20.0.7  wrong pin "9999"     -> blocked for 15m
11s  10.20.0.7  asks for desk-login  -> blocked for 14m 59s
11s  10.20.0.7  asks for sip         -> admitted
11s  10.20.0.7  asks for tftp        -> admitted
