exit-code worst
ok-exit 143
0 stop
100 main exited 1
200 none-left 0 143
