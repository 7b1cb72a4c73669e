#!/bin/sh
# Builds of one tree take turns, and all end well: concurrent.sh WEFT
set -u
weft=$(realpath "$1")
cd "$(dirname "$0")" || exit 2
. ./lib.sh

small_site "$work/site" 30

together() {
	for i in 1 2 3 4; do
		("$weft" -C "$work/site" build >"$work/out.$i" 2>&1; echo $? >"$work/status.$i") &
	done
	wait
	cat "$work"/out.?
	[ "$(cat "$work"/status.? | sort -u)" = 0 ] || return 1
	# One of them did the work; the others waited for it and found it done.
	[ "$(grep -l 'nothing to do' "$work"/out.? | wc -l)" = 3 ]
}
check "four builds at once: one works, three find it done" together

make_slots() {
	printf 'all: ; +@"%s" -C "%s" build -v\n' "$weft" "$work/jobs" >"$work/makefile"
	small_site "$work/jobs" 100
	make -s -j2 -f "$work/makefile" 2>&1 || return 1
}
check "a build under make -j2 ends well" make_slots
no_leak() {
	# Two more jobs behind the build need both slots back.
	rm -rf "$work/jobs/build"
	printf 'all: a b\na: w ; @sleep 0.3\nb: w ; @sleep 0.3\nw: ; +@"%s" -C "%s" build -q\n' "$weft" "$work/jobs" >"$work/makefile"
	make -s -j2 -f "$work/makefile" 2>"$work/err" >/dev/null || { cat "$work/err"; return 1; }
	! grep -i token "$work/err"
}
check "make gets all its slots back" no_leak
summary concurrent
