#!/bin/sh
# SPDX-License-Identifier: MIT
#
# check.sh DIRECTORY FILE...: check.mjs on these manifests, with its packages in DIRECTORY. A
# manifest with a fault must not get through.
set -eu

here=$(dirname "$(realpath "$0")")
directory=$1
shift
for tool in node npm; do
	command -v "$tool" >/dev/null || {
		echo "$0: missing: $tool (./dev deps --test)" >&2
		exit 1
	}
done
mkdir -p "$directory"
if ! cmp -s "$here/package-lock.json" "$directory/installed"; then
	cp "$here/package.json" "$here/package-lock.json" "$here/.npmrc" "$directory"
	(cd "$directory" && npm ci --ignore-scripts --no-audit --no-fund)
	cp "$here/package-lock.json" "$directory/installed"
fi
# Modules are looked for beside the program.
cp "$here/check.mjs" "$directory"
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
