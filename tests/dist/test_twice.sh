#!/bin/sh
# SPDX-License-Identifier: MIT
#
# test_twice.sh - a second build has the same bytes: in another directory, by a builder with other habits,
# without git.
# shellcheck disable=SC2317 # run() calls the tests by name
set -eu
# shellcheck source=tests/install/check.sh
. "$SOURCE/tests/install/check.sh"
: "${DIST:?}" "${VERSION:?}"

there=$scratch/in/a/place/with-a-longer.name/sexton-as_somebody_else_has_it

# The time that the first one bears. It comes from git, which the copy has not.
first_date()
{
	date -u -d "$(sed -n 's/^ *"timestamp": "\(.*\)",$/\1/p' "$DIST/sexton-$VERSION.cdx.json")" +%s
}

build_again()
{
	mkdir -p "$there/build" "$scratch/home"
	tar --create --directory "$SOURCE" --exclude=./build --exclude=./.git . | tar -x -C "$there"
	# What goes in was fetched already; what comes out was not.
	cp -R "$SOURCE/build/fetched" "$there/build/"
	echo "%_buildhost somebody.else" >"$scratch/home/.rpmmacros"
	(
		umask 077
		cd /
		env HOME="$scratch/home" TZ=Pacific/Kiritimati LANG=C.UTF-8 LC_ALL=C.UTF-8 \
			SOURCE_DATE_EPOCH="$(first_date)" "$there/cmake/dist"
	)
}

every_file_has_the_same_bytes()
{
	equal "the files" "$(ls "$there/build/dist")" "$(ls "$DIST")"
	different=
	for file in "$DIST"/*; do
		cmp -s "$file" "$there/build/dist/${file##*/}" || different="$different ${file##*/}"
	done
	equal "what differs" "$different" ""
}

the_programs_have_no_date()
{
	for preset in small small-arm64; do
		quietly env SOURCE_DATE_EPOCH=1 cmake --build "$there/build/$preset" --clean-first \
			--target sexton
	done
	cmp "$there/build/small/sexton" "$DIST/sexton-linux-x86_64"
	cmp "$there/build/small-arm64/sexton" "$DIST/sexton-linux-arm64"
}

work=$scratch
quietly build_again
run every_file_has_the_same_bytes the_programs_have_no_date
