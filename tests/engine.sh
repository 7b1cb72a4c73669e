#!/bin/sh
# The suites that try whole builds: engine.sh WEFT short|all|long
#
# Each suite ends with "N passed, N failed, N skipped"; this ends with their sum.
weft=$1 length=${2:-short}
case $length in
short) seed=1 steps=200 kills=10 documents=20000 ;;
all)   seed=2 steps=1000 kills=50 documents=100000 ;;
long)  seed=$(date +%s) steps=5000 kills=200 documents=1000000 ;;
*)     echo "engine.sh: short, all or long, not '$length'" >&2; exit 2 ;;
esac

passed=0 failed=0 skipped=0
log=$(mktemp)
trap 'rm -f "$log"' EXIT

run() {
	"$@" 2>&1 | tee "$log"
	line=$(grep -E '[0-9]+ passed, [0-9]+ failed' "$log" | tail -n 1)
	set -- $(printf '%s' "$line" | tr -cs '0-9' ' ')
	passed=$((passed + ${1:-0})) failed=$((failed + ${2:-1})) skipped=$((skipped + ${3:-0}))
}

run lua5.4 tests/engine/property.lua "$weft" $steps $seed
run tests/engine/noop.sh "$weft"
run tests/engine/twoclones.sh "$weft"
run tests/engine/kill.sh "$weft" $kills
run lua5.4 tests/engine/spec.lua "$weft" $documents
for suite in concurrent sandbox record; do
	if [ -x "tests/engine/$suite.sh" ]; then
		run "tests/engine/$suite.sh" "$weft"
	fi
done
printf 'engine: %d passed, %d failed, %d skipped\n' $passed $failed $skipped
[ $failed -eq 0 ]
