# SPDX-License-Identifier: MIT
# shellcheck shell=sh
#
# For the other scripts: . /cases/common.sh

# until_that COMMAND...: looks until it succeeds.
until_that()
{
	looks=0
	until "$@"; do
		looks=$((looks + 1))
		[ "$looks" -lt 6000 ] || {
			echo "looked in vain: $*"
			exit 1
		}
		sleep 0.01
	done
}

# A zombie is still there.
is_gone()
{
	[ ! -e "/proc/$1" ]
}

parent_of()
{
	sed -n 's/^PPid:[[:space:]]*//p' "/proc/$1/status"
}

# has_zombies COUNT PARENT
has_zombies()
{
	zombies=0
	# shellcheck disable=SC2013 # words are what we want: the paths have no spaces
	for status in $(grep -ls '^State:[[:space:]]*Z' /proc/[0-9]*/status); do
		grep -qs "^PPid:[[:space:]]*$2\$" "$status" && zombies=$((zombies + 1))
	done
	[ "$zombies" -eq "$1" ]
}
