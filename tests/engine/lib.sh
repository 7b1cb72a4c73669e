# Shared by the shell suites: sourced, with $weft set to an absolute path by then.
#
#   check NAME COMMAND…   run a check; its output is shown when it fails
#   skip NAME REASON      say loudly what was not tried
#   summary SUITE         the closing line and the exit status

passed=0 failed=0 skipped=0
work=$(mktemp -d)
trap 'chmod -R u+rwX "$work" 2>/dev/null; rm -rf "$work"' EXIT

check() {
	name=$1
	shift
	if "$@" >"$work/log" 2>&1; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		printf 'FAILED: %s\n' "$name"
		sed 's/^/    /' "$work/log" | tail -n 40
	fi
}

skip() {
	skipped=$((skipped + 1))
	printf 'SKIPPED: %s: %s\n' "$1" "$2"
}

summary() {
	printf '%s: %d passed, %d failed, %d skipped\n' "$1" $passed $failed $skipped
	[ $failed -eq 0 ]
}

# A small essay with all there is: two programs that share a chunk, a sweep, a figure, formulas, a table, a claim.
# small_site DIR [NAP]: NAP is how many milliseconds each run sleeps.
small_site() {
	mkdir -p "$1/essays"
	cat >"$1/essays/small.md" <<EOF
---
title: Small
category: Tests
summary: An essay with a little of everything.
date: 2026-01-01
tags: [tests]
---

The text has a formula, \$a^2 + b^2 = c^2\$, and a value, \`{lua} first.values.sum\`.

\`\`\`c {#nap}
static void nap(void)
{
	struct timespec t = {0, ${2:-0} * 1000000L};
	nanosleep(&t, 0);
}
\`\`\`

\`\`\`c {#first .program args="marker-$$"}
#define _GNU_SOURCE
#include <time.h>
#include "weft.h"
<<nap>>
int main(void)
{
	nap();
	weft_table t = weft_table_open("squares", "i square");
	long sum = 0;
	for (long i = 1; i <= 10; i++) {
		weft_row(&t, i, i * i);
		sum += i * i;
	}
	weft_table_close(&t);
	weft_value("sum", sum, "");
	puts("done");
	return 0;
}
\`\`\`

\`\`\`c {#second .program sweep="n=1,2,3" needs="first"}
#define _GNU_SOURCE
#include <stdio.h>
#include <time.h>
#include "weft.h"
<<nap>>
int main(int argc, char **argv)
{
	nap();
	char line[64];
	FILE *f = fopen("first/squares.tsv", "r");
	if (!f || !fgets(line, sizeof line, f))
		return 1;
	weft_value("twice", 2 * weft_param_int(argc, argv, "n", 0), "");
	return 0;
}
\`\`\`

\`\`\`gnuplot {#fig-squares .figure from="first" caption="Squares grow." alt="A rising curve."}
set xlabel "i"
plot "squares.tsv" using "i":"square" with linespoints ls 1
\`\`\`

\`\`\`lua {#tab-twice .table from="second" caption="Twice."}
return { rows = second.values, columns = { {"n"}, {"twice"} } }
\`\`\`

\`\`\`lua {#claim-sum .claim}
says "The sum is 385."
holds(first.values.sum, "==", 385)
\`\`\`
EOF
}
