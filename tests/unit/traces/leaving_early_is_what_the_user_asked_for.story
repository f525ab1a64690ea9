on-exit leave
0 signal
100 main exited 2
200 heir
200 none-left 0 0
