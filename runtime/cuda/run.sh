#!/bin/sh
# Compile the GPU programs of this kit and run them: sh run.sh [RESULTS]
#
# Needs nvcc, what nvcc needs (a C++ compiler), and a POSIX shell. Programs whose numbers do not depend on the machine run
# first, then measurements, one after the other, each after a warm-up. Leaves one directory (default: results), which weft
# imports: weft record --from=RESULTS. Without a GPU everything is compiled and nothing is run.
#
# Environment: NVCC      the compiler
#              REPEATS   runs of a measurement after its warm-up (default 3; the last is kept, all are logged)
#              COUNTERS  0: do not count with ncu, even where there is one
#
# Exit status: 0 all ran, 1 some did not, 2 the kit cannot work here, 3 no GPU.
set -fu
case $0 in
*/*) cd "${0%/*}" || exit 2 ;;
esac
NVCC=${NVCC:-nvcc} RESULTS=${1:-results} KIT=$PWD/kit HOPPER=-gencode=arch=compute_90a,code=sm_90a
compiled=0 failed=0 skipped=0
LC_ALL=C.UTF-8
export LC_ALL

say()
{
	printf '%s\n' "$*"
}

if ! "$NVCC" --version >/dev/null 2>&1; then
	say "run.sh: there is no nvcc in PATH; set NVCC=/path/to/nvcc" >&2
	exit 2
fi
if ! "$NVCC" -std=c++17 -O2 -o kit kit.cu; then
	say "run.sh: nvcc cannot compile kit.cu" >&2
	exit 2
fi
capability=$("$KIT" capability)
if [ -n "$capability" ]; then
	ARCH=-arch=native
	say "GPU of compute capability $capability"
else
	ARCH=$HOPPER
	say "no GPU: programs are compiled for sm_90a"
fi

# program ESSAY NAME any|sm_90a ok|fail SOURCES FLAGS LIBS
#
# SOURCES, FLAGS and LIBS are lists of words. Leaves src/ESSAY/NAME/program, and what was said on the way beside it.
program()
{
	arch=$ARCH objects=
	cd "$KIT_DIR/src/$1/$2" || exit 2
	"$KIT" unlink program
	if [ "$3" = sm_90a ]; then
		arch=$HOPPER
		if [ -n "$capability" ] && [ "$capability" != 9.0 ]; then
			say "SKIPPED $1:$2: it is written for sm_90a (H100, H200), and this GPU is not one"
			skipped=$((skipped + 1))
			return
		fi
	fi
	for source in $5; do
		source=${source##*/}
		objects="$objects ${source%.*}.o"
	done
	printf '%s\n' "$arch" >arch
	if "$KIT" limit 300 "$NVCC" -std=c++17 -O2 -lineinfo -I. -Xcompiler=-ffp-contract=off $6 "$arch" -Xptxas -v -objtemp -c $5 2>ptxas.log &&
	   "$KIT" limit 300 "$NVCC" "$arch" -o program $objects $7 2>link.log; then
		say "compiled $1:$2"
		compiled=$((compiled + 1))
	elif [ "$4" = fail ]; then
		say "compiled $1:$2 (fails, as it is meant to)"
		compiled=$((compiled + 1))
	else
		say "FAILED to compile $1:$2:"
		"$KIT" print ptxas.log
		"$KIT" print link.log
		failed=$((failed + 1))
	fi
}

KIT_DIR=$PWD
. ./programs.sh
cd "$KIT_DIR" || exit 2
say "$compiled compiled, $failed failed, $skipped skipped"
if [ -z "$capability" ]; then
	say "run.sh: there is no GPU here, so nothing was run. On a machine with one: sh run.sh" >&2
	exit 3
fi
"$KIT" run runs "$RESULTS"
status=$?
[ "$failed" -eq 0 ] || status=1
say "now, where the essays are: weft record --from=$RESULTS"
exit $status
