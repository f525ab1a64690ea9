# The grace time goes on; it is neither lengthened nor given up.
1000 main exited 0
2500 stop
2600 signal
6000 none-left 137 137
