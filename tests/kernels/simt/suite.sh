#!/bin/sh
# The kernel suite, the features and the shapes of the language, over compilers, levels of optimisation and workers: the same
# output bits everywhere, and the same tables of counts from every build that counts.
#
#   suite.sh FOLDER-OF-SIMTCC FOLDER-OF-TOOLS
#
# CXXS names the compilers (default "g++ clang++").
here=$(cd "$(dirname "$0")" && pwd)
export SIMT=$1 SIMT_BIN=$2
work=$(mktemp -d) && cd "$work" || exit 2
trap 'rm -rf "$work"' EXIT
passed=0 failed=0

tell() { # what, status
	if [ "$2" -eq 0 ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "failed: $1"
	fi
}

# A table without the columns that describe the compiler's basic blocks, and without rows in which
# nothing else is counted.
comparable() {
	awk -F'\t' 'NR == 1 { for (i = 1; i <= NF; i++) {
			drop[i] = $i ~ /^(steps|step_lanes|partial_steps|simt_efficiency)$/
			figure[i] = $i ~ /(loads|stores|atomics|barriers|collectives|flops|special)/ } }
		{ line = ""; sum = NR == 1
		  for (i = 1; i <= NF; i++) if (!drop[i]) {
			line = line $i "\t"; if (figure[i]) sum += $i }
		  if (sum) print line }' "$1"
}

for name in suite features language; do
	{ echo "#line 1 \"essays/test.md#$name\""; cat "$here/$name.cu"; } > $name.cu
done
first=
CXXS=${CXXS:-g++ clang++}
for cxx in $CXXS; do
	export CXX=$cxx
	for build in "plain -O0" "plain -O1" "plain -O3" "count -O0" "count -O1" "check -O1"; do
		mode=${build% *}
		for name in features suite language; do
			OPT=${build#* } "$SIMT/simtcc" "$mode" $name $name.cu
			tell "$cxx $build $name does not compile" $?
		done
		./features > said 2>&1 && grep -q '^0 mistakes' said
		tell "$cxx $build features: $(cat said)" $?
		rm -f launches.tsv
		./language > said 2>&1 && [ "$(cat said)" = "141848 3 cudaSuccess" ]
		tell "$cxx $build language: $(cat said)" $?
		# its text has much that an optimiser joins or folds
		if [ "$build" = "count -O0" ]; then
			comparable launches.tsv > launches
			[ -f first.language ] || cp launches first.language
			cmp -s first.language launches
			tell "$cxx $build language: another launches.tsv" $?
		fi
		for workers in 1 2 3 8; do
			[ "$mode" = check ] && [ $workers -gt 1 ] && continue
			SIMT_WORKERS=$workers ./suite > said 2>&1
			tell "$cxx $build suite, $workers workers: $(cat said)" $?
			sed 's/.*bits/bits/' said > bits
			[ -n "$first" ] || { cp bits first; first=1; }
			cmp -s bits first
			tell "$cxx $build suite, $workers workers: other bits" $?
			[ "$mode" = count ] || continue
			for table in launches lines; do
				comparable $table.tsv > $table
				[ -f first.$table ] || cp $table first.$table
				diff first.$table $table > differences
				tell "$cxx $build, $workers workers: other $table.tsv
$(head -20 differences)" $?
			done
		done
	done
done

# Models of caches: the same for any number of workers; and where everything fits into L2, it
# misses each sector once.
CXX=${CXXS%% *} OPT=-O1 "$SIMT/simtcc" count suite suite.cu
tell "the suite does not compile" $?
rm -f first.models
for workers in 1 2 5; do
	SIMT_L1_KIB=128 SIMT_L2_MIB=4 SIMT_WORKERS=$workers ./suite > said
	tell "the suite with models of caches" $?
	[ -f first.models ] || cp launches.tsv first.models
	cmp -s launches.tsv first.models
	tell "models of caches, $workers workers: another launches.tsv" $?
done
awk -F'\t' 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
	$at["l2_model_misses"] != $at["distinct_load_sectors"] ||
	$at["l1_model_hits"] + $at["l1_model_misses"] != $at["load_sectors"] { print; bad = 1 }
	END { exit bad }' launches.tsv
tell "what the models miss" $?
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
