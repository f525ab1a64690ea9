on-exit wait
0 stop
500 main exited 0
700 none-left 0 0
