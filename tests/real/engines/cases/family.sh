#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Parent, child and grandchild, each in a process of its own and without a handler.
name=${1:-parent}
echo "pid $name $$"
case $name in
parent) "$0" child & ;;
child) "$0" grandchild & ;;
grandchild)
	echo "ready family"
	exec sleep 1000
	;;
esac
wait
