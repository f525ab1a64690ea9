# No --stop-timeout: a worker that ignores TERM is never killed by us, the runtime will.
0 stop
100 main killed 15
9999 clock
