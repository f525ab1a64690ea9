# sh -c 'server & exit 4': nobody stopped us, the server hears TERM.
100 main exited 4
350 heir
350 none-left 0 0
