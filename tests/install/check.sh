# shellcheck shell=sh
# SPDX-License-Identifier: MIT
#
# What the two tests share. A test is a function whose name is a sentence; it runs in a shell of its
# own that ends at the first check that fails, and $work is its directory.

: "${CMAKE:?}" "${CPACK:?}" "${SOURCE:?}" "${BUILD:?}" "${SEXTON:?}" "${NAMES:?run it with ctest}"

failed=0
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' HUP INT TERM

fail()
{
	echo "        $*" >&2
	exit 1
}

# equal WHAT GOT EXPECTED
equal()
{
	[ "$2" = "$3" ] || fail "$1 is '$2', expected '$3'"
}

# Runs a command quietly; its output is shown if it fails.
quietly()
{
	"$@" >"$work/log" 2>&1 || {
		cat "$work/log" >&2
		fail "failed: $*"
	}
}

run()
{
	for test in "$@"; do
		work=$scratch/$test
		mkdir "$work"
		# Not behind || or if: there, set -e would mean nothing inside.
		set +e
		(
			set -e
			"$test"
		)
		status=$?
		set -e
		if [ "$status" -eq 0 ]; then
			echo "ok      $test"
		else
			echo "FAILED  $test"
			failed=1
		fi
	done
	exit "$failed"
}
