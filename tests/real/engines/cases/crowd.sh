#!/bin/sh
# SPDX-License-Identifier: MIT
#
# At USR1 it starts processes until there is no room for another. Ends at TERM; beside it is
# somebody who has to be told.
fill()
{
	(
		count=0
		while [ "$count" -lt 300 ]; do
			# Before it is a program of its own, a signal is lost on it: it has our handler.
			sh -c 'echo up; exec sleep 1000' &
			echo "started"
			count=$((count + 1))
		done
		echo "there was room for $count"
	) 2>/dev/null
	echo "full"
}

setsid /cases/worker.sh left 0 &
sleep 1000 &
rest=$!
trap 'echo "asked server"; exit 0' TERM
trap fill USR1
trap 'echo "told server"' USR2
echo "ready server"
while kill -0 "$rest" 2>/dev/null; do
	wait "$rest"
done
