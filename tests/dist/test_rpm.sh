#!/bin/sh
# SPDX-License-Identifier: MIT
#
# test_rpm.sh - the RPM: what it holds, that it needs nothing, that it runs, what it leaves behind.
#
# rpm installs it into directories of the test's own. Whoever is not root becomes it in a user namespace.
# shellcheck disable=SC2317 # run() calls the tests by name
set -eu
if [ "$(id -u)" -ne 0 ]; then
	exec unshare --map-root-user -- "$0" "$@"
fi
# shellcheck source=tests/install/check.sh
. "$SOURCE/tests/install/check.sh"
: "${DIST:?}" "${VERSION:?}"

rpm=$DIST/sexton-$VERSION-1.x86_64.rpm
rpm_arm64=$DIST/sexton-$VERSION-1.aarch64.rpm

# A root with the directories that a system's own packages have, in $root.
make_root()
{
	root=$work/root
	mkdir -p "$root/usr/bin" "$root/usr/libexec" "$root/usr/share/man/man1" "$root/usr/share/doc"
	in_root --initdb
}

# As on a machine with no configuration of rpm's.
in_root()
{
	HOME=$work quietly rpm --root="$root" --dbpath=/var/lib/rpm "$@"
}

query()
{
	HOME=$work rpm --dbpath="$work/no-database" --query --package "$@"
}

contents()
{
	(cd "$root" && find . -path ./var -prune -o -print | sort)
}

it_says_what_it_is_and_has_no_scripts()
{
	tags='%{NAME} %{VERSION} %{ARCH} %{LICENSE} %{BUILDHOST}'
	equal "the tags" "$(query --queryformat "$tags" "$rpm")" \
		"sexton $VERSION x86_64 MIT AND LGPL-2.1-or-later localhost"
	equal "the tags" "$(query --queryformat "$tags" "$rpm_arm64")" \
		"sexton $VERSION aarch64 MIT AND LGPL-2.1-or-later localhost"
	for package in "$rpm" "$rpm_arm64"; do
		equal "the scripts" "$(query --scripts "$package")" ""
		equal "the changes" "$(query --changelog "$package")" ""
	done
}

it_needs_nothing_but_rpm()
{
	for package in "$rpm" "$rpm_arm64"; do
		equal "what it needs" "$(query --requires "$package" | grep -v '^rpmlib(')" ""
	done
}

it_holds_the_released_program()
{
	for file in x86_64:"$rpm" arm64:"$rpm_arm64"; do
		package=${file#*:}
		digest=$(query --queryformat '[%{FILENAMES} %{FILEDIGESTS}\n]' "$package" |
			sed -n 's|^/usr/bin/sexton ||p')
		equal "the program's digest" "$digest" \
			"$(sha256sum "$DIST/sexton-linux-${file%%:*}" | cut -d ' ' -f 1)"
	done
}

it_runs_where_nothing_else_is_installed_and_removal_leaves_nothing()
{
	make_root
	contents >"$work/before"
	in_root --install "$rpm"
	in_root --verify sexton
	equal "what is in /usr/bin" "$(ls "$root/usr/bin")" sexton
	for file in man/man1/sexton.1 doc/sexton/COMPAT.md doc/sexton/COPYING \
		bash-completion/completions/sexton; do
		[ -f "$root/usr/share/$file" ] || fail "$file is missing"
	done
	for name in $NAMES; do
		equal "the link $name" "$(readlink "$root/usr/libexec/sexton/$name")" ../../bin/sexton
	done
	equal "the version" "$(chroot "$root" /usr/bin/sexton --version)" "sexton $VERSION"
	# As PID 1, with the only program that there is as its command.
	equal "what its command says" \
		"$(unshare --pid --fork chroot "$root" sexton -- /usr/libexec/sexton/pause -v)" \
		"pause.c 3.10.1"
	in_root --erase sexton
	contents >"$work/after"
	quietly diff -u "$work/before" "$work/after"
}

command -v rpm >/dev/null || fail "rpm is missing"
run it_says_what_it_is_and_has_no_scripts \
	it_needs_nothing_but_rpm \
	it_holds_the_released_program \
	it_runs_where_nothing_else_is_installed_and_removal_leaves_nothing
