#!/bin/sh
# How fast kernels/nn multiplies, and what equal bits cost: nn.sh [THREADS…]
#
# For each number of threads (1 and all, unless told), bench.c measures our gemm() beside the same code
# with fused multiply-add, and beside OpenBLAS where Debian's libopenblas-pthread-dev is installed.
# OpenBLAS is asked for each kind of kernel this processor can run, for it may not know the best one by
# itself; the fastest counts for each shape. Runs from the root of the tree.
#
# Prints GFLOP/s of the best round (and of the median one), and our speed as a part of the others', best
# rounds. The goal: at least 0.70 of OpenBLAS for shapes of 384 and more, and of everything on one
# thread in the geometric mean. Exits 1 when it is missed, 2 when something does not work.
set -eu

work=$(mktemp -d "${TMPDIR:-/tmp}/weft-bench-nn.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 2' HUP INT TERM

cc=${CC:-cc}
flags='-std=c11 -D_GNU_SOURCE -O2 -g -Wall -iquote . -iquote runtime/include'
$cc $flags -ffp-contract=fast -DNN_FUSED -c -o "$work/fused.o" kernels/nn/gemm.c
objcopy --redefine-sym gemm=gemm_fused --redefine-sym gemm_use=gemm_use_fused --redefine-sym gemm_used=gemm_used_fused \
	--redefine-sym matmul=matmul_fused --redefine-sym matmul_nt=matmul_nt_fused --redefine-sym matmul_tn=matmul_tn_fused "$work/fused.o"

blas=-DNO_BLAS
header=$(find /usr/include -path '*openblas-pthread/cblas.h' 2>/dev/null | head -n 1)
if [ -n "$header" ]; then
	blas="-I$(dirname "$header") -l:libopenblas.so.0"
else
	echo 'OpenBLAS is not installed (libopenblas-pthread-dev): ours beside fused products only'
fi
sources="tests/kernels/nn/bench.c kernels/nn/gemm.c kernels/nn/threads.c kernels/nn/real.c"
$cc $flags -ffp-contract=off -o "$work/bench" $sources "$work/fused.o" $blas || exit 2

kernels=plain
if [ -n "$header" ]; then
	kernels=
	grep -qw avx2 /proc/cpuinfo && kernels="$kernels HASWELL ZEN"
	grep -qw avx512f /proc/cpuinfo && kernels="$kernels SKYLAKEX"
	kernels=${kernels:-NEHALEM}
fi

for threads in ${*:-1 $(nproc)}; do
	for kernel in $kernels; do
		OPENBLAS_CORETYPE=$kernel "$work/bench" "threads=$threads" >>"$work/results" || exit 2
	done
done

awk -v goal=0.70 -v with_blas="$header" '
/^#/ {
	threads = $3
	next
}
{
	key = threads " " $1 " " $2 " " $3 " " $4
	if (!(key in blas))
		order[++n] = key
	if (!(key in blas) || $7 > blas[key]) {
		blas[key] = $7
		line[key] = $0
	}
}
END {
	print "threads  op     M     N     K            ours           fused        OpenBLAS  ours/fused  ours/OpenBLAS"
	least = 9
	for (i = 1; i <= n; i++) {
		split(order[i], at, " "); split(line[order[i]], v, " ")
		printf "%7d  %-3s %5d %5d %5d  %6s (%5s)  %6s (%5s)  %6s (%5s)  %10.2f", at[1], v[1], v[2], v[3], v[4], v[5], v[8],
			v[6], v[9], v[7], v[10], v[5] / v[6]
		if (with_blas) {
			part = v[5] / v[7]
			printf "  %13.2f", part
			if (v[2] >= 384 && v[3] >= 384 && part < least)
				least = part
			if (at[1] == 1) {
				logs += log(part); shapes++
				fused += log(v[5] / v[6])
			}
		}
		print ""
	}
	if (with_blas) {
		mean = shapes ? exp(logs / shapes) : least
		if (shapes)
			printf "on one thread: %.2f of fused products, %.2f of OpenBLAS (geometric means)\n", exp(fused / shapes), mean
		printf "goal: at least %.2f of OpenBLAS: %s (least from 384 on: %.2f)\n", goal, least >= goal && mean >= goal ? "met" : "MISSED", least
		exit !(least >= goal && mean >= goal)
	}
}' "$work/results"
