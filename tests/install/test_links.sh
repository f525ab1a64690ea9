#!/bin/sh
# SPDX-License-Identifier: MIT
#
# test_links.sh - the names that cmake --install makes: where they are, and what they answer.
# shellcheck disable=SC2317 # run() calls the tests by name
set -eu
# shellcheck source=tests/install/check.sh
. "$(dirname "$0")/check.sh"

# Every name in directory $1 is a relative link to the program $2.
links_lead_to()
{
	for name in $NAMES; do
		[ -L "$1/$name" ] || fail "$1/$name is no link"
		case $(readlink "$1/$name") in
		/*) fail "$1/$name is not relative" ;;
		esac
		equal "the end of $1/$name" "$(readlink -f "$1/$name")" "$2"
		[ -x "$1/$name" ] || fail "$1/$name leads to nothing that runs"
	done
}

names_are_relative_links_below_destdir_and_nowhere_else()
{
	DESTDIR=$work/stage quietly "$CMAKE" --install "$BUILD" --prefix /opt/init
	links_lead_to "$work/stage/opt/init/libexec/sexton" "$work/stage/opt/init/bin/sexton"
	# shellcheck disable=SC2086 # a list of words
	set -- $NAMES
	equal "the number of links" "$(find "$work/stage" -type l | wc -l)" $#
	equal "what else lies beside the program" "$(ls "$work/stage/opt/init/bin")" sexton
	equal "what else is staged" "$(ls "$work/stage")" opt
}

links_survive_a_second_install_and_a_move_of_the_tree()
{
	quietly "$CMAKE" --install "$BUILD" --prefix "$work/first"
	quietly "$CMAKE" --install "$BUILD" --prefix "$work/first"
	links_lead_to "$work/first/libexec/sexton" "$work/first/bin/sexton"
	mv "$work/first" "$work/second"
	links_lead_to "$work/second/libexec/sexton" "$work/second/bin/sexton"
	for name in $NAMES; do
		grep -qx "$work/first/libexec/sexton/$name" "$BUILD/install_manifest.txt" ||
			fail "$name is not in the list of what was installed"
	done
}

# Configures a build of its own in which the two directories have no common parent.
links_find_a_program_that_is_elsewhere()
{
	# The cache has what was probed already.
	mkdir "$work/build"
	quietly "$CMAKE" -S "$SOURCE" -B "$work/build" -C "$work/../cache.cmake" \
		-DBUILD_TESTING=OFF -DCMAKE_INSTALL_BINDIR=/srv/tools \
		-DCMAKE_INSTALL_LIBEXECDIR=lib/x86/exec
	cp "$SEXTON" "$work/build/sexton"
	DESTDIR=$work/stage quietly "$CMAKE" --install "$work/build" --prefix /opt/init
	links_lead_to "$work/stage/opt/init/lib/x86/exec/sexton" "$work/stage/srv/tools/sexton"
}

every_name_that_sexton_answers_to_has_its_link()
{
	known=$(sed -n 's/^[[:space:]]*X([A-Z_]*, "\([a-z-]*\)").*/\1/p' "$SOURCE/include/sexton/name.h")
	[ -n "$known" ] || fail "no names in name.h"
	for name in $known; do
		case " $NAMES " in
		*" $name "*) ;;
		*) fail "$name is not installed" ;;
		esac
	done
}

# answers NAME OPTION STREAM FIRST-LINE: on one stream and not on the other, with exit code 0
answers()
{
	code=0
	(cd / && exec "$work/libexec/sexton/$1" "$2") >"$work/out" 2>"$work/err" || code=$?
	equal "exit code of $1 $2" "$code" 0
	equal "first line of $1 $2" "$(head -n 1 "$work/$3")" "$4"
	if [ "$3" = out ]; then
		equal "stderr of $1 $2" "$(cat "$work/err")" ""
	else
		equal "stdout of $1 $2" "$(cat "$work/out")" ""
	fi
	answered="$answered $1"
}

each_link_speaks_as_its_name()
{
	quietly "$CMAKE" --install "$BUILD" --prefix "$work"
	answered=
	for name in tini tini-static docker-init; do
		answers "$name" --version out "tini version 0.19.0_sexton"
		answers "$name" -h out "$name (tini version 0.19.0_sexton)"
	done
	answers dumb-init --version err "dumb-init v1.2.5"
	answers dumb-init -h err "dumb-init v1.2.5"
	for name in catatonit podman-init; do
		answers "$name" --version out "tini version 0.1.7_sexton"
	done
	answers pause -v out "pause.c 3.10.1"
	for name in $NAMES; do
		case "$answered " in
		*" $name "*) ;;
		*) fail "nobody asked $name" ;;
		esac
	done
}

# A third of the time of this test would be probes of a compiler that is known.
grep -E '^(sexton_[a-z]+_|sexton_static_pie|sexton_pie|SEXTON_|Urcu_|CMAKE_C_COMPILER:|CMAKE_BUILD_TYPE:)' \
	"$BUILD/CMakeCache.txt" |
	sed -n 's/^\([^:]*\):\([A-Z]*\)=\(.*\)$/set(\1 "\3" CACHE \2 "")/p' >"$scratch/cache.cmake"

run names_are_relative_links_below_destdir_and_nowhere_else \
	links_survive_a_second_install_and_a_move_of_the_tree \
	links_find_a_program_that_is_elsewhere \
	every_name_that_sexton_answers_to_has_its_link \
	each_link_speaks_as_its_name
