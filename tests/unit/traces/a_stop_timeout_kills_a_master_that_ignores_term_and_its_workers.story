# The workers are asked at half-time, both are killed at the deadline.
stop-timeout 10000
500 stop
10499 clock
10510 main killed 9
10511 heir
10511 none-left 137 137
