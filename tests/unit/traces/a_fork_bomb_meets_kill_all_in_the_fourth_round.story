# Each round kills whom the one before it asked; the fourth spares nobody.
grace 1000
0 main exited 0
1500 heir
5500 clock
5501 heir
5501 none-left 137 137
