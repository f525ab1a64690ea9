# The load balancer was not waited for: the main process exits while its stop is held back. What is left is
# asked, and it is no hand-over.
on-exit wait
1000 stop held
2000 main exited 0
2100 heir
2200 none-left 0 0
