/* Child processes. Each has its own session, dies with us, and is killed with all it started: inside bubblewrap by
 * its process namespace, elsewhere by group, and what left its group by being adopted here (we are a subreaper). */
#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../tangle/diag.h"

enum { OUTPUT_MOST = 64 << 20, FILE_MOST = 256 << 20, PROCESSES_MOST = 8192, GRACE_S = 2 };

/* One stream of a child: the first bytes, and the last ones in a ring. */
struct capture {
	int fd;
	char *head, *tail;
	size_t head_len, head_room;
	long total;             /* bytes read */
};

static struct child {
	pid_t pid;              /* 0: free slot */
	void *tag;
	struct capture out, err;
	int in;                 /* writes stdin_text; -1 when done */
	Str in_rest;
	double started_s, deadline_s;
	bool keep_all, exited, timed_out, told;
	int status;
} children[CHILDREN_MOST];

static int running, signal_fd = -1, also_fd = -1;
static void (*at_signal)(void);
static char *end_text[2];       /* texts of the last child_end */

double now_s(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

void children_begin(void)
{
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (signal_fd < 0)
		fatal("signalfd:");
	prctl(PR_SET_CHILD_SUBREAPER, 1);
}

int children_running(void)
{
	return running;
}

void children_also_poll(int fd)
{
	also_fd = fd;
}

void children_at_signal(void (*cleanup)(void))
{
	at_signal = cleanup;
}

static void limit(int what, rlim_t most)
{
	struct rlimit old, r = {most, most};
	getrlimit((__rlimit_resource_t)what, &old);
	if (old.rlim_max != RLIM_INFINITY && most > old.rlim_max)
		r.rlim_cur = r.rlim_max = old.rlim_max;
	setrlimit((__rlimit_resource_t)what, &r);
}

/* In the child, between fork and exec. */
static _Noreturn void become(const struct child_spec *spec, pid_t parent, int in, int out, int err)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(127);     /* it died before we could ask to be told */
	setsid();
	sigset_t none;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	umask(022);             /* a program may look at the modes of what it makes */
	limit(RLIMIT_CORE, 0);
	limit(RLIMIT_FSIZE, FILE_MOST);
	limit(RLIMIT_NOFILE, 256);
	/* Of all the user's processes together, and not for root. */
	limit(RLIMIT_NPROC, PROCESSES_MOST);
	if (spec->cpu_s)
		limit(RLIMIT_CPU, (rlim_t)spec->cpu_s);
	if (spec->memory_bytes)
		limit(RLIMIT_AS, (rlim_t)spec->memory_bytes);
	if (spec->one_cpu) {
		cpu_set_t all, one;
		CPU_ZERO(&one);
		sched_getaffinity(0, sizeof all, &all);
		int cpu = CPU_SETSIZE - 1;
		while (cpu > 0 && !CPU_ISSET(cpu, &all))
			cpu--;
		CPU_SET(cpu, &one);
		sched_setaffinity(0, sizeof one, &one);
	}
	if (spec->call) {
		/* A fork of this process: it answers on `out`, talks on `err`. */
		dup2(err, 2);
		_exit(spec->call(spec->ctx, out));
	}
	if ((!spec->terminal && (dup2(in, 0) < 0 || dup2(out, 1) < 0)) || dup2(err, 2) < 0)
		_exit(127);
	if (spec->dir && chdir(spec->dir))
		_exit(127);
	execve(spec->argv[0], spec->argv, spec->env);
	dprintf(2, "cannot execute '%s': %s\n", spec->argv[0], strerror(errno));
	_exit(127);
}

static void open_pipe(int fd[2], int ours)
{
	if (pipe2(fd, O_CLOEXEC))
		fatal("pipe:");
	fcntl(fd[ours], F_SETFL, O_NONBLOCK);
}

void child_start(const struct child_spec *spec, void *tag)
{
	struct child *c = children;
	while (c < children + CHILDREN_MOST && c->pid)
		c++;
	if (c == children + CHILDREN_MOST)
		fatal("more than %d children at a time", CHILDREN_MOST);
	int in[2], out[2], err[2];
	open_pipe(in, 1);
	open_pipe(out, 0);
	open_pipe(err, 0);
	fflush(NULL);
	pid_t parent = getpid(), pid = fork();
	if (pid < 0)
		fatal("fork:");
	if (!pid)
		become(spec, parent, in[0], out[1], err[1]);
	close(in[0]);
	close(out[1]);
	close(err[1]);
	double t = now_s();
	*c = (struct child){
		.pid = pid, .tag = tag, .in = in[1], .in_rest = spec->stdin_text, .out.fd = out[0], .err.fd = err[0],
		.started_s = t, .deadline_s = t + spec->timeout_s, .keep_all = spec->keep_all,
	};
	if (!c->in_rest.len) {
		close(c->in);
		c->in = -1;
	}
	running++;
}

static void keep(struct capture *s, const char *at, size_t n, bool all)
{
	size_t head_most = all ? OUTPUT_MOST : KEEP_HEAD;
	if (s->head_len < head_most) {
		size_t part = head_most - s->head_len < n ? head_most - s->head_len : n;
		if (s->head_len + part > s->head_room) {
			s->head_room = 2 * (s->head_len + part) + 4096;
			if (!(s->head = realloc(s->head, s->head_room)))
				fatal("out of memory");
		}
		memcpy(s->head + s->head_len, at, part);
		s->head_len += part;
		s->total += (long)part;
		at += part;
		n -= part;
	}
	if (n && !s->tail && !(s->tail = malloc(KEEP_TAIL)))
		fatal("out of memory");
	for (; n; n--, s->total++)
		s->tail[(size_t)(s->total - (long)head_most) % KEEP_TAIL] = *at++;
}

/* Read what is there. Closes at the end of the stream. */
static void drain(struct capture *s, bool all)
{
	static char bytes[65536];
	while (s->fd >= 0) {
		ssize_t n = read(s->fd, bytes, sizeof bytes);
		if (n > 0)
			keep(s, bytes, (size_t)n, all);
		else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
			close(s->fd);
			s->fd = -1;
		} else if (errno == EAGAIN)
			return;
	}
}

static void feed(struct child *c)
{
	while (c->in >= 0 && c->in_rest.len) {
		ssize_t n = write(c->in, c->in_rest.at, c->in_rest.len);
		if (n > 0)
			c->in_rest = str_sub(c->in_rest, (size_t)n, c->in_rest.len);
		else if (errno == EAGAIN)
			return;
		else if (errno != EINTR)
			break;
	}
	if (c->in >= 0) {
		close(c->in);
		c->in = -1;
	}
}

static struct child *child_of(pid_t pid)
{
	for (struct child *c = children; c < children + CHILDREN_MOST; c++)
		if (c->pid == pid)
			return c;
	return NULL;
}

/* One round of kill_strays(). Returns how many there were. */
static int kill_some_strays(void)
{
	char path[64], list[4096];
	snprintf(path, sizeof path, "/proc/self/task/%d/children", (int)getpid());
	int fd = open(path, O_RDONLY | O_CLOEXEC), strays = 0;
	ssize_t n = fd < 0 ? 0 : read(fd, list, sizeof list);
	if (fd >= 0)
		close(fd);
	/* A blank follows each number; one without it is the first half of a longer one. */
	while (n > 0 && list[n - 1] != ' ')
		n--;
	Str rest = {list, n > 0 ? (size_t)n : 0};
	for (Str word; (word = str_word(&rest)).len; ) {
		long pid;
		if (!str_int(word, &pid) || child_of((pid_t)pid))
			continue;
		kill((pid_t)pid, SIGKILL);
		waitpid((pid_t)pid, NULL, 0);
		strays++;
	}
	return strays;
}

/* Kill what our children left behind and the kernel gave to us. Their own children come to us as they die, so this goes
 * on until there are none; but not forever, should they multiply faster. */
static void kill_strays(void)
{
	double until = now_s() + GRACE_S;
	while (kill_some_strays() && now_s() < until)
		continue;
}

static void reap(void)
{
	int status;
	for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0; ) {
		struct child *c = child_of(pid);
		if (c) {
			c->exited = true;
			c->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
			kill(-pid, SIGKILL);
		}
		kill_strays();
	}
}

static void kill_all(void)
{
	for (struct child *c = children; c < children + CHILDREN_MOST; c++)
		if (c->pid) {
			kill(-c->pid, SIGKILL);
			kill(c->pid, SIGKILL);
		}
	while (running) {
		int status;
		pid_t pid = waitpid(-1, &status, 0);
		if (pid < 0)
			break;
		struct child *c = child_of(pid);
		if (c) {
			c->pid = 0;
			running--;
		}
	}
	kill_strays();
}

static void take_signals(void)
{
	struct signalfd_siginfo info;
	while (read(signal_fd, &info, sizeof info) == sizeof info) {
		if (info.ssi_signo == SIGCHLD) {
			reap();
			continue;
		}
		kill_all();
		if (at_signal)
			at_signal();
		int number = (int)info.ssi_signo;
		signal(number, SIG_DFL);
		sigset_t set;
		sigemptyset(&set);
		sigaddset(&set, number);
		raise(number);
		sigprocmask(SIG_UNBLOCK, &set, NULL);
		_exit(128 + number);
	}
}

/* Late children are asked, then killed. */
static void enforce(struct child *c, double t)
{
	bool too_much = c->out.total + c->err.total > OUTPUT_MOST;
	if (c->exited || (t < c->deadline_s && !too_much))
		return;
	c->timed_out = true;
	kill(-c->pid, c->told || too_much ? SIGKILL : SIGTERM);
	if (c->told || too_much)
		kill(c->pid, SIGKILL);
	c->told = true;
	c->deadline_s = t + GRACE_S;
}

/* Head and tail in one text. */
static Str text_of(struct capture *s, char **keep_until_next, long *omitted)
{
	free(*keep_until_next);
	long ring = s->total - (long)s->head_len, tail = ring < KEEP_TAIL ? ring : KEEP_TAIL;
	*omitted = ring - tail;
	char *text = malloc(s->head_len + (size_t)tail + 1);
	if (!text)
		fatal("out of memory");
	if (s->head_len)
		memcpy(text, s->head, s->head_len);
	for (long i = 0; i < tail; i++)
		text[s->head_len + (size_t)i] = s->tail[(size_t)(ring - tail + i) % KEEP_TAIL];
	free(s->head);
	free(s->tail);
	*keep_until_next = text;
	return (Str){text, s->head_len + (size_t)tail};
}

static void finish(struct child *c, struct child_end *end)
{
	drain(&c->out, c->keep_all);
	drain(&c->err, false);
	/* A stream still open belongs to a process that was just killed. */
	if (c->out.fd >= 0)
		close(c->out.fd);
	if (c->err.fd >= 0)
		close(c->err.fd);
	if (c->in >= 0)
		close(c->in);
	*end = (struct child_end){.tag = c->tag, .status = c->status, .timed_out = c->timed_out, .wall_s = now_s() - c->started_s};
	end->out = text_of(&c->out, &end_text[0], &end->out_omitted);
	end->err = text_of(&c->err, &end_text[1], &end->err_omitted);
	c->pid = 0;
	running--;
}

bool child_wait(struct child_end *end, int wait_ms)
{
	double until = wait_ms < 0 ? 1e300 : now_s() + wait_ms / 1e3;
	for (;;) {
		for (struct child *c = children; c < children + CHILDREN_MOST; c++)
			if (c->pid && c->exited) {
				finish(c, end);
				return true;
			}
		double t = now_s(), wake = until;
		struct pollfd fds[3 * CHILDREN_MOST + 2];
		struct child *owner[3 * CHILDREN_MOST + 2];
		nfds_t n = 0;
		fds[n++] = (struct pollfd){.fd = signal_fd, .events = POLLIN};
		fds[n++] = (struct pollfd){.fd = also_fd, .events = POLLIN};
		for (struct child *c = children; c < children + CHILDREN_MOST; c++) {
			if (!c->pid)
				continue;
			enforce(c, t);
			if (c->deadline_s < wake)
				wake = c->deadline_s;
			struct pollfd own[] = {{c->out.fd, POLLIN, 0}, {c->err.fd, POLLIN, 0}, {c->in, POLLOUT, 0}};
			for (int i = 0; i < 3; i++)
				if (own[i].fd >= 0) {
					owner[n] = c;
					fds[n++] = own[i];
				}
		}
		double left = wake - t;
		int ms = left > 1e6 ? -1 : left <= 0 ? 0 : (int)(left * 1e3) + 1;
		if (poll(fds, n, ms) < 0 && errno != EINTR)
			fatal("poll:");
		take_signals();
		for (nfds_t i = 2; i < n; i++) {
			if (!fds[i].revents || !owner[i]->pid)
				continue;
			if (fds[i].fd == owner[i]->in)
				feed(owner[i]);
			else
				drain(fds[i].fd == owner[i]->out.fd ? &owner[i]->out : &owner[i]->err,
				      fds[i].fd == owner[i]->out.fd && owner[i]->keep_all);
		}
		if (fds[1].revents)
			return false;
		if (now_s() >= until) {
			bool any = false;
			for (struct child *c = children; c < children + CHILDREN_MOST; c++)
				any = any || (c->pid && c->exited);
			if (!any)
				return false;
		}
	}
}
