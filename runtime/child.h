/* Child processes: started, watched by one poll loop, bounded, and never left behind. */
#ifndef WEFT_CHILD_H
#define WEFT_CHILD_H

#include "../tangle/str.h"

enum { CHILDREN_MOST = 64 };
enum { KEEP_HEAD = 256 << 10, KEEP_TAIL = 64 << 10 };   /* of each of stdout and stderr */

/* What to start. Either argv, or a function to run in a fork of this process. */
struct child_spec {
	char **argv;            /* NULL-terminated; argv[0] is a path */
	char **env;             /* NULL-terminated */
	const char *dir;        /* working directory, or NULL */
	Str stdin_text;
	int (*call)(void *ctx, int out_fd);     /* instead of argv: its value is the exit status; writes its answer to out_fd */
	void *ctx;
	int timeout_s;          /* wall clock; then TERM, two seconds, KILL */
	int cpu_s;              /* RLIMIT_CPU; 0: none */
	long memory_bytes;      /* RLIMIT_AS; 0: none */
	bool keep_all;          /* stdout without the cap (an answer); at most 64 MiB */
	bool terminal;          /* stdin and stdout are ours */
	bool one_cpu;           /* pinned to one processor: a timing */
};

/* How it ended. Texts are valid until the next child_wait(). */
struct child_end {
	void *tag;
	int status;             /* exit status, or 128 + signal */
	bool timed_out;         /* or wrote more than 64 MiB */
	double wall_s;
	Str out, err;           /* head and tail as kept */
	long out_omitted, err_omitted;
};

/* Block SIGINT, SIGTERM and SIGCHLD and take them through a file descriptor from now on. */
void children_begin(void);
int children_running(void);
/* Start one. `tag` comes back in its child_end. Fatal when the system has no process to give. */
void child_start(const struct child_spec *spec, void *tag);
/* Wait until a child ends, or about `wait_ms` at most (-1: no limit). True and *end filled when one did. On SIGINT or SIGTERM
 * kills all children, runs `cleanup`, and ends this process by the same signal. */
bool child_wait(struct child_end *end, int wait_ms);
/* Also poll this descriptor for input in child_wait(), which then returns early; -1: none. */
void children_also_poll(int fd);
/* Run before this process ends by a signal. */
void children_at_signal(void (*cleanup)(void));
/* Seconds on the monotonic clock. */
double now_s(void);

#endif
