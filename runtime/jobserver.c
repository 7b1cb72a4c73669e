/* A slot is one byte in make's pipe. Each is given back as the byte it was. */
#include "jobserver.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../tangle/str.h"

enum { SLOTS_MOST = 256 };

static int read_fd = -1, write_fd = -1, held;
static char slot[SLOTS_MOST];

static bool is_pipe(int fd)
{
	struct stat st;
	return fd >= 0 && !fstat(fd, &st) && S_ISFIFO(st.st_mode);
}

/* The value of the last --jobserver-auth= (or, before make 4.2, --jobserver-fds=) before "--". */
static Str auth_of(Str flags)
{
	Str auth = {0};
	for (Str word; (word = str_word(&flags)).len && !str_eq(word, S("--")); ) {
		size_t equals = str_find(word, '=', 0);
		Str name = str_sub(word, 0, equals);
		if (str_eq(name, S("--jobserver-auth")) || str_eq(name, S("--jobserver-fds")))
			auth = str_sub(word, equals + 1, word.len);
	}
	return auth;
}

static bool open_fifo(Str path)
{
	char text[4096];
	snprintf(text, sizeof text, "%.*s", STR_ARG(path));
	read_fd = write_fd = open(text, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	return is_pipe(read_fd);
}

/* The pipe's description is shared with make and all its children: a private one, through /proc, may be non-blocking. */
static bool open_pipe(Str fds)
{
	long r, w;
	Str first = str_cut(&fds, ',');
	if (!str_int(first, &r) || !str_int(fds, &w) || !is_pipe((int)r) || !is_pipe((int)w))
		return false;
	char path[64];
	snprintf(path, sizeof path, "/proc/self/fd/%ld", r);
	read_fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	snprintf(path, sizeof path, "/proc/self/fd/%ld", w);
	write_fd = open(path, O_WRONLY | O_CLOEXEC);
	/* The essays' programs are not make's children. */
	fcntl((int)r, F_SETFD, FD_CLOEXEC);
	fcntl((int)w, F_SETFD, FD_CLOEXEC);
	return is_pipe(read_fd) && is_pipe(write_fd);
}

bool jobserver_open(void)
{
	Str auth = auth_of(str_of(getenv("MAKEFLAGS")));
	if (auth.len && (str_starts(auth, S("fifo:")) ? open_fifo(str_sub(auth, 5, auth.len)) : open_pipe(auth)))
		return true;
	read_fd = write_fd = -1;
	return false;
}

int jobserver_fd(void)
{
	return read_fd;
}

static void give(void)
{
	ssize_t n;
	held--;
	do
		n = write(write_fd, &slot[held], 1);
	while (n < 0 && errno == EINTR);
}

bool jobserver_hold(int n)
{
	int before = held;
	if (read_fd < 0)
		return true;
	while (held > n)
		give();
	while (held < n && held < SLOTS_MOST) {
		ssize_t got = read(read_fd, &slot[held], 1);
		if (got == 1)
			held++;
		else if (got == 0 || errno != EINTR)
			break;
	}
	if (held == n)
		return true;
	while (held > before)
		give();
	return false;
}
