# docker run image true
30 main exited 7
30 none-left
