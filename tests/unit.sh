#!/bin/sh
# Run unit test programs and add up: unit.sh PROGRAM…
#
# Each prints cmocka's own report; a program that dies counts as one failure.
passed=0 failed=0 skipped=0
log=$(mktemp)
trap 'rm -f "$log"' EXIT
for test in "$@"; do
	"$test" >"$log" 2>&1
	status=$?
	p=$(grep -c '^\[       OK \]' "$log") f=$(sed -n 's/^\[  FAILED  \] \([0-9]*\) test(s).*/\1/p' "$log") s=$(sed -n 's/^\[  SKIPPED \] \([0-9]*\) test(s).*/\1/p' "$log")
	f=${f:-0} s=${s:-0}
	if [ $status -ne 0 ] && [ "$f" -eq 0 ]; then
		f=1
	fi
	if [ "$f" -gt 0 ]; then
		printf '%s:\n' "$test"
		cat "$log"
	fi
	passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
done
printf 'unit: %d passed, %d failed, %d skipped\n' $passed $failed $skipped
[ $failed -eq 0 ]
