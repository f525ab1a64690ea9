#!/bin/sh
# SPDX-License-Identifier: MIT
#
# base.sh FILE: makes debian:bookworm-slim, or near enough, as a tar file; under a minute,
# once. The Dockerfile's first line wants such an image, and apt must work in it.
set -eu

file=$1
[ ! -e "$file" ] || exit 0
command -v mmdebstrap >/dev/null || {
	echo "$0: missing: mmdebstrap (./dev deps --test)" >&2
	exit 1
}
mkdir -p "$(dirname "$file")"
TMPDIR=$(mktemp -d "$file.XXXXXX")
export TMPDIR
trap 'rm -rf "$TMPDIR"' EXIT
trap 'exit 1' HUP INT TERM
mmdebstrap --variant=apt --quiet \
	--dpkgopt=force-unsafe-io \
	--dpkgopt=path-exclude='/usr/share/doc/*' \
	--dpkgopt=path-exclude='/usr/share/locale/*' \
	--dpkgopt=path-exclude='/usr/share/man/*' \
	--aptopt='Acquire::Languages "none"' \
	--aptopt='APT::Install-Recommends "false"' \
	--aptopt='Acquire::Retries "3"' \
	bookworm "$TMPDIR/base.tar"
mv "$TMPDIR/base.tar" "$file"
