#!/bin/sh
# Two copies of a site, in directories of different depth and under different circumstances, publish the same bytes.
#
#     tests/engine/twoclones.sh WEFT [SITE]        SITE: a directory with essays/ that has no measured program

. "$(dirname "$0")/lib.sh"
begin "$@"

one=$TMP/one
other=$TMP/some/where/much/deeper/the/other
mkdir -p "$one" "$other" "$TMP/home"
if [ $# -gt 1 ]; then
	# Shared files that essays may name are the site's; what a build left there is not.
	(cd "$2" && tar -cf - --exclude=./build --exclude=./.git .) | tar -xf - -C "$one"
else
	make_site "$one"
	# What a program could betray: where and when it was compiled, and as whom it runs.
	cat >> "$one/essays/small.md" <<-'END'

	```c {#nosy .program}
	#include "weft.h"
	#include <time.h>
	#include <unistd.h>
	#include <sys/stat.h>

	int main(int argc, char **argv)
	{
		char dir[4096], date[64];
		time_t then = 86400 * 180;
		struct stat st;
		strftime(date, sizeof date, "%c %Z", localtime(&then));
		FILE *f = fopen("new.tsv", "w");
		fprintf(f, "mode\n%o\n", fstat(fileno(f), &st) ? 0 : (unsigned)st.st_mode & 0777);
		fclose(f);
		printf("%s in %s as %s at %s\n%s, line %d, home %s, %d arguments\n", argv[0], getcwd(dir, sizeof dir), getenv("USER") ? getenv("USER") : "no one",
		       date, __FILE__, __LINE__, getenv("HOME"), argc);
	}
	```
	END
fi
cp -r "$one/." "$other"

# Run in a subshell each, since a umask stays.
build_one()
{
	(cd "$one" && umask 022 && TZ=UTC LC_ALL=C.UTF-8 "$WEFT" -j1 build)
}
build_other()
{
	(cd "$other" && umask 077 && TZ=Pacific/Auckland LC_ALL=de_DE.UTF-8 LANG=de_DE.UTF-8 HOME=$TMP/home USER=someone SOURCE_DATE_EPOCH=12345 \
		CFLAGS=-O0 CPATH=/nowhere COLUMNS=33 TMPDIR=$TMP/home setarch "$(uname -m)" -R "$WEFT" -j2 build)
}
check "the first copy builds" build_one
check "the second copy builds" build_other
check "both publish the same bytes" same_site "$one" "$other"

# The directory may be known to the store and the state, but not to what is published.
no_paths()
{
	! grep -rlF -e "$TMP" "$one/build/site" "$one/figures" "$other/build/site" "$other/figures"
}
check "no published file names its directory" no_paths

programs()
{
	# shellcheck disable=SC2046
	(cd "$1/build/store/cas" && find . -type f | sort | xargs sha256sum)
}
check "both stores hold the same blobs, programs included" equal "the second store" "$(programs "$other")" "$(programs "$one")"

finish
