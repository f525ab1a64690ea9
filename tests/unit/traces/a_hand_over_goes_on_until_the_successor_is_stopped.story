# nginx: the old master forks the new one and quits. HUP reaches the new one, TERM ends it.
on-exit wait
10 signal
1000 main exited 0
1500 signal
1600 heir
90000 stop
90100 heir
90100 none-left 0 0
