#!/bin/sh
# A build executes what changed and nothing else; with nothing changed it neither executes nor writes.
#
#     tests/engine/noop.sh WEFT

. "$(dirname "$0")/lib.sh"
begin "$@"

site=$TMP/site
make_site "$site"
essay=$site/essays/small.md

everything='compile small:other
compile small:squares
compile small:total
evaluate small
gather small:squares
plot small:fig-sums
plot small:fig-sums (narrow)
run small:other
run small:squares n=10
run small:squares n=20
run small:total
typeset small'

check "a first build executes every action once" equal "what ran" "$(executed "$site")" "$everything"
check "a second build executes nothing" equal "what ran" "$(executed "$site")" ""
check "a second build says so" grep -q "nothing to do" "$TMP/said"

# ---- Nothing is written ----

# Calls that a build with nothing to do has no use for: all but one execve (weft's own), and opening for writing anything but
# the lock.
traced()
{
	strace -f -o "$TMP/trace" -e trace=execve,execveat,fork,vfork,clone,clone3,open,openat,openat2,creat,rename,renameat,renameat2,unlink,unlinkat,mkdir,mkdirat,rmdir,link,linkat,symlink,symlinkat,truncate,ftruncate,chmod,fchmod,fchmodat,utimensat \
		"$WEFT" -C "$site" build > /dev/null 2>&1 || return 1
	grep -q "execve(\"$WEFT\"" "$TMP/trace" || { echo "the trace does not show weft"; return 1; }
	grep -v "execve(\"$WEFT\"" "$TMP/trace" | grep -vE '^[0-9]+ +(\+\+\+|---)' |
		grep -vE 'open(at)?\(.*O_RDONLY' | grep -vE 'openat2\(.*O_RDONLY' | grep -v '"build/lock", O_RDWR|O_CREAT' > "$TMP/writes"
	head "$TMP/writes"
	[ ! -s "$TMP/writes" ]
}

if command -v strace > /dev/null && strace -o /dev/null true 2> /dev/null; then
	check "a second build writes nothing" traced
	touch "$essay"
	check "a build after a touch writes nothing" traced
else
	skip "a second build writes nothing: strace does not work here"
	skip "a build after a touch writes nothing: strace does not work here"
fi

# What is there, with times and inode numbers.
listing()
{
	find "$site" ! -name lock -printf '%p %i %s %T@ %C@\n' | sort
}
listing > "$TMP/before"
"$WEFT" -C "$site" build 2> /dev/null > /dev/null
listing > "$TMP/after"
check "a second build leaves every file as it was" cmp "$TMP/before" "$TMP/after"

# ---- Changes ----

touch "$essay" "$site/lib/square.h"
check "touching files executes nothing" equal "what ran" "$(executed "$site")" ""

cp "$essay" "$TMP/copy" && rm "$essay" && cp "$TMP/copy" "$essay"
check "a file replaced by an equal one executes nothing" equal "what ran" "$(executed "$site")" ""

edit 's/Of the sum/Of this sum/' "$essay"
check "a word of prose executes nothing" equal "what ran" "$(executed "$site")" ""
check "a word of prose is published" grep -q "Of this sum" "$site/build/site/small.html"

edit '/^```c {#pause}/i Another paragraph, above all chunks.\n' "$essay"
check "a paragraph above all chunks executes nothing" equal "what ran" "$(executed "$site")" ""

edit 's/weft_value("x", 7, "")/weft_value("x", 8, "")/' "$essay"
check "one program's chunk executes what depends on it" equal "what ran" "$(executed "$site")" "compile small:other
evaluate small
run small:other"

edit 's/weft_value("x", 8, "")/weft_value("x", 4 + 4, "")/' "$essay"
check "a chunk that compiles to the same code goes no further than the run" sh -c '! grep -qE "^(evaluate|plot|gather|run small:(squares|total))"' <<END
$(executed "$site")
END

edit 's/sweep="n=10,20"/sweep="n=10,15,20"/' "$essay"
check "a new point of a sweep runs one point" equal "what ran" "$(executed "$site")" "evaluate small
gather small:squares
plot small:fig-sums
plot small:fig-sums (narrow)
run small:squares n=15
run small:total"

edit 's/Sums of squares\./Sums of some squares./' "$essay"
check "a caption executes nothing" equal "what ran" "$(executed "$site")" ""

edit '1i /* A remark. */' "$site/lib/square.h"
check "a remark in a shared header compiles who includes it" equal "what compiled" \
	"$(executed "$site" | grep compile)" "compile small:squares"

mkdir "$TMP/bin"
printf '#!/bin/sh\nexec %s "$@"\n' "$(command -v cc)" > "$TMP/bin/cc"
chmod +x "$TMP/bin/cc"
check "another compiler in PATH compiles everything, and runs nothing that compiled to the same" equal "what ran" \
	"$(PATH=$TMP/bin:$PATH && export PATH && executed "$site")" "compile small:other
compile small:squares
compile small:total"
check "the compiler before finds its results again" equal "what ran" "$(executed "$site")" ""

rm "$site/figures/small/fig-sums.svg" "$site/build/site/small.html"
check "deleted pages and figures come back without executing anything" equal "what ran" "$(executed "$site")" ""
check "the page is there again" test -s "$site/build/site/small.html"
check "the figure is there again" test -s "$site/figures/small/fig-sums.svg"

finish
