grace none
0 main exited 0
3500 clock
3600 none-left 0 0
