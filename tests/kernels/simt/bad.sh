#!/bin/sh
# Deliberately broken kernels: each gets its one right report, at the essay's line.
#
#   bad.sh FOLDER-OF-SIMTCC FOLDER-OF-TOOLS
#
# The first line of bad/NAME.cu is what the check must say, a basic regular expression over the
# whole of its output; a kernel meant to be refused by the compiler says so there too. CXX names
# the compiler.
here=$(cd "$(dirname "$0")" && pwd)
export SIMT=$1 SIMT_BIN=$2 SIMT_WATCHDOG_S=2
work=$(mktemp -d) && cd "$work" || exit 2
trap 'rm -rf "$work"' EXIT
passed=0 failed=0
for source in "$here"/bad/*.cu "$here"/refused/*.cu; do
	name=$(basename "$source" .cu)
	want=$(sed -n '1s,^// ,,p' "$source")
	{ printf '#line 1 "essays/bad.md#%s"\n' "$name"; cat "$source"; } > "$name.cu"
	"$SIMT/simtcc" check prog "$name.cu" > said 2>&1 && ./prog > printed 2>> said
	status=$?
	if [ $status -eq 1 ] && [ "$(grep -c ': error: ' said)" -eq 1 ] && grep -q "^$want\$" said
	then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		printf '%s: exit %d; wanted\n  %s\nfound\n' "$name" $status "$want"
		sed 's/^/  /' said
	fi
done
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
