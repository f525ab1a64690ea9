# Each exit makes the next link our child; it is asked at that instant.
grace none
0 main exited 0
10 heir
20 heir
30 heir
40 heir
50 heir
60 heir
70 heir
80 heir
90 heir
90 none-left 0 0
