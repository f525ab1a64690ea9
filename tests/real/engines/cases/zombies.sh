#!/bin/sh
# SPDX-License-Identifier: MIT
#
# zombies.sh [INIT]: a parent that never waits has three zombies. When it dies, they come to the
# init (by default our parent), and are buried by it.
# shellcheck source=/dev/null
. /cases/common.sh
init=${1:-$PPID}
# What it becomes knows nothing of its children.
sh -c 'true & true & true & exec sleep 1000' &
careless=$!
until_that has_zombies 3 "$careless"
echo "three zombies"
kill "$careless"
wait "$careless"
until_that has_zombies 0 "$init"
echo "no zombies"
