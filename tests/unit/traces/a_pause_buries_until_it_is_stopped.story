# The pause container of a pod: no command, orphans come and go, then the pod is deleted. The stop
# timeout is somebody's environment and means nothing here.
pause yes
stop-timeout 10000
1000 signal
2000 heir
3000 signal
600000 clock
600000 stop
600001 signal
