#!/bin/sh
# Random kernels: results and requests against an interpreter's.
#
#   differ.sh FOLDER-OF-SIMTCC FOLDER-OF-TOOLS [KERNELS] [SEED]
#
# 50 kernels a text; each text is built plain at -O3, and counting at -O0, where the compiler keeps
# every access of the text. Compilers (CXXS, default "g++ clang++") take turns.
here=$(cd "$(dirname "$0")" && pwd)
export SIMT=$1 SIMT_BIN=$2
kernels=${3:-500} seed=${4:-1} each=50
work=$(mktemp -d) && cd "$work" || exit 2
trap 'rm -rf "$work"' EXIT
${CC:-cc} -std=c11 -O2 -o differ "$here/differ.c" || exit 2
passed=0 failed=0 done=0
set -- ${CXXS:-g++ clang++}
while [ $done -lt "$kernels" ]; do
	export CXX=$1
	set -- "$@" "$1"; shift
	from=$((seed + done))
	./differ cu $from $each > kernels.cu
	./differ expect $from $each > expected
	grep -E '^[0-9]+ [0-9a-f]{16}$' expected > expected.bits
	for build in plain count; do
		want=expected; OPT=-O0
		[ $build = count ] || { want=expected.bits; OPT=-O3; }
		export OPT
		if "$SIMT/simtcc" $build prog kernels.cu > said 2>&1 && ./prog > found 2>> said &&
			diff $want found > differences; then
			passed=$((passed + each))
		else
			failed=$((failed + 1))
			echo "$CXX $build, kernels $from to $((from + each - 1)):"
			head -5 said differences
		fi
	done
	done=$((done + each))
done
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
