#!/bin/sh
# SPDX-License-Identifier: MIT
#
# worker.sh NAME SECONDS [COMMAND...]: asked to end (TERM), it needs that long to finish its work.
# USR2 it just tells. Starts the command first, as its child.
name=$1
seconds=$2
shift 2

finish()
{
	echo "asked $name"
	kill "$rest" 2>/dev/null
	# Not even a fork, for where there is no room for one.
	[ "$seconds" = 0 ] || sleep "$seconds"
	echo "finished $name"
	exit 0
}

# Before the traps: until a child is a program of its own it has our handlers, and a signal that
# comes then is lost.
if [ $# -gt 0 ]; then
	"$@" &
fi
sleep 1000 &
rest=$!
trap finish TERM
trap 'echo "told $name"' USR2
echo "ready $name"
while kill -0 "$rest" 2>/dev/null; do
	wait "$rest"
done
