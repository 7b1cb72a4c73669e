#!/bin/sh
# What an essay's program can reach, and what becomes of one that wants too much.
#
#     tests/engine/sandbox.sh WEFT

. "$(dirname "$0")/lib.sh"
begin "$@"

site=$TMP/site
mkdir -p "$site/essays" "$site/data"
echo "declared" > "$site/data/declared.txt"
echo "undeclared" > "$site/data/undeclared.txt"

# essay BODY-FILE OPTIONS: an essay of one program
essay()
{
	{
		printf -- '---\ntitle: A probe\ncategory: Test\nsummary: It tries.\ndate: 2026-01-01\ntags: [test]\n---\n\n'
		printf '```c {#probe .program %s}\n' "$2"
		cat "$1"
		printf '```\n'
	} > "$site/essays/probe.md"
	"$WEFT" -C "$site" build > "$TMP/printed" 2>&1
}

# ---- Reach ----

mkfifo "$TMP/hold"
cc -o "$TMP/listen" "$HERE/listen.c" || exit 2
"$TMP/listen" < "$TMP/hold" > "$TMP/port" &
exec 9> "$TMP/hold"
tries=0
until [ -s "$TMP/port" ]; do
	tries=$((tries + 1))
	[ $tries -lt 100 ] || { echo "sandbox: nothing listens" >&2; exit 2; }
	sleep 0.05
done

# Each attempt prints one line: its name, and "done" or "denied". None changes anything when it succeeds, since the probe
# also runs outside, maybe as root: files are opened, not written, and what a process may do to itself ends with it.
cat > "$TMP/reach.c" <<END
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

static void tell(const char *what, int could)
{
	printf("%s %s\n", what, could ? "done" : "denied");
}

static int can_open(const char *path, const char *how)
{
	FILE *f = fopen(path, how);
	int could = f && (*how != 'r' || getc(f) != EOF);
	if (f)
		fclose(f);
	return could;
}

static int can_connect(void)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons($(cat "$TMP/port")), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	return !connect(socket(AF_INET, SOCK_STREAM, 0), (struct sockaddr *)&at, sizeof at);
}

int main(void)
{
	struct rlimit core;
	getrlimit(RLIMIT_CORE, &core);
	tell("declared", can_open("data/declared.txt", "r"));
	tell("undeclared", can_open("data/undeclared.txt", "r"));
	tell("essay", can_open("$site/essays/probe.md", "r"));
	tell("store", can_open("$site/build/state", "r"));
	tell("passwd", can_open("/etc/passwd", "r"));
	tell("write-declared", can_open("data/declared.txt", "a"));
	tell("write-usr", !access("/usr", W_OK));
	tell("write-here", !access(".", W_OK));
	tell("write-tmp", tmpfile() != NULL);
	tell("connect", can_connect());
	tell("see-weft", !kill($$, 0));
	tell("core", core.rlim_max > 0);
	tell("secret", getenv("SECRET") != NULL);
	tell("unshare", !unshare(CLONE_NEWUSER));
	return 0;
}
END
SECRET=1
export SECRET
essay "$TMP/reach.c" 'inputs="data/declared.txt"'
reach=$(sed -n '/declared done/,/unshare/p' "$site/build/site/probe.html" 2>/dev/null | sed 's/<[^>]*>//g' | grep -E '^[a-z-]+ (done|denied)$')

# The probe itself is able to do what the sandbox denies.
cc -w -o "$TMP/reach" "$TMP/reach.c" || exit 2
outside=$(cd "$site" && "$TMP/reach")
check "outside, the probe can read, connect and see processes" equal "what it could" \
	"$(echo "$outside" | grep -E '^(undeclared|essay|passwd|connect|see-weft) ')" "undeclared done
essay done
passwd done
connect done
see-weft done"

if grep -q "sandbox: bubblewrap" "$TMP/printed"; then
	check "a program reaches its declared inputs, to read, and its own directory" equal "what it reached" "$reach" "declared done
undeclared denied
essay denied
store denied
passwd denied
write-declared denied
write-usr denied
write-here done
write-tmp done
connect denied
see-weft denied
core denied
secret denied
unshare denied"
	check "declared inputs are as they were" equal "the input" "$(cat "$site/data/declared.txt")" "declared"
else
	skip "what a program reaches: the sandbox here is not bubblewrap"
fi
exec 9>&-

# ---- Limits ----

# fails MESSAGE OPTIONS BODY: the program of BODY fails with that report, soon, and leaves nothing.
fails()
{
	printf '%s\n' "$3" > "$TMP/body.c"
	begun=$(date +%s)
	essay "$TMP/body.c" "args=\"$MARK\" $2"
	equal "exit status" $? 1 || { cat "$TMP/printed"; return 1; }
	grep -q "probe.md:9:1: error: .*$1" "$TMP/printed" || { head -c 2000 "$TMP/printed"; return 1; }
	[ $(($(date +%s) - begun)) -lt 30 ] || { echo "that took half a minute and more"; return 1; }
	no_process && no_remains "$site"
}

check "a gigabyte of output ends with a report" fails "printed more than 64 MiB and was killed" "" '#include <stdio.h>
int main(void) { static char text[1 << 20]; for (int i = 0; i < 1024; i++) fwrite(text, 1, sizeof text, stdout); return 0; }'

check "a gigabyte of stderr ends with a report" fails "printed more than 64 MiB and was killed" "" '#include <stdio.h>
int main(void) { static char text[1 << 20]; for (int i = 0; i < 1024; i++) fwrite(text, 1, sizeof text, stderr); return 0; }'

check "a file of a gigabyte ends with a report" fails "killed by signal 25" "" '#include <stdio.h>
int main(void) { static char text[1 << 20]; FILE *f = fopen("huge.tsv", "w"); for (int i = 0; i < 1024; i++) fwrite(text, 1, sizeof text, f); return 0; }'

check "more memory than allowed ends with a report" fails "failed (exit status 3)" "memory=64M" '#include <stdlib.h>
#include <string.h>
int main(void) { char *p = malloc(256 << 20); if (!p) return 3; memset(p, 1, 256 << 20); return p[12345]; }'

check "an endless loop ends with a report" fails "took longer than its time limit" "timeout=1s" 'int main(void) { for (volatile int i = 0; ; i++) ; }'

# A bomb of a bounded size, since for root nothing bounds it: each process begets others up to a depth.
check "a fork bomb ends with a report, and with all its processes" fails "took longer than its time limit" "timeout=2s" '#include <unistd.h>
#include <signal.h>
int main(void) { signal(SIGTERM, SIG_IGN); for (int i = 0; i < 8; i++) fork(); for (;;) pause(); }'

# What bounds it for others.
cat > "$TMP/nproc.c" <<'END'
#include <stdio.h>
#include <sys/resource.h>
int main(void)
{
	struct rlimit r;
	getrlimit(RLIMIT_NPROC, &r);
	printf("processes %s\n", r.rlim_max <= 8192 ? "bounded" : "unbounded");
	return 0;
}
END
essay "$TMP/nproc.c" ""
check "a program has a limit of processes" grep -q "processes bounded" "$site/build/site/probe.html"

finish
