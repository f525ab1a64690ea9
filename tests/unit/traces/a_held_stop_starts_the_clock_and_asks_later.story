# --delay=TERM:2s and --stop-timeout=10s: the time is counted from the receipt, and the main process, which
# is deaf, has 8 s of it. At half of it all are asked.
stop-timeout 10000
1000 stop held
1500 signal
3000 stop
5000 clock
6000 clock
11000 clock
11100 main killed 9
11200 none-left
