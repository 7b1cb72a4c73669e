#!/bin/sh
# A build that is killed at any instant leaves no process, and nothing that the next build does not put right; one that is
# asked to end does so at once and says by its exit status how.
#
#     tests/engine/kill.sh WEFT [TIMES [SEED]]     kills TIMES (10) builds, at moments drawn from SEED

. "$(dirname "$0")/lib.sh"
begin "$@"

times=${2:-10}
seed=${3:-$(date +%s)}
echo "kill: $times times, seed $seed"

if ! command -v pgrep > /dev/null; then
	skip "killing builds: there is no pgrep to look for what they leave"
	finish
fi

# ---- SIGKILL ----

# How long a build from nothing takes: the moments of death are spread over it.
make_site "$TMP/first/site" 20 walk0
begun=$(date +%s%N)
"$WEFT" -C "$TMP/first/site" build > "$TMP/printed" 2>&1 || cat "$TMP/printed"
took_ns=$(($(date +%s%N) - begun))

awk -v n="$times" -v seed="$seed" -v most="$took_ns" \
	'BEGIN { srand(seed); for (i = 0; i < n; i++) printf "%.4f\n", rand() * most / 1e9 }' > "$TMP/moments"

# Kill a build after $1 seconds, and see what it left; then build, and compare with a clean build.
killed_build()
{
	"$WEFT" -C "$site" build > "$TMP/printed" 2>&1 &
	weft=$!
	sleep "$1"
	kill -KILL $weft 2> /dev/null
	wait $weft
	no_process || return 1
	"$WEFT" -C "$site" build > "$TMP/printed" 2>&1 || { cat "$TMP/printed"; return 1; }
	no_remains "$site" || return 1
	rm -rf "$TMP/clean"
	mkdir -p "$TMP/clean"
	cp -r "$site/essays" "$site/lib" "$TMP/clean"
	"$WEFT" -C "$TMP/clean" build > "$TMP/printed" 2>&1 || { cat "$TMP/printed"; return 1; }
	same_site "$site" "$TMP/clean"
}

site=$TMP/killed
i=0
while read -r moment; do
	i=$((i + 1))
	# Half of the builds begin with nothing; the others have a store, and a program with a new name.
	[ $((i % 2)) -eq 0 ] || rm -rf "$site"
	make_site "$site" 20 "walk$i"
	check "kill -9 after $moment s leaves what a clean build leaves" killed_build "$moment"
done < "$TMP/moments"

# A build killed between publishing and saving its state leaves the state of the build before. What it published is then in
# no state, and the next build has another name for it.
killed_late()
{
	make_site "$site" 0 before
	"$WEFT" -C "$site" build > "$TMP/printed" 2>&1 || { cat "$TMP/printed"; return 1; }
	cp "$site/build/state" "$TMP/state"
	make_site "$site" 0 late
	"$WEFT" -C "$site" build > "$TMP/printed" 2>&1 || { cat "$TMP/printed"; return 1; }
	cp "$TMP/state" "$site/build/state"
	make_site "$site" 0 after
	killed_build 0
}
check "what a killed build published, and no essay has any more, goes away" killed_late

# Private directories of a build that was killed are no place to run in.
litter()
{
	rm -rf "$site" "$TMP/clean"
	make_site "$site"
	make_site "$TMP/clean"
	for i in 0 1 2 3 4 5 6 7 8 9; do
		mkdir -p "$site/build/run/$i/squares" "$site/build/tmp"
		printf 'a\n1\n' > "$site/build/run/$i/stray.tsv"
		echo "#error stray" > "$site/build/run/$i/time.h"
		echo stray > "$site/build/tmp/.tmp.$i.0"
	done
	for dir in "$site" "$TMP/clean"; do
		"$WEFT" -C "$dir" build > "$TMP/printed" 2>&1 || { cat "$TMP/printed"; return 1; }
	done
	no_remains "$site" && same_site "$site" "$TMP/clean"
}
check "what a killed build left in its private directories reaches no result" litter

# ---- Signals that ask ----

# Build a site whose programs sleep for ten seconds and, once they run, send the build a signal. Its exit status is to be
# $2, at once, and no process left. The pause is for bubblewrap, which needs some milliseconds until it has tied a
# sandbox's life to its own.
asked()
{
	rm -rf "$site"
	make_site "$site" 10000
	"$WEFT" -C "$site" build > "$TMP/printed" 2>&1 &
	weft=$!
	tries=0
	until pgrep -f "/prog/[a-z]* $MARK|cas/../[0-9a-f]* $MARK" > /dev/null || [ $tries -gt 500 ]; do
		tries=$((tries + 1))
		sleep 0.02
	done
	sleep 0.3
	begun=$(date +%s%N)
	kill -"$1" $weft
	wait $weft
	equal "exit status" $? "$2" || return 1
	[ $(($(date +%s%N) - begun)) -lt 2000000000 ] || { echo "it took two seconds and more to end"; return 1; }
	no_process
}
asked_and_tidy()
{
	asked "$@" && no_remains "$site"
}
check "SIGINT ends a build with 130" asked_and_tidy INT 130
check "SIGTERM ends a build with 143" asked_and_tidy TERM 143
check "SIGHUP ends a build with 129" asked_and_tidy HUP 129
check "kill -9 takes the programs along" asked KILL 137

# ---- Programs that will not end ----

# A program that ignores SIGTERM, and whose children have left its session, one below the other.
make_stubborn()
{
	rm -rf "$site"
	mkdir -p "$site/essays"
	cat > "$site/essays/stubborn.md" <<-END
	---
	title: Stubborn
	category: Test
	summary: It does not end.
	date: 2026-01-01
	tags: [test]
	---

	\`\`\`c {#stubborn .program args="$MARK" timeout=1s}
	#include <signal.h>
	#include <unistd.h>

	int main(void)
	{
		signal(SIGTERM, SIG_IGN);
		for (int i = 0; i < 4; i++)
			if (!fork())
				setsid();
		for (;;)
			pause();
	}
	\`\`\`
	END
}

# $@: how to run weft
stubborn_build()
{
	make_stubborn
	"$@" -C "$site" build > "$TMP/printed" 2>&1
	equal "exit status" $? 1 || { cat "$TMP/printed"; return 1; }
	grep -q "took longer than its time limit" "$TMP/printed" || { cat "$TMP/printed"; return 1; }
	no_process && no_remains "$site"
}
check "nothing survives a program that ignores SIGTERM and leaves its session" stubborn_build timeout 30 "$WEFT"

# The same without bubblewrap, whose place another program takes in a mount name space of our own.
without_bubblewrap()
{
	unshare -rm sh -c 'mount --bind /bin/false /usr/bin/bwrap && exec "$@"' sh "$@"
}
if [ ! -e /usr/bin/bwrap ]; then
	skip "the same without bubblewrap: it is not here to be taken away, and the case above was that one"
elif without_bubblewrap true 2> /dev/null; then
	limits_only()
	{
		make_site "$TMP/limits"
		without_bubblewrap "$WEFT" -C "$TMP/limits" build > "$TMP/printed" 2>&1
		grep "sandbox: limits only" "$TMP/printed" || { cat "$TMP/printed"; return 1; }
		same_site "$TMP/limits" "$TMP/with"
	}
	make_site "$TMP/with"
	"$WEFT" -C "$TMP/with" build > /dev/null 2>&1
	check "a site is the same without bubblewrap" limits_only
	check "nothing survives such a program without bubblewrap" stubborn_build without_bubblewrap timeout 30 "$WEFT"
else
	skip "a site is the same without bubblewrap: no name spaces to take it away in"
	skip "nothing survives such a program without bubblewrap: the same"
fi

finish
