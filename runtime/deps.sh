#!/bin/sh
# Install what is missing, once: deps.sh STAMP build|test [install|skip]
#
# On Debian and its like the packages below are installed by apt-get, as root or through `sudo -n`. Anywhere else, or with
# "skip", what is needed is printed and nothing is done.
set -eu
stamp=$1 what=$2 how=${3:-install}

build='gcc g++ libc6-dev make libcmark-gfm-dev libcmark-gfm-extensions-dev liblua5.4-dev lua5.4 libyaml-dev libssl-dev
	duktape-dev libjs-katex fonts-katex gnuplot-nox bubblewrap'
tests='libcmocka-dev cmark-gfm noweb clang libclang-rt-14-dev strace procps ninja-build binutils gdb'

case $what in
build) wanted=$build ;;
test) wanted="$build $tests" ;;
*) echo "deps.sh: no such set of packages: '$what'" >&2; exit 2 ;;
esac

missing=
if command -v dpkg-query >/dev/null; then
	for p in $wanted; do
		dpkg-query -W -f '${Status}' "$p" 2>/dev/null | grep -q 'ok installed' || missing="$missing $p"
	done
else
	missing=$(echo $wanted)
fi

if [ -n "$missing" ]; then
	command="apt-get install -y --no-install-recommends$missing"
	if [ "$how" = skip ] || ! command -v apt-get >/dev/null; then
		printf 'weft needs these Debian packages, or what they hold:%s\n' "$missing" >&2
		printf 'On Debian:  %s\n' "$command" >&2
		exit 1
	fi
	if [ "$(id -u)" = 0 ]; then
		as_root=
	elif sudo -n true 2>/dev/null; then
		as_root='sudo -n'
	else
		printf 'weft needs packages, and may not install them. Run as root:\n  %s\n' "$command" >&2
		exit 1
	fi
	printf 'Installing:%s\n' "$missing"
	export DEBIAN_FRONTEND=noninteractive
	log=$stamp.log
	if ! { $as_root apt-get update && $as_root $command; } >"$log" 2>&1 </dev/null; then
		tail -n 20 "$log" >&2
		printf 'The installation failed; the whole log is in %s\n' "$log" >&2
		exit 1
	fi
fi
: >"$stamp"
