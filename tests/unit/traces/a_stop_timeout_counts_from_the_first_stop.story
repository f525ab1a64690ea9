# The user presses ^C again and again: each is forwarded, none moves the deadline.
stop-timeout 3000
0 stop
1000 stop
2000 stop
2500 main exited 0
2999 stop
3000 heir
3000 none-left 0 0
