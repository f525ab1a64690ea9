#!/bin/sh
# SPDX-License-Identifier: MIT
#
# test_files.sh - the rest of the release: the tarballs, the checksums, the licences.
# shellcheck disable=SC2317 # run() calls the tests by name
set -eu
# shellcheck source=tests/install/check.sh
. "$SOURCE/tests/install/check.sh"
: "${DIST:?}" "${VERSION:?}"

all_that_is_promised_is_there_and_nothing_else()
{
	urcu=$(basename "$(find "$DIST" -name 'liburcu_*.orig.tar.*')")
	printf '%s\n' SHA256SUMS "$urcu" sexton-linux-x86_64 sexton-linux-arm64 \
		"sexton-$VERSION-linux-x86_64.tar.gz" "sexton-$VERSION-linux-arm64.tar.gz" \
		"sexton_${VERSION}_amd64.deb" "sexton_${VERSION}_arm64.deb" \
		"sexton-$VERSION-1.x86_64.rpm" "sexton-$VERSION-1.aarch64.rpm" \
		"sexton-$VERSION.cdx.json" | sort >"$work/expected"
	find "$DIST" -mindepth 1 -printf '%P\n' | sort >"$work/there"
	quietly diff -u "$work/expected" "$work/there"
}

the_checksums_are_those_of_all_the_others()
{
	(cd "$DIST" && quietly sha256sum --strict --check SHA256SUMS)
	equal "the number of sums" "$(wc -l <"$DIST/SHA256SUMS")" \
		"$(find "$DIST" -type f ! -name SHA256SUMS | wc -l)"
}

unpack()
{
	mkdir -p "$work/local"
	tar --extract --gzip --file "$DIST/sexton-$VERSION-linux-$1.tar.gz" \
		--directory "$work/local" --strip-components=1
}

a_tarball_is_ready_for_usr_local()
{
	unpack x86_64
	equal "what it holds" "$(ls "$work/local")" "$(printf '%s\n' bin libexec share)"
	equal "what is in bin" "$(ls "$work/local/bin")" sexton
	for name in $NAMES; do
		[ "$(readlink -f "$work/local/libexec/sexton/$name")" = "$work/local/bin/sexton" ] ||
			fail "libexec/sexton/$name is not the program"
	done
	equal "tini's version" "$("$work/local/libexec/sexton/tini" --version)" \
		"tini version 0.19.0_sexton"
	for file in man/man1/sexton.1 bash-completion/completions/sexton doc/sexton/README.md \
		doc/sexton/CHANGELOG.md doc/sexton/COMPAT.md doc/sexton/LICENSE doc/sexton/COPYING; do
		[ -s "$work/local/share/$file" ] || fail "share/$file is missing"
	done
}

a_tarball_is_nobodys()
{
	for name in x86_64 arm64; do
		tar --list --verbose --numeric-owner --gzip \
			--file "$DIST/sexton-$VERSION-linux-$name.tar.gz" >"$work/list"
		equal "what is not root's" "$(grep -v ' 0/0 ' "$work/list")" ""
		equal "what others may write" "$(grep '^[d-].......w' "$work/list")" ""
		equal "the moments" "$(awk '{ print $4, $5 }' "$work/list" | sort -u | wc -l)" 1
	done
}

the_program_is_the_same_file_in_all_of_them()
{
	for pair in x86_64:amd64 arm64:arm64; do
		name=${pair%:*}
		work=$work/$name
		mkdir "$work"
		unpack "$name"
		cmp "$DIST/sexton-linux-$name" "$work/local/bin/sexton"
		quietly dpkg-deb --extract "$DIST/sexton_${VERSION}_${pair#*:}.deb" "$work/deb"
		cmp "$DIST/sexton-linux-$name" "$work/deb/usr/bin/sexton"
		equal "the deb's architecture" "$(dpkg-deb --field \
			"$DIST/sexton_${VERSION}_${pair#*:}.deb" Architecture)" "${pair#*:}"
		work=${work%/*}
	done
	cmp "$DIST/sexton-linux-x86_64" "$SOURCE/build/small/sexton"
}

whoever_wants_to_link_again_has_the_source_and_the_licences()
{
	unpack arm64
	copying=$work/local/share/doc/sexton/COPYING
	for words in "GNU LESSER GENERAL PUBLIC LICENSE" "MIT" "Rich Felker" "END OF TERMS AND CONDITIONS" \
		"cmake/musl-toolchain"; do
		grep -q "$words" "$copying" || fail "COPYING does not say '$words'"
	done
	named=$(sed -n 's/.*(\(liburcu_.*\.orig\.tar\)\.\*).*/\1/p' "$copying")
	[ -n "$named" ] || fail "COPYING does not name the source"
	for file in "$DIST/$named".*; do
		quietly tar --list --file "$file"
		grep -q '/src/urcu\.c$' "$work/log" || fail "$file is not liburcu"
	done
}

run all_that_is_promised_is_there_and_nothing_else \
	the_checksums_are_those_of_all_the_others \
	a_tarball_is_ready_for_usr_local \
	a_tarball_is_nobodys \
	the_program_is_the_same_file_in_all_of_them \
	whoever_wants_to_link_again_has_the_source_and_the_licences
