#!/bin/sh
# Test kernels/nn: nn.sh
#
# Unit tests in float and in double (where gradients can be checked), then bits.c: its digests must be
# the same from gcc and clang, on SSE2, AVX2 and AVX-512, with one thread and with two. CC and CFLAGS
# choose the compiler and flags of the unit tests; what an essay compiles with is fixed here.
#
# Runs from the root of the tree. Prints every failure, then "nn: N passed, N failed, N skipped".
set -u

essay='-std=c11 -O2 -g -ffp-contract=off -iquote .'
warn='-Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wwrite-strings -Wvla'
passed=0 failed=0 skipped=0
work=$(mktemp -d "${TMPDIR:-/tmp}/weft-nn.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 2' HUP INT TERM
bits=$work/bits

pass() {
	passed=$((passed + 1))
}

fail() {
	echo "nn: $*"
	failed=$((failed + 1))
}

skip() {
	echo "nn: skipped: $*"
	skipped=$((skipped + 1))
}

# Objects of the library: DIR COMPILER FLAGS…; any word of the compiler is a failure.
library() {
	mkdir -p "$1"
	printf '%s\n' kernels/nn/*.c |
		DIR=$1 xargs -P 2 -n 1 sh -c 'shift; for source; do :; done; exec "$@" -c -o "$DIR/$(basename "$source" .c).o"' sh \
			"$@" -iquote runtime/include >"$work/said" 2>&1 && ! [ -s "$work/said" ]
}

# ---- unit tests ----

flags="-std=c11 -D_GNU_SOURCE $warn ${CFLAGS:--O2 -g} -ffp-contract=off -iquote . -iquote runtime/include"
programs=
for kind in float double; do
	define=
	[ $kind = double ] && define=-DNN_DOUBLE
	if library "$work/$kind" ${CC:-cc} $flags $define; then
		pass
	else
		fail "${CC:-cc} on the library in $kind says:"
		cat "$work/said"
		continue
	fi
	for test in tests/kernels/nn/*_test.c; do
		program=$work/$kind-$(basename "$test" .c)
		if ${CC:-cc} $flags $define -o "$program" "$test" "$work/$kind"/*.o -lcmocka -lm 2>"$work/said" && ! [ -s "$work/said" ]; then
			programs="$programs $program"
		else
			fail "${CC:-cc} on $test in $kind says:"
			cat "$work/said"
		fi
	done
done
tests/unit.sh $programs >"$work/units"
sed '$d' "$work/units"
set -- $(sed -n '$s/[^0-9]\{1,\}/ /gp' "$work/units")
passed=$((passed + $1)) failed=$((failed + $2)) skipped=$((skipped + $3))

# ---- the same bits ----

# Run bits.c of a compiler everywhere: COMPILER. No libm is linked: none is needed.
compare() {
	for simd in sse2 avx2 avx512; do
		for threads in 1 2; do
			"$bits-$1" simd=$simd threads=$threads >"$work/found" 2>"$work/said"
			case $? in
			0)	;;
			2)	skip "$1, $(cat "$work/said")"
				continue ;;
			*)	fail "bits.c by $1, $simd, $threads threads, dies: $(cat "$work/said")"
				continue ;;
			esac
			[ -e "$work/digests" ] || cp "$work/found" "$work/digests"
			if diff "$work/digests" "$work/found"; then
				pass
			else
				fail "digests above differ by $1, $simd, $threads threads"
			fi
		done
	done
}

for cc in gcc clang; do
	if ! command -v $cc >"$work/said"; then
		skip "no $cc"
		continue
	fi
	if library "$work/$cc" $cc $essay $warn &&
	   $cc $essay $warn -iquote runtime/include -o "$bits-$cc" tests/kernels/nn/bits.c "$work/$cc"/*.o 2>"$work/said"; then
		pass
		compare $cc
	else
		fail "$cc, as an essay's programs are compiled, says:"
		cat "$work/said"
	fi
done

# A compiler that fuses is found out, where fused instructions are among those of a tile.
if [ -x "$bits-gcc" ] && "$bits-gcc" simd=avx512 >"$work/found" 2>&1; then
	gcc -std=gnu11 -O2 -ffp-contract=fast -iquote . -iquote runtime/include -o "$bits-fused" tests/kernels/nn/bits.c kernels/nn/*.c
	message=$("$bits-fused" simd=avx512 2>&1)
	if [ $? -eq 2 ] && [ "${message#*wants -ffp-contract=off}" != "$message" ]; then
		pass
	else
		fail "fused multiply-add is not noticed: '$message'"
	fi
else
	skip "no AVX-512 to fuse products with"
fi

printf 'nn: %d passed, %d failed, %d skipped\n' $passed $failed $skipped
[ $failed -eq 0 ]
