#!/bin/sh
# Golden cases: commands, and exactly what they print.
#
#     tests/golden.sh [--accept] WEFT [WORD…]      only cases whose path has one of the words
#
# A case is a file NAME.expect anywhere below tests/golden, which reads like a terminal:
#
#     # what the case claims
#     $ weft parse NAME                a command of the shell, run in a site of the case's own
#     > a line of its standard output
#     ! a line of its standard error, after all of standard output
#     = 1                              its exit status, when that is not 0
#
# The site is a copy of the directory NAME/ beside it, or has the one essay NAME.md, or none. Commands of a case run
# one after the other and share the site alone. A last line without a newline is followed by a line "\". A line
# "#needs TOOL…" skips the case where one of the tools is missing; "bubblewrap" is one that must work, too.
#
# To add a case: write NAME.md, say `make accept`, read the new NAME.expect. It begins with `weft parse NAME`; change
# its lines "$ …" to what is to be run, and accept again. Accepting keeps comments, empty lines and commands, and
# writes everything else anew.

ROOT=$(cd "$(dirname "$0")/.." && pwd)
CASES=$ROOT/tests/golden
LIMIT_S=60      # for each command: generous, a hang is what it is for

accept=
if [ "$1" = --accept ]; then
	accept=yes
	shift
fi
if [ $# -eq 0 ] || [ ! -x "$1" ]; then
	echo "usage: tests/golden.sh [--accept] WEFT [WORD…]" >&2
	exit 2
fi
WEFT=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
shift

TMP=$(mktemp -d) || exit 2
trap 'rm -rf "$TMP"' EXIT
trap 'exit 130' INT TERM
mkdir "$TMP/bin" "$TMP/claimed" "$TMP/site" "$TMP/got" "$TMP/log"
ln -s "$WEFT" "$TMP/bin/weft"
PATH=$TMP/bin:$PATH LC_ALL=C.UTF-8 TZ=UTC
# A make above is not to lend its job slots, nor its -j, to what is tested.
unset MAKEFLAGS MAKELEVEL MFLAGS
export PATH LC_ALL TZ WEFT ROOT

# What differs from machine to machine or from run to run, and nothing else: times, the site's own directory, where
# the tree lies, how strong the sandbox is, process ids and addresses of a sanitizer's report.
normalise()
{
	sed -E -e "s|$1|SITE|g" -e "s|$ROOT|ROOT|g" \
		-e 's/[0-9]+\.[0-9]+ s($|[^a-z])/T s\1/g' \
		-e 's/(killed after) [0-9]+ s$/\1 T s/' \
		-e 's/sandbox: (bubblewrap|limits only)/sandbox: TIER/' \
		-e 's/==[0-9]+==/==PID==/g' -e 's/0x[0-9a-f]{8,}/ADDRESS/g'
}

# Print a stream's lines behind their mark: show MARK FILE SITE.
show()
{
	[ -s "$2" ] || return
	normalise "$3" <"$2" | sed -e "s/^/$1 /" -e 's/ $//'
	# Command substitution drops a newline, and only that.
	[ -z "$(tail -c 1 "$2" | tr '\0' x)" ] || printf '\n\\\n'
}

# The case's commands with what they print now: play NAME SITE LOG <EXPECT.
play()
{
	while IFS= read -r line || [ -n "$line" ]; do
		case $line in
		'$ '*)
			printf '%s\n' "$line"
			(cd "$2" && exec timeout -k 5 $LIMIT_S sh -c "${line#??}") >"$3.out" 2>"$3.err" </dev/null
			status=$?
			show '>' "$3.out" "$2"
			show '!' "$3.err" "$2"
			[ $status -eq 0 ] || printf '= %d\n' $status
			[ $status -ne 124 ] || echo "took longer than $LIMIT_S s"
			;;
		'#'* | '')
			printf '%s\n' "$line"
			;;
		esac
	done
}

# The tools a case wants and this machine lacks.
missing()
{
	for tool in $(sed -n 's/^#needs //p' "$1"); do
		if [ "$tool" = bubblewrap ]; then
			bwrap --unshare-user --unshare-all --ro-bind / / true 2>/dev/null || printf '%s ' "$tool"
		else
			command -v "$tool" >/dev/null || printf '%s ' "$tool"
		fi
	done
}

run_case()
{
	expect=$CASES/$1.expect site=$TMP/site/$2
	if [ ! -e "$expect" ]; then
		expect=$TMP/log/$2.new
		printf '$ weft parse %s\n' "$(basename "$1")" >"$expect"
	fi
	lacks=$(missing "$expect")
	if [ -n "$lacks" ]; then
		printf '%s' "$lacks" >"$TMP/log/$2.lacks"
		return
	fi
	mkdir -p "$site"
	if [ -d "$CASES/$1" ]; then
		cp -R "$CASES/$1/." "$site"
	elif [ -e "$CASES/$1.md" ]; then
		mkdir "$site/essays"
		cp "$CASES/$1.md" "$site/essays"
	fi
	play "$1" "$site" "$TMP/log/$2" <"$expect" >"$TMP/got/$2"
	chmod -R u+w "$site"
	rm -rf "$site"
}

# Take cases that no other worker has taken, until none is left.
work()
{
	while read -r name; do
		flat=$(printf %s "$name" | tr / :)
		mkdir "$TMP/claimed/$flat" 2>/dev/null || continue
		run_case "$name" "$flat"
	done <"$TMP/cases"
}

{
	find "$CASES" -type d -name essays -prune -o -name '*.expect' -print -o -name '*.md' -print |
		sed -e "s|^$CASES/||" -e 's/\.[a-z]*$//' | sort -u
} >"$TMP/all"
if [ $# -gt 0 ]; then
	for word in "$@"; do
		grep -F -e "$word" "$TMP/all"
	done | sort -u >"$TMP/cases"
else
	cp "$TMP/all" "$TMP/cases"
fi
if [ ! -s "$TMP/cases" ]; then
	echo "golden: no such case" >&2
	exit 2
fi

work &
work &
wait

passed=0 failed=0 skipped=0 written=0
while read -r name; do
	flat=$(printf %s "$name" | tr / :)
	expect=$CASES/$name.expect got=$TMP/got/$flat
	if [ -e "$TMP/log/$flat.lacks" ]; then
		echo "golden: $name skipped: there is no $(cat "$TMP/log/$flat.lacks")"
		skipped=$((skipped + 1))
	elif grep -qs '^took longer' "$got"; then
		# Never to be accepted.
		echo "golden: $name hangs:"
		grep -B 2 '^took longer' "$got"
		failed=$((failed + 1))
	elif [ -s "$got" ] && cmp -s "$expect" "$got"; then
		passed=$((passed + 1))
	elif [ -n "$accept" ] && [ -s "$got" ]; then
		cp "$got" "$expect"
		echo "tests/golden/$name.expect"
		written=$((written + 1))
	else
		echo "golden: $name fails:"
		[ -e "$expect" ] || echo "  it has no tests/golden/$name.expect; 'make accept' writes it"
		diff -u -L expected -L got "$expect" "$got" 2>/dev/null
		failed=$((failed + 1))
	fi
done <"$TMP/cases"
if [ -n "$accept" ]; then
	echo "golden: $written written, $passed as before, $failed failed, $skipped skipped"
	[ $failed -eq 0 ]
	exit
fi
# Every message weft can say stands in some case.
if [ $# -eq 0 ]; then
	if lua5.4 "$CASES/messages.lua" "$ROOT"; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
	fi
fi
echo "golden: $passed passed, $failed failed, $skipped skipped"
[ $failed -eq 0 ]
