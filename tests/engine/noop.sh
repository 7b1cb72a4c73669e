#!/bin/sh
# What must not run does not run, and what must not be written is not: noop.sh WEFT
set -u
weft=$(realpath "$1")
cd "$(dirname "$0")" || exit 2
. ./lib.sh

site=$work/site
small_site "$site"
essay=$site/essays/small.md
"$weft" -C "$site" build -q >/dev/null || { echo "the small site does not build"; exit 1; }

# Labels of what the next build executes, sorted, on one line.
executed() {
	"$weft" -C "$site" build -v 2>&1 >/dev/null | grep '^\[' | grep -v '(in store)' |
		sed 's/^\[[^]]*\] //; s/  [0-9.]* s.*//' | LC_ALL=C sort | tr '\n' ';'
}

runs_exactly() {
	found=$(executed)
	[ "$found" = "$1" ] || { printf 'wanted: %s\nfound:  %s\n' "$1" "$found"; return 1; }
}

# strace shows no process started, nothing renamed, removed or opened for writing but the lock.
touches_nothing() {
	strace -f -o "$work/trace" -e trace=execve,rename,renameat,renameat2,unlink,unlinkat,mkdir,mkdirat,rmdir,open,openat,creat \
		"$weft" -C "$site" build -q >/dev/null || return 1
	grep -E 'rename|unlink|mkdir\(|mkdirat|rmdir|O_WRONLY|O_RDWR|O_TRUNC|creat\(' "$work/trace" | grep -v 'build/lock' && return 1
	[ "$(grep -c execve "$work/trace")" = 1 ]
}

if strace -o /dev/null true 2>/dev/null; then
	check "a second build executes and writes nothing" touches_nothing
else
	skip "a second build executes and writes nothing" "strace does not work here"
fi
touch "$essay"
check "a touched essay runs nothing" runs_exactly ""
sed -i 's/The text has/The prose has/' "$essay"
check "a word of prose runs nothing" runs_exactly ""
sed -i 's/"n=1,2,3"/"n=1,2,3,4"/' "$essay"
check "a point more in a sweep runs that point" runs_exactly "evaluate small;gather small:second;run small:second n=4;"
sed -i 's/2 \* weft_param/3 * weft_param/' "$essay"
check "a changed chunk runs its dependents" runs_exactly "compile small:second;evaluate small;gather small:second;run small:second n=1;run small:second n=2;run small:second n=3;run small:second n=4;"
sed -i 's/3 \* weft_param/2 * weft_param/' "$essay"
check "a change taken back runs nothing" runs_exactly ""
sed -i 's/ls 1$/ls 2/' "$essay"
check "a figure's script draws that figure" runs_exactly "plot small:fig-squares;plot small:fig-squares (narrow);"
sed -i 's/puts("done")/puts("ended")/' "$essay"
check "output that nothing reads runs nothing further" runs_exactly "compile small:first;run small:first;"

# Another compiler in PATH: the same gcc behind a script is other bytes.
mkdir "$work/bin"
printf '#!/bin/sh\nexec /usr/bin/cc "$@"\n' >"$work/bin/cc"
chmod +x "$work/bin/cc"
PATH=$work/bin:$PATH
check "another compiler in PATH compiles again, and runs nothing when the programs are the same" \
	runs_exactly "compile small:first;compile small:second;"
rm "$site/build/site/small.html"
check "a page that was deleted comes back" sh -c '"$1" -C "$2" build -q >/dev/null && [ -s "$2/build/site/small.html" ]' - "$weft" "$site"
summary noop
