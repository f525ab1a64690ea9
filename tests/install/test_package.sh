#!/bin/sh
# SPDX-License-Identifier: MIT
#
# test_package.sh - the Debian package: what it registers, what it leaves alone, what it leaves behind.
#
# dpkg installs it into directories of the test's own, with the real maintainer scripts. Whoever is
# not root becomes it in a user namespace: files of a package are root's. DEB is the package; without
# it cpack makes one of BUILD.
# shellcheck disable=SC2317 # run() calls the tests by name
set -eu
if [ "$(id -u)" -ne 0 ]; then
	exec unshare --map-root-user -- "$0" "$@"
fi
# shellcheck source=tests/install/check.sh
. "$(dirname "$0")/check.sh"

in_path="tini tini-static docker-init dumb-init catatonit"

# A root of its own for dpkg, in $root.
make_root()
{
	root=$work/root
	mkdir -p "$root/var/lib/dpkg/info" "$root/var/lib/dpkg/updates" "$root/var/log" \
		"$root/var/lib/dpkg/alternatives" "$root/etc/alternatives"
	: >"$root/var/lib/dpkg/status"
	# Where dpkg is too old for it the alternatives would be this machine's.
	update-alternatives --root "$root" --get-selections >/dev/null ||
		fail "update-alternatives has no --root; dpkg 1.20.1 has"
}

# The C library and liburcu are not packages of that root.
in_root()
{
	quietly dpkg --root="$root" --log="$work/dpkg.log" --force-script-chrootless \
		--force-depends --force-not-root --no-triggers "$@"
}

alternatives()
{
	update-alternatives --root "$root" --log "$work/alternatives.log" "$@"
}

# All that lies in the root, but for dpkg's own books.
contents()
{
	(cd "$root" && find . -path ./var/lib/dpkg -prune -o -path ./var/log -prune -o -print | sort)
	ls -A "$root/var/lib/dpkg/alternatives"
}

# Makes the package other.deb with one program at the path $1.
other_package()
{
	mkdir -p "$work/other/DEBIAN" "$work/other/${1%/*}"
	echo "this is the other package's" >"$work/other/$1"
	printf '%s\n' 'Package: other' 'Version: 1' 'Architecture: all' 'Maintainer: nobody' \
		'Description: brings a file of the same name' >"$work/other/DEBIAN/control"
	quietly dpkg-deb --root-owner-group --build "$work/other" "$work/other.deb"
}

is_offered()
{
	equal "/usr/bin/$1" "$(readlink "$root/usr/bin/$1")" "/etc/alternatives/$1"
	equal "alternative $1" "$(readlink "$root/etc/alternatives/$1")" "/usr/libexec/sexton/$1"
}

is_not_offered()
{
	if alternatives --query "$1" >/dev/null 2>&1; then
		fail "$1 was registered"
	fi
	[ ! -e "$root/etc/alternatives/$1" ] || fail "/etc/alternatives/$1 was made"
}

the_package_holds_the_program_its_documents_the_links_and_nothing_below_bin()
{
	quietly dpkg-deb --extract "$deb" "$work/root"
	equal "what is in /usr/bin" "$(ls "$work/root/usr/bin")" sexton
	[ -f "$work/root/usr/share/man/man1/sexton.1" ] || fail "the manual is missing"
	[ -f "$work/root/usr/share/doc/sexton/COMPAT.md" ] || fail "COMPAT.md is missing"
	[ -f "$work/root/usr/share/bash-completion/completions/sexton" ] ||
		fail "the completion for bash is missing"
	equal "what is at the top" "$(ls "$work/root")" usr
	for name in $NAMES; do
		equal "the link $name" "$(readlink "$work/root/usr/libexec/sexton/$name")" \
			../../bin/sexton
	done
	"$work/root/usr/libexec/sexton/tini" --version >"$work/out"
	equal "the version" "$(cat "$work/out")" "tini version 0.19.0_sexton"
}

is_dynamic()
{
	LC_ALL=C readelf --dynamic "$SEXTON" | grep -q NEEDED
}

a_dynamic_program_depends_on_its_libraries()
{
	depends=$(dpkg-deb --field "$deb" Depends)
	if is_dynamic; then
		case $depends in
		*libc6*liburcu*) ;;
		*) fail "the package depends on '$depends'" ;;
		esac
	else
		equal "what the package depends on" "$depends" ""
	fi
}

names_that_are_free_become_alternatives_and_removal_leaves_nothing()
{
	make_root
	contents >"$work/before"
	in_root --install "$deb"
	for name in $in_path; do
		is_offered "$name"
	done
	for name in podman-init pause; do
		is_not_offered "$name"
		[ ! -e "$root/usr/bin/$name" ] || fail "/usr/bin/$name was made"
	done
	in_root --remove sexton
	contents >"$work/after"
	quietly diff -u "$work/before" "$work/after"
}

whatever_is_there_already_stays_byte_for_byte()
{
	make_root
	other_package usr/bin/tini
	in_root --install "$work/other.deb"
	echo "nobody's own build" >"$root/usr/bin/dumb-init"
	ln -s ../../opt/own/catatonit "$root/usr/bin/catatonit"
	contents >"$work/before"
	sha256sum "$root/usr/bin/tini" "$root/usr/bin/dumb-init" >"$work/sums"
	in_root --install "$deb"
	quietly sha256sum --check "$work/sums"
	equal "catatonit" "$(readlink "$root/usr/bin/catatonit")" ../../opt/own/catatonit
	for name in tini dumb-init catatonit; do
		[ "$name" = catatonit ] || [ ! -L "$root/usr/bin/$name" ] || fail "$name is a link"
		is_not_offered "$name"
	done
	is_offered tini-static
	is_offered docker-init
	in_root --remove sexton
	quietly sha256sum --check "$work/sums"
	equal "catatonit" "$(readlink "$root/usr/bin/catatonit")" ../../opt/own/catatonit
	contents >"$work/after"
	quietly diff -u "$work/before" "$work/after"
}

a_file_that_its_owner_has_lost_is_not_ours_to_offer()
{
	make_root
	other_package usr/bin/tini
	in_root --install "$work/other.deb"
	rm "$root/usr/bin/tini"
	in_root --install "$deb"
	is_not_offered tini
	is_offered dumb-init
}

a_package_that_comes_later_wins()
{
	make_root
	other_package usr/bin/docker-init
	in_root --install "$deb"
	is_offered docker-init
	in_root --install "$work/other.deb"
	equal "docker-init" "$(cat "$root/usr/bin/docker-init")" "this is the other package's"
	in_root --install "$deb"
	in_root --remove sexton
	[ ! -L "$root/usr/bin/docker-init" ] || fail "docker-init is a link"
	equal "docker-init" "$(cat "$root/usr/bin/docker-init")" "this is the other package's"
}

whoever_else_is_offered_comes_first_and_an_upgrade_keeps_the_choice()
{
	make_root
	in_root --install "$deb"
	echo "another tini" >"$root/usr/bin/other-tini"
	quietly alternatives --install /usr/bin/tini tini /usr/bin/other-tini 20
	equal "tini" "$(readlink "$root/etc/alternatives/tini")" /usr/bin/other-tini
	quietly alternatives --set tini /usr/libexec/sexton/tini
	in_root --install "$deb"
	equal "tini" "$(readlink "$root/etc/alternatives/tini")" /usr/libexec/sexton/tini
	in_root --remove sexton
	equal "tini" "$(readlink "$root/etc/alternatives/tini")" /usr/bin/other-tini
}

a_static_program_runs_where_nothing_else_is_installed()
{
	make_root
	in_root --install "$deb"
	equal "what tini says" "$(chroot "$root" /usr/bin/tini --version)" "tini version 0.19.0_sexton"
	# As PID 1, with the only program that there is as its command.
	equal "what its command says" \
		"$(unshare --pid --fork chroot "$root" /usr/bin/sexton -- /usr/libexec/sexton/pause -v)" \
		"pause.c 3.10.1"
}

# The alternatives and inits of this machine itself.
machine()
{
	ls -l /etc/alternatives /var/lib/dpkg/alternatives 2>/dev/null || :
	for name in $in_path; do
		ls -l "/usr/bin/$name" 2>/dev/null || :
	done
}

this_machine_is_as_it_was()
{
	machine >"$work/machine"
	quietly diff -u "$scratch/machine" "$work/machine"
}

for tool in dpkg dpkg-deb dpkg-shlibdeps file update-alternatives readelf; do
	command -v "$tool" >/dev/null || fail "$tool is missing (dpkg, dpkg-dev, file, binutils)"
done
machine >"$scratch/machine"
# A umask as careful administrators have it must not become the package's. With Makefiles cpack would build
# everything first; what is tested is there already.
make_package()
{
	umask 077
	work=$scratch
	quietly "$CPACK" -G DEB --config "$BUILD/CPackConfig.cmake" -B "$scratch/package" \
		-D CPACK_CMAKE_GENERATOR=Ninja
}

deb=${DEB:-}
static_only=a_static_program_runs_where_nothing_else_is_installed
if [ -z "$deb" ]; then
	(make_package)
	deb=$(echo "$scratch"/package/*.deb)
	if is_dynamic; then
		static_only=
	fi
fi

# shellcheck disable=SC2086 # one word or none
run the_package_holds_the_program_its_documents_the_links_and_nothing_below_bin \
	a_dynamic_program_depends_on_its_libraries \
	names_that_are_free_become_alternatives_and_removal_leaves_nothing \
	whatever_is_there_already_stays_byte_for_byte \
	a_file_that_its_owner_has_lost_is_not_ours_to_offer \
	a_package_that_comes_later_wins \
	$static_only \
	whoever_else_is_offered_comes_first_and_an_upgrade_keeps_the_choice \
	this_machine_is_as_it_was
