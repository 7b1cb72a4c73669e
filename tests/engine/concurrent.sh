#!/bin/sh
# Two builds of one tree take turns: both end well, nothing is executed twice, and a command that only looks waits too.
#
#     tests/engine/concurrent.sh WEFT [TIMES]

. "$(dirname "$0")/lib.sh"
begin "$@"

times=${2:-3}
site=$TMP/site
make_site "$TMP/alone" 100
"$WEFT" -C "$TMP/alone" build > /dev/null 2>&1

at_once()
{
	rm -rf "$site"
	make_site "$site" 100
	"$WEFT" -C "$site" -v build > "$TMP/out.1" 2> "$TMP/said.1" &
	first=$!
	"$WEFT" -C "$site" -v build > "$TMP/out.2" 2> "$TMP/said.2" &
	second=$!
	wait $first
	equal "exit status of the first" $? 0 || { cat "$TMP/said.1"; return 1; }
	wait $second
	equal "exit status of the second" $? 0 || { cat "$TMP/said.2"; return 1; }
	cat "$TMP/said.1" "$TMP/said.2" > "$TMP/said"
	equal "notes of waiting" "$(grep -c "another weft works in this tree" "$TMP/said")" 1 || return 1
	equal "builds with nothing to do" "$(grep -c "nothing to do" "$TMP/said")" 1 || return 1
	cmp "$TMP/out.1" "$TMP/out.2" || return 1
	sed -n 's/^\[[0-9]*\/[0-9]*\] \([^(].*\)  [0-9.]* s.*$/\1/p' "$TMP/said" | sort > "$TMP/labels"
	equal "actions executed" "$(wc -l < "$TMP/labels")" 12 || return 1
	equal "actions executed twice" "$(uniq -d "$TMP/labels")" "" || return 1
	same_site "$site" "$TMP/alone"
}
i=0
while [ $i -lt "$times" ]; do
	i=$((i + 1))
	check "two builds at once take turns ($i)" at_once
done

# The lock is the kernel's: a build that was killed holds nothing.
after_a_kill()
{
	rm -rf "$site"
	make_site "$site" 500
	"$WEFT" -C "$site" build > /dev/null 2>&1 &
	first=$!
	sleep 0.3
	"$WEFT" -C "$site" build > "$TMP/out.2" 2> "$TMP/said.2" &
	second=$!
	sleep 0.2
	kill -KILL $first
	wait $second
	equal "exit status of the one that waited" $? 0 || { cat "$TMP/said.2"; return 1; }
	make_site "$TMP/alone" 500
	"$WEFT" -C "$TMP/alone" build > /dev/null 2>&1
	same_site "$site" "$TMP/alone"
}
check "a build goes on when the one it waits for is killed" after_a_kill

finish
