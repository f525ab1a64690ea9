# No timer runs until the stop signal; then the successor has four seconds.
on-exit wait
stop-timeout 4000
1000 main exited 0
500000 clock
500000 stop
504000 heir
504000 none-left 137 137
