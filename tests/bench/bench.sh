#!/bin/sh
# How fast weft builds, beside what no build could do without: bench.sh WEFT
#
# Builds the essays of essay.lua: one (1,500 words, 60 formulas, 6 programs in C, 4 figures in two widths) and a site of 50
# (COPIES in the environment: of as many).
# The floor of a build is the same commands in the same sandboxes, the same number at a time, and nothing else; witness.c
# records them from a build, so they cannot drift from what weft really does. Weft and its floor take turns, so other work on
# the machine meets both; numbers are medians, with quartiles.
#
# Prints what was measured, then every goal and whether it is met. Exits 1 when one is not, 2 when something does not work.
# Takes three to four minutes where nothing else runs.
set -eu

weft=$(realpath "${1:?usage: bench.sh WEFT}")
here=$(realpath "$(dirname "$0")")
jobs=$(nproc)
copies=${COPIES:-50}
work=$(mktemp -d "${TMPDIR:-/tmp}/weft-bench.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 2' HUP INT TERM

die() {
	echo "bench: $*" >&2
	exit 2
}

cc=${CC:-cc}
for tool in timeit pool; do
	$cc -std=c11 -D_GNU_SOURCE -O2 -o "$work/$tool" "$here/$tool.c"
done
$cc -std=c11 -D_GNU_SOURCE -O2 -shared -fPIC -o "$work/witness.so" "$here/witness.c"

# A site of its own for each measurement: SITE COPIES
new_site() {
	mkdir -p "$work/$1/essays"
	lua5.4 "$here/essay.lua" "$work/$1" "$2"
}

build() {
	(cd "$work/$1" && "$weft" build -j "$jobs" >"$work/log" 2>&1) || die "the build of '$1' failed: $(cat "$work/log")"
}

edit="lua5.4 $here/edit.lua essays/bench-01.md"
tab=$(printf '\t')

# NAME DIR BEFORE COMMAND: one line for timeit
task() {
	printf '%s\t%s\t%s\t%s\n' "$1" "$work/$2" "$3" "$4"
}

# The commands of a build, which are so many, and its floors: NAME STEPS COUNT
record() {
	mkdir "$work/$1"
	(cd "$work/seen" && WITNESS_JOBS=$work/$1 WITNESS_MEMORY=$work/$1.memory LD_PRELOAD=$work/witness.so \
		"$weft" build -j "$jobs" >"$work/log" 2>&1) || die "the build to record failed: $(cat "$work/log")"
	seen=$(grep -c '^end' "$work/$1/jobs") || die "no command of the build was seen; is weft linked statically?"
	[ "$seen" -eq "$3" ] || die "$seen commands were seen where $3 are needed"
	lua5.4 "$here/floor.lua" "$work/$1" "$2"
}

new_site seen 1
printf 'cold build: '
record cold at-once 20
(cd "$work/seen" && $edit chunk)
printf 'one chunk:  '
record chunk in-turn 4
(cd "$work/seen" && $edit word)
mkdir "$work/word"
(cd "$work/seen" && WITNESS_MEMORY=$work/word.memory LD_PRELOAD=$work/witness.so "$weft" build >/dev/null 2>&1)
"$work/pool" "$jobs" "$work/cold/walled" || die "the recorded commands do not run again"
figures=$(grep -c '^arg .*/gnuplot' "$work/cold/walled")
mkdir "$work/ninja"
lua5.4 "$here/graph.lua" "$work/cold" "$work/ninja" "$figures"
ninja -C "$work/ninja" >/dev/null || die "ninja's graph does not build"

# The old build is moved, not removed: ext4 is slow to make files just after many were removed.
new_site cold-site 1
aside="if [ -d build ]; then mkdir -p ../aside && mv build ../aside/\$\$; fi"
{
	task cold cold-site "$aside" "$weft build -j $jobs"
	task cold-floor . '' "$work/pool $jobs $work/cold/walled"
	task cold-bare . '' "$work/pool $jobs $work/cold/bare"
} | "$work/timeit" 9 >"$work/times"

new_site one 1
build one
{
	task chunk one "$edit chunk" "$weft build -j $jobs"
	task chunk-floor . '' "$work/pool $jobs $work/chunk/walled"
	task chunk-bare . '' "$work/pool $jobs $work/chunk/bare"
} | "$work/timeit" 21 >>"$work/times"


new_site many "$copies"
# One alone again: a minute later the machine may be another.
task many many '' "env LD_PRELOAD=$work/witness.so WITNESS_MEMORY=$work/many.memory $weft build -j $jobs" |
	"$work/timeit" 1 >>"$work/times"
task many-one cold-site "$aside" "$weft build -j $jobs" | "$work/timeit" 9 >>"$work/times"

{
	task no-op one '' "$weft build -j $jobs"
	task ninja ninja '' ninja
	task word one "$edit word" "$weft build -j $jobs"
	task many-no-op many '' "$weft build -j $jobs"
	task many-word many "$edit word" "$weft build -j $jobs"
} | "$work/timeit" 41 >>"$work/times"

for kind in cold chunk word many; do
	printf '%s%s%s\n' "$kind.memory" "$tab" "$(cat "$work/$kind.memory")"
done >>"$work/times"
lua5.4 "$here/report.lua" "$work/times" "$copies" "$jobs"
