#!/bin/sh
# SPDX-License-Identifier: MIT
#
# check.sh DIRECTORY FILE...: check.mjs on these manifests, with its packages in DIRECTORY. A
# manifest with a fault must not get through.
set -eu

here=$(dirname "$(realpath "$0")")
directory=$1
shift
"$here/../../../npm-ci" "$here" "$directory"
node "$directory/check.mjs" "$@"

# must_fail FILE FAULT...: each fault is a command of sed
must_fail()
{
	file=$1
	shift
	for fault in "$@"; do
		sed "$fault" "$file" >"$directory/faulty.yaml"
		if cmp -s "$file" "$directory/faulty.yaml"; then
			echo "$0: nothing in $file for $fault" >&2
			exit 1
		fi
		if node "$directory/check.mjs" "$directory/faulty.yaml" >/dev/null; then
			echo "$0: $file gets through with the fault $fault" >&2
			exit 1
		fi
	done
}

for manifest in "$@"; do
	must_fail "$manifest" 's/^spec:/Spec:/' 's/readOnly:/readonly:/' \
		's/\(terminationGracePeriodSeconds:\).*/\1 soon/' 's/IfNotPresent/Sometimes/'
done
