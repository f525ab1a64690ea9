#!/bin/sh
# SPDX-License-Identifier: MIT
#
# escape.sh COUNT: descendants in sessions of their own, each of which needs a second to finish.
count=0
while [ "$count" -lt "$1" ]; do
	count=$((count + 1))
	setsid /cases/worker.sh "escaped $count" 1 &
done
wait
