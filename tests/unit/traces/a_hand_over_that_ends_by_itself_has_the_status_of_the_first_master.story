on-exit wait
1000 main exited 5
2000 heir
2000 none-left 1 1
