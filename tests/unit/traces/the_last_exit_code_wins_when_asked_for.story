exit-code last
on-exit wait
100 main exited 1
200 none-left 6 9
