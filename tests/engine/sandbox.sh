#!/bin/sh
# What a program can see and do: sandbox.sh WEFT
set -u
weft=$(realpath "$1")
cd "$(dirname "$0")" || exit 2
. ./lib.sh

# A site whose one program runs the C statements given, with <stdio.h> and friends; its output is on the page's data.
probe() {
	rm -rf "$work/probe"
	mkdir -p "$work/probe/essays/texts"
	echo secret >"$work/probe/essays/secret.txt"
	echo declared >"$work/probe/essays/texts/input.txt"
	cat >"$work/probe/essays/p.md" <<EOF
---
title: P
category: Tests
summary: A probe.
date: 2026-01-01
---

\`\`\`c {#p .program $1 inputs="essays/texts/input.txt"}
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
int main(void)
{
$2
}
\`\`\`
EOF
	timeout 60 "$weft" -C "$work/probe" build -q >"$work/out" 2>"$work/said"
}

succeeds() {
	probe "" "$1" || { cat "$work/said"; return 1; }
}

fails_saying() {
	said=$1
	probe "$2" "$3" && { echo "it went well"; return 1; }
	grep -q "$said" "$work/said" || { cat "$work/said"; return 1; }
}

check "a declared input is readable" succeeds 'return fopen("essays/texts/input.txt", "r") ? 0 : 1;'
if ! /usr/bin/bwrap --unshare-all --ro-bind / / /bin/true 2>/dev/null; then
	skip "what bubblewrap hides" "bubblewrap does not work here"
else
	check "an input is read-only" succeeds 'return open("essays/texts/input.txt", O_WRONLY) < 0 ? 0 : 1;'
	check "an undeclared file of the site is not there" succeeds \
		"return fopen(\"essays/secret.txt\", \"r\") || fopen(\"$work/probe/essays/secret.txt\", \"r\") ? 1 : 0;"
	check "/etc/passwd is not there" succeeds 'return fopen("/etc/passwd", "r") ? 1 : 0;'
	check "/usr cannot be written" succeeds 'return open("/usr/weft-probe", O_WRONLY | O_CREAT, 0600) < 0 ? 0 : 1;'
	check "there is no network" succeeds '	int s = socket(AF_INET, SOCK_STREAM, 0);
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(9), .sin_addr.s_addr = htonl(0x08080808)};
	return s >= 0 && !connect(s, (struct sockaddr *)&to, sizeof to);'
	check "processes outside are not seen" succeeds '	char path[64];
	int seen = 0;
	for (int pid = 3; pid < 4000; pid++) {
		snprintf(path, sizeof path, "/proc/%d/stat", pid);
		seen += !access(path, F_OK);
	}
	return seen > 2;'
fi
check "the environment is clean" succeeds '	return getenv("USER") || getenv("SSH_AUTH_SOCK") || strcmp(getenv("TZ"), "UTC");'
check "a gigabyte of output ends with a report" fails_saying "more than 64 MiB" "" '	static char line[1 << 16];
	memset(line, 120, sizeof line);
	for (long i = 0; i < 1 << 14; i++)
		if (write(1, line, sizeof line) < 0)
			return 1;
	return 0;'
check "a file beyond the limit ends with a report" fails_saying "signal 25" "" '	static char block[1 << 20];
	int fd = open("big.tsv", O_WRONLY | O_CREAT, 0600);
	for (int i = 0; i < 300; i++)
		if (write(fd, block, sizeof block) < 0)
			return 1;
	return 0;'
check "memory beyond the limit is refused" fails_saying "exit status 7" "memory=64M" '	char *p = malloc(256 << 20);
	if (!p)
		return 7;
	memset(p, 1, 256 << 20);
	return p[12345] - 1;'
check "an endless program ends with a report" fails_saying "longer than its time limit" "timeout=1s" 'for (volatile int i = 0; ; i++) ;'
summary sandbox
