#!/bin/sh
# CUDA on the CPU: simt.sh TOOLS [RANDOM]. TOOLS is the folder with simtcc and what it runs; RANDOM how many random
# kernels to compare with the interpreter (default 500).
here=$(dirname "$0")/simt tools=$1 random=${2:-500}
passed=0 failed=0 skipped=0
log=$(mktemp)
trap 'rm -f "$log"' EXIT
for suite in "suite.sh" "bad.sh" "differ.sh"; do
	extra=
	[ $suite = differ.sh ] && extra=$random
	"$here/$suite" "$tools" "$tools" $extra >"$log" 2>&1
	status=$?
	line=$(grep -E '[0-9]+ passed, [0-9]+ failed' "$log" | tail -n 1)
	[ $status -eq 0 ] && [ -n "$line" ] || cat "$log"
	set -- "$tools" $(printf '%s' "$line" | tr -cs '0-9' ' ')
	passed=$((passed + ${2:-0})) failed=$((failed + ${3:-1})) skipped=$((skipped + ${4:-0}))
done
printf 'simt: %d passed, %d failed, %d skipped\n' $passed $failed $skipped
[ $failed -eq 0 ]
