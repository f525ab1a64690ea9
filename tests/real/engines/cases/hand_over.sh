#!/bin/sh
# SPDX-License-Identifier: MIT
#
# At USR1 it exits by itself, with 3, and a successor takes over.
# shellcheck source=/dev/null
. /cases/common.sh
main=$$
(
	until_that is_gone "$main"
	exec /cases/worker.sh successor 1
) &
trap 'exit 3' USR1
echo "ready main"
wait
