#!/bin/sh
# SPDX-License-Identifier: MIT
#
# test_sbom.sh - the list of what is in the release: CycloneDX's own library says whether it is one, and the
# release whether it is true.
# shellcheck disable=SC2317 # run() calls the tests by name
set -eu
# shellcheck source=tests/install/check.sh
. "$SOURCE/tests/install/check.sh"
: "${DIST:?}" "${VERSION:?}"

sbom=$DIST/sexton-$VERSION.cdx.json

validate()
{
	(cd "$scratch/validator" && node validate.mjs "$1")
}

it_is_a_cyclonedx_document()
{
	quietly validate "$sbom"
}

the_validator_knows_what_is_none()
{
	sed 's/"type": "library"/"type": "libraries"/' "$sbom" >"$work/wrong.json"
	if validate "$work/wrong.json" >"$work/log" 2>&1; then
		fail "a type that there is not was taken"
	fi
	grep -q libraries "$work/wrong.json"
}

# Prints a member of each component: component JQ-LIKE... is python's work.
ask()
{
	python3 -c 'import json, sys
document = json.load(open(sys.argv[1]))
for component in document["components"]:
	print(eval(sys.argv[2], {"c": component}))' "$sbom" "$1"
}

the_hashes_are_those_of_the_files()
{
	ask 'c["hashes"][0]["content"] + "  " + c["name"] if c["type"] == "file" else ""' |
		grep . >"$work/sums"
	equal "the number of programs" "$(wc -l <"$work/sums")" 2
	(cd "$DIST" && quietly sha256sum --strict --check "$work/sums")
	ask 'c["hashes"][0]["content"] if c["name"] == "liburcu" else ""' | grep . >"$work/sum"
	equal "liburcu's hash" "$(cat "$work/sum")" \
		"$(sha256sum "$DIST"/liburcu_*.orig.tar.* | cut -d ' ' -f 1)"
}

every_component_has_a_version_and_a_licence()
{
	ask '" ".join([c["name"], c["licenses"][0]["license"]["id"]])' | sort -u >"$work/licences"
	printf '%s\n' "liburcu LGPL-2.1-or-later" "musl MIT" "sexton-linux-arm64 MIT" \
		"sexton-linux-x86_64 MIT" >"$work/expected"
	quietly diff -u "$work/expected" "$work/licences"
	equal "components without a version" "$(ask 'c.get("version") or c["name"]' | grep -v '^[0-9]')" ""
}

work=$scratch
quietly "$SOURCE/tests/npm-ci" "$SOURCE/tests/dist/sbom" "$scratch/validator"

run it_is_a_cyclonedx_document \
	the_validator_knows_what_is_none \
	the_hashes_are_those_of_the_files \
	every_component_has_a_version_and_a_licence
