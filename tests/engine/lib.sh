# What the suites of the engine share: a small real site, the labels of what was executed, and counting.
#
# A suite begins with
#
#     . "$(dirname "$0")/lib.sh"
#     begin "$@"
#
# and has then WEFT (absolute), TMP (a directory of its own, whose name no other process has in its arguments: MARK),
# and ends with `finish`.

passed=0
failed=0
skipped=0

begin()
{
	if [ $# -lt 1 ] || [ ! -x "$1" ]; then
		echo "usage: $0 WEFT …" >&2
		exit 2
	fi
	WEFT=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
	HERE=$(cd "$(dirname "$0")" && pwd)
	TMP=$(mktemp -d "${TMPDIR:-/tmp}/weft-engine.XXXXXX") || exit 2
	MARK=$(basename "$TMP")
	trap 'rm -rf "$TMP"' EXIT
	trap 'exit 130' INT TERM
	# A make above is not to lend its job slots, nor its -j, to what is tested.
	unset MAKEFLAGS MAKELEVEL MFLAGS
	export LC_ALL=C
}

finish()
{
	echo "$passed passed, $failed failed, $skipped skipped"
	[ $failed -eq 0 ]
	exit
}

# check CLAIM COMMAND…: passes when the command succeeds; what it prints is shown when it does not.
check()
{
	claim=$1
	shift
	if "$@" > "$TMP/why" 2>&1; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAIL $claim"
		sed 's/^/     /' "$TMP/why" | head -40
	fi
}

skip()
{
	skipped=$((skipped + 1))
	echo "SKIP $1"
}

# equal WHAT FOUND WANTED
equal()
{
	[ "$2" = "$3" ] && return
	printf '%s is\n%s\nwanted\n%s\n' "$1" "$2" "$3"
	return 1
}

# An essay with all kinds of actions. make_site DIR [SLEEP_MS [NAME]]: each program sleeps so long; NAME is a program's.
make_site()
{
	mkdir -p "$1/essays" "$1/lib"
	cat > "$1/lib/square.h" <<-'END'
	static long square(long x) { return x * x; }
	END
	cat > "$1/essays/small.md" <<-END
	---
	title: A small essay
	category: Test
	summary: It has all kinds of actions.
	date: 2026-01-01
	tags: [test]
	---

	Of the sum \$\\sum_{i=1}^n i^2\$ the last is \`{lua} squares.sums.sum[#squares.sums]\`, which \`{lua} ${3:-other}.values.x\`
	has no part in. The formula is @eq-sum, the picture @fig-sums.

	\$\$\\sum_{i=1}^n i^2 = \\frac{n(n+1)(2n+1)}{6}\$\$ {#eq-sum}

	\`\`\`c {#pause}
	nanosleep(&(struct timespec){${2:-0} / 1000, ${2:-0} % 1000 * 1000000L}, NULL);
	\`\`\`

	\`\`\`c {#squares .program sweep="n=10,20" args="$MARK"}
	#include "weft.h"
	#include "lib/square.h"

	int main(int argc, char **argv)
	{
		long n = weft_param_int(argc, argv, "n", 1), sum = 0;
		<<pause>>
		weft_table t = weft_table_open("sums", "i sum");
		for (long i = 1; i <= n; i++)
			weft_row(&t, i, sum += square(i));
		weft_table_close(&t);
	}
	\`\`\`

	\`\`\`c {#total .program needs="squares" args="$MARK"}
	#include "weft.h"

	int main(void)
	{
		FILE *f = fopen("squares/sums.tsv", "r");
		long rows = -1;
		for (int c; (c = getc(f)) != EOF; )
			rows += c == '\\n';
		<<pause>>
		printf("%ld rows\\n", rows);
		weft_value("rows", rows, "");
	}
	\`\`\`

	\`\`\`c {#${3:-other} .program args="$MARK"}
	#include "weft.h"

	int main(void)
	{
		<<pause>>
		weft_value("x", 7, "");
	}
	\`\`\`

	\`\`\`gnuplot {#fig-sums .figure from="squares" caption="Sums of squares." alt="A cubic."}
	plot "sums.tsv" using "i":"sum" with lines ls 1
	\`\`\`

	\`\`\`lua {#claim-formula .claim}
	says "The sums are those of the formula."
	for r in rows(squares.sums) do
		holds(r.sum, "==", r.i * (r.i + 1) * (2 * r.i + 1) // 6)
	end
	\`\`\`
	END
}

# Labels of what a build of DIR executed, sorted; what it said is in $TMP/said, its exit status in $status.
# executed DIR [WORD…]
executed()
{
	dir=$1
	shift
	"$WEFT" -C "$dir" -v "$@" build > "$TMP/printed" 2> "$TMP/said" && status=0 || status=$?
	sed -n 's/^\[[0-9]*\/[0-9]*\] \([^(].*\)  [0-9.]* s.*$/\1/p' "$TMP/said" | sort
}

# Change lines of a file by a sed script, so that its bytes are new.
edit()
{
	sed "$1" "$2" > "$TMP/edited" && cp "$TMP/edited" "$2"
}

# Do the published trees of two sites agree, byte for byte?
same_site()
{
	diff -r "$1/build/site" "$2/build/site" && diff -r "$1/figures" "$2/figures"
}

# Is no process left that has the mark in its arguments? Those just killed get a moment to go.
no_process()
{
	tries=0
	while pgrep -f "$MARK" > "$TMP/pids"; do
		tries=$((tries + 1))
		if [ $tries -gt 40 ]; then
			ps -o pid,ppid,stat,args -p "$(paste -sd, "$TMP/pids")"
			kill -KILL $(cat "$TMP/pids")
			return 1
		fi
		sleep 0.05
	done
}

# Is nothing left of a build's private files?
no_remains()
{
	find "$1/build/run" "$1/build/tmp" -type f 2>/dev/null > "$TMP/left"
	find "$1" -name '*.tmp*' >> "$TMP/left"
	cat "$TMP/left"
	[ ! -s "$TMP/left" ]
}
