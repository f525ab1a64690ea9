# docker stop: its deadline is its own, and the guests die with us.
exec auto
1000 stop
1100 main exited 0
1200 none-but-guests
