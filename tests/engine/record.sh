#!/bin/sh
# Recordings: what is shown of them in each of their states, the GPU kit's way there and back, static facts.
#
#     tests/engine/record.sh WEFT
#
# The toolkit and the GPU are stand-ins (tests/stubcuda); what needs the real nvcc is skipped where there is none.

. "$(dirname "$0")/lib.sh"
begin "$@"

stub=$(realpath "$HERE/../stubcuda")
real_nvcc=$(command -v nvcc)
PATH=$stub/bin:$PATH
work=$TMP
site=$work/site

# kernels FACTOR: the essay, whose kernel multiplies by FACTOR.
kernels() {
	mkdir -p "$site/essays"
	cat >"$site/essays/k.md" <<EOF
---
title: Kernels
category: Tests
summary: Programs that run elsewhere.
date: 2026-01-01
---

\`\`\`c {#data .program}
#include "weft.h"
int main(void) { weft_value("n", 3, ""); return 0; }
\`\`\`

\`\`\`cuda {#scale .program device=gpu needs="data" outputs="net.bin" args="x" stdin="in"}
#include "weft.h"
// what the kernel does
__global__ void scale(float *x) { x[threadIdx.x] *= $1; }
int main(int argc, char **argv)
{
	float x[1] = {2};
	FILE *f = fopen("data/values.tsv", "r"), *net = fopen("net.bin", "w");
	if (!f || !net || argc != 2 || argv[1][0] != 'x' || getchar() != 'i')
		return 1;
	fputs("net", net);
	fclose(net);
	scale<<<1, 96>>>(x);
	weft_value("y", x[0], "B");
	printf("scaled\\n");
	return 0;
}
\`\`\`

\`\`\`cuda {#timing .program device=gpu measured sweep="n=1,2"}
#include "weft.h"
__global__ void nothing(void) { }
int main(int argc, char **argv)
{
	nothing<<<1, 32>>>();
	weft_value("t", 10.0 * (double)weft_param_int(argc, argv, "n", 1), "s");
	return 0;
}
\`\`\`

\`\`\`c {#after .program needs="scale"}
#include "weft.h"
int main(void) { weft_value("z", 1, ""); return 0; }
\`\`\`

It is \`{lua} scale.values.y\`, and \`{lua} #timing.values.t\`, and \`{lua} after.values.z\`.

\`\`\`gnuplot {#fig-t .figure from="timing" caption="C" alt="A"}
plot "values.tsv" using "n":"t"
\`\`\`

\`\`\`lua {#tab-t .table from="timing" caption="C"}
return { rows = timing.values, columns = { "n", "t" } }
\`\`\`

\`\`\`lua {#claim-y .claim}
says "It doubles."
holds(scale.values.y, "==", 2 * $1)
\`\`\`
EOF
}

# facts: an essay that reads static facts, of a program for the processor too.
facts() {
	mkdir -p "$site/essays"
	cat >"$site/essays/f.md" <<'EOF'
---
title: Facts
category: Tests
summary: What a compiler says.
date: 2026-01-01
---

```cuda {#add .program}
enum { BLOCK = 16 };
__global__ void add(void) { }
int main(void)
{
	add<<<7, BLOCK * 2, 4 * sizeof(float)>>>();
	return 0;
}
```

It takes `{lua} pick(add.ptxas, { kernel = "add" }).registers` registers.

```gnuplot {#fig-o .figure from="add" caption="C" alt="A"}
set xrange [0:64]
set yrange [0:2]
plot "occupancy.tsv" using "block":"occupancy"
```

```lua {#claim-o .claim}
says "It fits."
holds(#add.occupancy, ">=", 4)
```
EOF
}

build() {
	timeout 120 "$WEFT" -C "$site" "$@" >"$work/out" 2>"$work/said"
}

# ends STATUS COMMAND…: weft ends so.
ends() {
	wanted=$1
	shift
	build "$@"
	got=$?
	cat "$work/said"
	[ $got -eq "$wanted" ]
}

said() {
	cat "$work/said"
	grep -q -- "$1" "$work/said"
}

shows() {
	tr '\n' ' ' <"$site/build/site/$1.html" | grep -q -- "$2"
}

hides() {
	! shows "$@"
}

# The kit in $work/gpu-kit, run with the words of the environment given; its exit status.
run_kit() {
	rm -rf "$work/gpu-kit"
	tar -C "$work" -xf "$site/build/gpu-kit.tar.gz" || return 99
	(cd "$work/gpu-kit" && env "$@" sh run.sh >"$work/kit.out" 2>"$work/kit.err")
}

kit_ends() {
	wanted=$1
	shift
	run_kit "$@"
	got=$?
	cat "$work/kit.out" "$work/kit.err"
	[ $got -eq "$wanted" ]
}

recorded=$site/essays/k/recorded
results=$work/gpu-kit/results

# ---- nothing recorded ----

kernels 3
check "a build without recordings is a build" ends 0 build
check "it warns of each" said "warning: program 'timing' at n=2 is not recorded"
check "a value says that it is not recorded" shows k 'not recorded</data>'
check "so does a program" shows k '<span>not recorded</span>'
check "so does a figure" shows k 'Not recorded: <code>fig-t'
check "so does a table" shows k 'Not recorded: <code>tab-t'
check "so does a claim" shows k 'Not recorded</span>'
check "what needs it is not recorded either" shows k 'id="out-after".*not recorded'
check "a check ends with 1" ends 1 check
check "and calls it an error" said "error: program 'scale' is not recorded"
check "nothing more to do" ends 0 build
check "is known" said "nothing to do"

# ---- the kit ----

check "a kit is packed" ends 0 kit
cp "$site/build/gpu-kit.tar.gz" "$work/first.tar.gz"
check "packed again" ends 0 kit
check "it is the same, byte for byte" cmp "$work/first.tar.gz" "$site/build/gpu-kit.tar.gz"
check "without a GPU everything is compiled and the exit status is 3" kit_ends 3
check "it says why" grep -q "there is no GPU here" "$work/kit.err"
check "it compiled both" grep -q "^2 compiled, 0 failed, 0 skipped" "$work/kit.out"
check "with a GPU everything runs" kit_ends 0 STUB_GPU=9.0 REPEATS=2
check "correctness before measurements" sh -c "grep -n recorded '$work/kit.out' | head -n 1 | grep -q k:scale"
check "it leaves one directory" test -f "$results/k/timing/n=2/record"
check "repeats are logged" test "$(wc -l <"$results/k/timing/n=1/log-repeats.tsv")" -eq 3

# ---- importing ----

# refused NAME EDIT…: a result directory that was edited is refused whole.
refused() {
	rm -rf "$work/edited"
	cp -r "$results" "$work/edited"
	(cd "$work/edited" && sh -c "$1") || return 1
	ends 1 record --from="$work/edited" && said "$2" && test ! -e "$recorded"
}

check "an altered byte of a table is refused" refused 'sed -i s/10/11/ k/timing/n=1/values.tsv' "does not have the digest"
check "an altered byte of stdout is refused" refused 'printf scalex >k/scale/stdout' "does not have the digest"
check "an altered byte of a log is refused" refused 'echo >>k/scale/log-ptxas.txt' "does not have the digest"
check "an altered record is refused" refused 'sed -i s/Stand/Strnd/ k/scale/record' "digest at its end"
check "a cut record is refused" refused 'head -n 4 k/scale/record >r && mv r k/scale/record' "breaks off"
check "a missing file is refused" refused 'rm k/scale/net.bin' "is missing"
check "a missing record is refused" refused 'rm k/scale/record' "it has no 'record'"
check "a recording under another name is refused" refused 'mv k/scale k/other' "it is the recording of k:scale"
check "an unknown essay is refused" refused 'cp -r k z; sed -i s/program.k/program.z/ z/*/record; rm -r k' "is refused"
check "an empty directory holds nothing" refused 'rm -r k' "holds no recordings"
check "what is no directory is refused" ends 1 record --from="$work/nowhere"
check "record wants to know what" ends 2 record
check "the untouched one is imported" ends 0 record --from="$results"

# ---- fresh ----

check "a build takes it" ends 0 build
check "without a warning" sh -c "! grep -q warning '$work/said'"
check "the value is there" shows k '>6</data>'
check "and its evidence" shows k 'recorded on Stand-in GPU'
check "what needs a recording rests on it" shows k 'id="out-after".*recorded on Stand-in GPU'
check "the claim is recorded" shows k '✓ Recorded'
check "the environment is on the page" shows k 'toolkit 99.0.1'
check "a check ends with 0" ends 0 check
sed -i 's/what the kernel does/what this kernel does, in other words/' "$site/essays/k.md"
check "a comment makes nothing stale" ends 0 check
sed -i 's/It is `/Well, it is `/' "$site/essays/k.md"
check "prose makes nothing stale" ends 0 check

# ---- where there is no nvcc ----

check "a build with all that" ends 0 build
mkdir "$work/elsewhere"
cp -r "$site/essays" "$work/elsewhere"
check "without nvcc the site is built as well" env PATH=/usr/bin:/bin "$WEFT" -q -C "$work/elsewhere" build
check "and is the same, byte for byte" diff -r "$site/build/site" "$work/elsewhere/build/site"

# ---- stale ----

kernels 4
sed -i 's/2 \* 4/2 * 3/' "$site/essays/k.md"
check "a build with a stale recording is a build" ends 0 build
check "it warns" said "warning: the recording of program 'scale' is stale"
check "the page has a ribbon" shows k 'class="ribbon".*recorded for an earlier version of this program'
check "and one at what needs it" shows k 'id="out-after".*class="ribbon"'
check "and one at the claim" shows k 'id="claim-y".*class="ribbon"'
check "a check ends with 1" ends 1 check
kernels 3
check "back again, it is fresh" ends 0 check
sed -i 's/weft_value("n", 3/weft_value("n", 4/' "$site/essays/k.md"
check "build what it needs" ends 0 build
check "other results of what it needs make it stale" said "the recording of program 'scale' is stale"
kernels 3
check "rebuilt" ends 0 build
sed -i 's/sweep="n=1,2"/sweep="n=1,2,5"/' "$site/essays/k.md"
check "a new point alone is missing" ends 1 check
check "and named" said "program 'timing' at n=5 is not recorded"
kernels 3

# ---- damaged, foreign, stray ----

cp -r "$recorded" "$work/recorded"
restore() {
	rm -rf "$recorded"
	cp -r "$work/recorded" "$recorded"
}

check "fresh again" ends 0 build
printf x >>"$recorded/scale/net.bin"
check "a damaged recording is an error" ends 1 build
check "with its reason" said "is damaged: 'net.bin' does not have the digest"
check "and the old page stays" shows k '>6</data>'
check "for a check as well" ends 1 check
restore
sed -i 's/^device.*/device\tMine/' "$recorded/scale/record"
check "an edited record is an error" ends 1 build
restore
rm -r "$recorded/timing/n=1"
cp -r "$recorded/timing/n=2" "$recorded/timing/n=1"
check "the recording of something else is none" ends 0 build
check "and said to be" said "at n=1 is not recorded: what lies in .* is the recording of k:timing n=2"
check "a check ends with 1" ends 1 check
restore
cp -r "$recorded/scale" "$recorded/gone"
check "a stray recording is a remark" ends 0 build
check "which names it" said "'essays/k/recorded/gone' is the recording of no program"
check "and a mistake for a check" ends 1 check
restore
check "all is well again" ends 0 check

# ---- programs for the processor ----

rm -rf "$site"
mkdir -p "$site/essays"
cat >"$site/essays/l.md" <<'EOF'
---
title: Long
category: Tests
summary: A program too long for a build.
date: 2026-01-01
---

```c {#long .program recorded}
#include "weft.h"
int main(void) { weft_value("y", 7.0, ""); return 0; }
```

It is `{lua} long.values.y`.
EOF
check "a long program is not run by a build" ends 0 build -v
check "but missed" said "program 'long' is not recorded"
check "it is recorded when asked for" ends 0 build --record
check "and shown" shows l '>7</data>'
check "checked" ends 0 check
check "repeated, it does the same" ends 0 build --all -v
check "it did run" said "run l:long  "
sed -i 's/7\.0/8.0/' "$site/essays/l.md"
check "changed, it is stale" ends 1 check
check "recorded again" ends 0 build --record
check "it is fresh" ends 0 check
check "and new" shows l '>8</data>'
sed -i 's/8\.0/(double)time(0)/' "$site/essays/l.md"
check "one that differs each time is recorded" ends 0 build --record
sleep 1.1
check "and found out" ends 1 build --all
check "with what differs" said "does not do what was recorded"

# ---- static facts ----

rm -rf "$site"
facts
check "facts that are read and missing are remarked" ends 0 build
check "as such" said "the static facts of 'add' are not recorded"
check "the value says so" shows f 'not recorded</data>'
check "and missed by a check" ends 1 check
check "they are recorded" ends 0 record --static
check "and read" ends 0 build
check "the value" shows f '>32</data>'
check "the claim" shows f '✓ Recorded'
check "the place" shows f 'on a machine with nvcc 99.0.1'
check "the blocks are those of the launch" grep -q "^add	H200	sm_90a	32	16	32	512	64" "$site/essays/f/recorded/add/static/occupancy.tsv"
check "other GPUs have their own registers" grep -q "^add	A100	sm_80	32	16	40" "$site/essays/f/recorded/add/static/occupancy.tsv"
check "a check" ends 0 check
check "the same nvcc says the same" ends 0 check --static
sed -i 's/32/33/' "$site/essays/f/recorded/add/static/ptxas.tsv"
check "a damaged table is an error" ends 1 check
cp -r "$stub" "$work/other"
echo 99.0.2 >"$work/other/version"
rm -rf "$site/essays/f/recorded"
build record --static
before=$PATH
PATH=$work/other/bin:$PATH
check "another nvcc is no mistake" ends 0 check --static
check "but a remark" said "are of nvcc 99.0.1; this is 99.0.2, and says the same"
sed -i 's/registers=32/registers=36/' "$work/other/bin/nvcc"
echo 99.0.1 >"$work/other/version"
check "the same nvcc that says something else is a mistake" ends 1 check --static
check "named so" said "does not say again"
PATH=$before
sed -i 's/BLOCK = 16/BLOCK = 32/' "$site/essays/f.md"
check "a change makes them stale" ends 1 check
check "and is named" said "the static facts of 'add' are stale"
check "a build shows the old ones" ends 0 build
check "behind a ribbon" shows f 'class="ribbon"'

# ---- the real toolkit ----

if [ -z "$real_nvcc" ]; then
	skip "the kit and static facts with nvcc: there is none"
else
	PATH=${real_nvcc%/nvcc}:$PATH
	rm -rf "$site"
	kernels 3
	check "nvcc compiles the programs" ends 0 build
	check "nvcc says its facts" ends 0 record --static
	check "of the kernel" grep -q "^scale	" "$site/essays/k/recorded/scale/static/ptxas.tsv"
	check "twice the same" ends 0 check --static
	check "the kit for nvcc" ends 0 kit
	mkdir -p "$work/bin"
	for tool in sh gcc g++ as ld; do
		ln -sf "$(command -v $tool)" "$work/bin/$tool"
	done
	if [ -e /dev/nvidiactl ]; then
		skip "the kit without a GPU: there is one"
	else
		check "needs nothing but nvcc, what nvcc needs, and sh" kit_ends 3 -u LD_LIBRARY_PATH PATH="${real_nvcc%/nvcc}:$work/bin"
	fi
fi

finish
