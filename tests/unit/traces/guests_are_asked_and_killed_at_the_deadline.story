# docker exec has left two shells: they are asked when the command has exited by itself, asked again when
# nobody else is left, and killed when the grace time is over.
exec auto
grace 4000
1000 main exited 2
1200 heir
1300 none-but-guests
2400 none-but-guests
5000 clock
5100 none-but-guests
5200 none-left
