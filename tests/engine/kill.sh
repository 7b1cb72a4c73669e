#!/bin/sh
# Killed at any moment, a build leaves nothing behind and spoils nothing: kill.sh WEFT [TIMES]
set -u
weft=$(realpath "$1") times=${2:-10}
cd "$(dirname "$0")" || exit 2
. ./lib.sh

site=$work/site
small_site "$site" 30
small_site "$work/clean" 30
marker=marker-$$
"$weft" -C "$work/clean" build -q >/dev/null || { echo "the small site does not build"; exit 1; }

leftovers() {
	pgrep -af -- "$marker" | grep -v pgrep && { echo "a process is left"; return 1; }
	return 0
}

# A moment between 0 and 0.4 s, another each time.
kill_once() {
	rm -rf "$site/build" "$site/figures"
	"$weft" -C "$site" build -q >/dev/null 2>&1 &
	pid=$!
	sleep "0.$(printf '%03d' $(((n * 7919) % 400)))"
	kill -"$signal" $pid 2>/dev/null
	wait $pid
	status=$?
	# Death is not instant for what is killed with it.
	sleep 0.1
	leftovers || return 1
	[ "$status" = 0 ] || [ "$status" = "$expected" ] || { echo "exit status $status"; return 1; }
	"$weft" -C "$site" build -q >/dev/null || return 1
	diff -r "$site/build/site" "$work/clean/build/site" && diff -r "$site/figures" "$work/clean/figures" || return 1
	[ -z "$(find "$site/build/run" "$site/build/tmp" -mindepth 1 2>/dev/null)" ] && [ -z "$(find "$site" -name '*.tmp*')" ] ||
		{ find "$site/build/run" "$site/build/tmp" "$site" -name '*.tmp*'; echo "a temporary file is left"; return 1; }
}

n=0
while [ $n -lt "$times" ]; do
	n=$((n + 1)) signal=KILL expected=137
	check "kill -9, time $n" kill_once
done
n=3 signal=INT expected=130
# A background job of a shell without job control ignores SIGINT; TERM stands for it.
signal=TERM expected=143
check "SIGTERM" kill_once

# A program that ignores TERM and leaves grandchildren in sessions of their own.
stubborn() {
	mkdir -p "$work/stubborn/essays"
	cat >"$work/stubborn/essays/s.md" <<EOF
---
title: S
category: Tests
summary: It will not go.
date: 2026-01-01
---

\`\`\`c {#s .program timeout=1s args="$marker"}
#define _GNU_SOURCE
#include <signal.h>
#include <unistd.h>
int main(void)
{
	signal(SIGTERM, SIG_IGN);
	for (int i = 0; i < 3; i++)
		if (!fork()) {
			setsid();
			if (!fork())
				for (;;)
					pause();
			_exit(0);
		}
	for (;;)
		pause();
}
\`\`\`
EOF
	"$weft" -C "$work/stubborn" build -q 2>"$work/said" && return 1
	grep -q "took longer than its time limit" "$work/said" || { cat "$work/said"; return 1; }
	leftovers
}
check "a program that will not end is ended, with all it started" stubborn
summary kill
