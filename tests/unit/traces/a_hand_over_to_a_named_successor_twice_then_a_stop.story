# --main-pid-file: a successor is named in time, the next one late. Each is the main process: the last
# one's status counts, and a stop is for it alone until it has gone.
on-exit wait
exec auto
grace 10000
10 signal
1000 main exited 0 to a successor
1500 signal
2000 main exited 1
2100 heir
2500 signal
3000 main found
3500 stop
3600 main exited 5
3700 heir
3800 none-left 0 0
