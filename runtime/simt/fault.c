/* Signals: an address that is no memory, a stack that is full, a block that never ends.
 *
 * A kernel's fault ends its block and becomes an error of the device. The handler cannot leave
 * the block from where it is, so it makes the interrupted code go on in block_abandon() instead.
 * A fault of the host is left to the system. */
#include "run.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#ifdef __x86_64__
#include <ucontext.h>
#endif

enum { SIGNAL_STACK = 64 << 10 };
static int stop_signal;
static long limit_s;

static const struct fiber *overflowed(const struct worker *w, uintptr_t at)
{
	uintptr_t from = (uintptr_t)w->stacks;
	size_t each = STACK_BYTES + GUARD_BYTES;
	if (!from || at < from || at >= from + w->fibers_made * each)
		return NULL;
	return (at - from) % each < GUARD_BYTES ? &w->fibers[(at - from) / each] : NULL;
}

/* The report is at the site the lane last came by, where sites are known. */
static void describe(const struct worker *w, int sig, const siginfo_t *info)
{
	const char *place = lane_place(w, w->lane);
	const struct site *s = w->lane ? w->lane->site : NULL;
	if (sig == stop_signal) {
		block_fail(702, s, "%s has not got on for %ld s: does it wait for another block or thread?",
			   place, limit_s);
		return;
	}
	if (sig == SIGFPE) {
		block_fail(719, s, "%s: an integer division by zero", place);
		return;
	}
	uintptr_t at = (uintptr_t)info->si_addr;
	if (overflowed(w, at)) {
		block_fail(719, s, "%s: local variables do not fit into %d KiB of stack", place,
			   STACK_BYTES >> 10);
		return;
	}
	block_fail(700, s, "%s: an access to address 0x%llx, which is no device memory", place,
		   (unsigned long long)at);
}

static void go_on_abandoning(struct worker *w, void *context)
{
#if defined __x86_64__
	ucontext_t *c = context;
	/* The frame is not needed any more, and may be the one that is full. */
	uintptr_t sp = (uintptr_t)w->running->stack + STACK_BYTES - 4096;
	c->uc_mcontext.gregs[REG_RSP] = (greg_t)((sp & ~(uintptr_t)15) - 8);
	c->uc_mcontext.gregs[REG_RIP] = (greg_t)(uintptr_t)block_abandon;
#else
	(void)w;
	(void)context;
	_exit(1);
#endif
}

static void on_signal(int sig, siginfo_t *info, void *context)
{
	struct worker *w = simt_worker;
	if (sig == stop_signal && (!w || w->running == &w->scheduler || w->waiting))
		return;
	if (!w || w->running == &w->scheduler) {
		signal(sig, SIG_DFL);
		return;
	}
	/* block_fail() would leave at once if it believed it ran on a fiber. */
	struct fiber *running = w->running;
	w->running = &w->scheduler;
	describe(w, sig, info);
	w->running = running;
	go_on_abandoning(w, context);
}

/* Ask, now and then, whether every worker has got on. */
static void *watch(void *unused)
{
	uint64_t seen[MAX_WORKERS] = {0};
	long still[MAX_WORKERS] = {0};
	(void)unused;
	for (;;) {
		nanosleep(&(struct timespec){.tv_sec = 1}, NULL);
		for (int i = 0; i < simt_workers; i++) {
			struct worker *w = &simt_crew[i];
			if (!w->lanes || w->block_number == NO_BLOCK || w->waiting ||
			    w->progress != seen[i]) {
				seen[i] = w->progress;
				still[i] = 0;
			} else if (++still[i] >= limit_s) {
				pthread_kill(w->thread, stop_signal);
				still[i] = 0;
			}
		}
	}
	return NULL;
}

void fault_install(void)
{
	struct sigaction act = {.sa_sigaction = on_signal, .sa_flags = SA_SIGINFO | SA_ONSTACK};
	sigaction(SIGSEGV, &act, NULL);
	sigaction(SIGBUS, &act, NULL);
	sigaction(SIGFPE, &act, NULL);
	limit_s = option("SIMT_WATCHDOG_S", 30, 0, 86400);
	if (!limit_s)
		return;
	stop_signal = SIGRTMAX - 1;
	sigaction(stop_signal, &act, NULL);
	pthread_t thread;
	if (pthread_create(&thread, NULL, watch, NULL))
		simt_fatal("cannot start the watchdog");
	pthread_detach(thread);
}

/* Each worker takes its signals on a stack of its own: the one it runs on may be full. */
void fault_thread(struct worker *w)
{
	w->signal_stack = malloc(SIGNAL_STACK);
	if (!w->signal_stack)
		simt_fatal("no memory for a signal stack");
	stack_t s = {.ss_sp = w->signal_stack, .ss_size = SIGNAL_STACK};
	sigaltstack(&s, NULL);
}
