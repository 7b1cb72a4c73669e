#!/bin/sh
# Two clones in different directories, under different circumstances, give the same bytes: twoclones.sh WEFT
set -u
weft=$(realpath "$1")
cd "$(dirname "$0")" || exit 2
. ./lib.sh

small_site "$work/a"
mkdir -p "$work/b/much/deeper down"
cp -r "$work/a" "$work/b/much/deeper down/site"
other="$work/b/much/deeper down/site"

build_here() {
	(umask 022 && TZ=UTC LC_ALL=C "$weft" -C "$work/a" build -q -j1)
}

build_there() {
	(umask 077 && TZ=Asia/Kolkata LC_ALL=C.UTF-8 HOME=/nowhere USER=someone GNUPLOT_LIB=/nowhere \
		GLIBC_TUNABLES=glibc.cpu.hwcaps=-AVX2,-FMA "$weft" -C "$other" build -q -j2)
}

same() {
	diff -r "$work/a/$1" "$other/$1"
}

check "the first clone builds" build_here
check "the second clone builds" build_there
check "build/site is the same" same build/site
check "figures/ is the same" same figures
check "no absolute path is published" sh -c '! grep -rl "$1" "$1/a/build/site" "$1/a/figures"' - "$work"
summary twoclones
