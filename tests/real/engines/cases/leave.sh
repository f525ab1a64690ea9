#!/bin/sh
# SPDX-License-Identifier: MIT
#
# At USR1 it exits by itself, with 3, and leaves a worker behind that needs a second to finish.
trap 'exit 3' USR1
setsid /cases/worker.sh left 1 &
wait
