#!/bin/sh
# SPDX-License-Identifier: MIT
#
# At USR1 a child takes more memory than there is, and is killed. Ends at TERM, without a handler;
# beside it is somebody who needs a second to finish.
hog()
{
	dd if=/dev/zero of=/dev/null bs=512M count=1 2>/dev/null
	echo "hog ended with $?"
}

setsid /cases/worker.sh left 1 &
sleep 1000 &
rest=$!
trap hog USR1
echo "ready server"
while kill -0 "$rest" 2>/dev/null; do
	wait "$rest"
done
