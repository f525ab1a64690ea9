# Asked at once, everybody asked at half-time, killed at five seconds and not before.
1000 main exited 3
5999 clock
6000 heir
6000 none-left 137 137
