stop-timeout 500
1000 main exited 0
2100 stop
2600 heir
2600 none-left 137 137
