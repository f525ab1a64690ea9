#!/bin/sh
# SPDX-License-Identifier: MIT
#
# orphan.sh [INIT]: an orphan comes to the init (by default our parent), and is buried by it.
# shellcheck source=/dev/null
. /cases/common.sh
init=${1:-$PPID}
orphan=$(sh -c 'sleep 1000 >/dev/null 2>&1 & echo $!')
parent=$(parent_of "$orphan")
[ "$parent" = "$init" ] || {
	echo "the parent of the orphan is $parent, expected $init"
	exit 1
}
echo "adopted"
kill "$orphan"
until_that is_gone "$orphan"
echo "buried"
