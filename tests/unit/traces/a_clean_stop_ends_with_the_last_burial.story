# docker stop: the main process hears TERM and exits, two workers need a second longer.
0 stop
200 main exited 0
900 heir
1199 heir
1199 none-left 0 0
5000 clock
