/* A pool that waits for jobs: a little while awake, for steps of training follow one another closely,
 * then asleep on a condition. A job is one counter: threads take the next piece until none is left. Who
 * comes too late for a job is not waited for. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE     /* sched_getaffinity() */
#endif

#include "threads.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "weft.h"

#include "gemm.h"
#include "real.h"

#define MAX_THREADS 64

/* One a process: the threads there are, and the job they are on. */
static struct {
	pthread_mutex_t lock;
	pthread_cond_t start, done;
	int wanted;             /* threads, the caller's included; 0 until first asked */
	int started;            /* of the others */
	atomic_int busy;        /* of the others, on the job now */
	atomic_long job;        /* counts jobs, so that a thread does each once */
	bool is_open;           /* may still be joined */
	void (*work)(void *ctx, size_t piece);
	void *ctx;
	size_t pieces;
	atomic_size_t next;
} pool = {.lock = PTHREAD_MUTEX_INITIALIZER,
          .start = PTHREAD_COND_INITIALIZER,
          .done = PTHREAD_COND_INITIALIZER};

static _Thread_local bool is_inside;

static int processors(void)
{
	cpu_set_t set;
	if (sched_getaffinity(0, sizeof set, &set))
		return 1;
	int n = CPU_COUNT(&set);
	return n < 1 ? 1 : n > MAX_THREADS ? MAX_THREADS : n;
}

void nn_setup(int argc, char **argv)
{
	long n = weft_param_int(argc, argv, "threads", processors());
	if (n < 1 || n > MAX_THREADS)
		nn_quit("parameter 'threads' wants 1 to %d, found %ld", MAX_THREADS, n);
	pool.wanted = (int)n;
	const char *simd = weft_param_text(argc, argv, "simd", NULL);
	if (simd && !gemm_use(simd))
		nn_quit("parameter 'simd' wants sse2, avx2 or avx512, and a processor that has it; "
		        "found '%s'", simd);
}

int thread_count(void)
{
	if (!pool.wanted)
		pool.wanted = processors();
	return pool.wanted;
}

/* Turns of a loop that waits awake: some 50 us, less than it takes to fall asleep and be woken. */
#define AWAKE 2000

static void breathe(void)
{
#ifdef __x86_64__
	__builtin_ia32_pause();
#endif
}

static void take_pieces(void)
{
	is_inside = true;
	for (size_t i; (i = atomic_fetch_add(&pool.next, 1)) < pool.pieces; )
		pool.work(pool.ctx, i);
	is_inside = false;
}

static void *serve(void *unused)
{
	for (long seen = 0; ; ) {
		for (int i = 0; i < AWAKE && pool.job == seen; i++)
			breathe();
		pthread_mutex_lock(&pool.lock);
		while (pool.job == seen)
			pthread_cond_wait(&pool.start, &pool.lock);
		seen = pool.job;
		bool joins = pool.is_open;
		pool.busy += joins;
		pthread_mutex_unlock(&pool.lock);
		if (!joins)
			continue;
		take_pieces();
		pthread_mutex_lock(&pool.lock);
		if (!--pool.busy)
			pthread_cond_signal(&pool.done);
		pthread_mutex_unlock(&pool.lock);
	}
	return unused;
}

/* A thread that cannot be had is done without. What products run on is chosen first, so that no two
 * pieces choose at once. */
static void start_threads(void)
{
	gemm_used();
	while (pool.started < thread_count() - 1) {
		pthread_t id;
		if (pthread_create(&id, NULL, serve, NULL)) {
			pool.wanted = pool.started + 1;
			return;
		}
		pthread_detach(id);
		pool.started++;
	}
}

void parallel(size_t pieces, void (*work)(void *ctx, size_t piece), void *ctx)
{
	if (is_inside || pieces < 2 || thread_count() < 2) {
		for (size_t i = 0; i < pieces; i++)
			work(ctx, i);
		return;
	}
	start_threads();
	pthread_mutex_lock(&pool.lock);
	pool.work = work;
	pool.ctx = ctx;
	pool.pieces = pieces;
	atomic_store(&pool.next, 0);
	pool.is_open = true;
	pool.job++;
	pthread_cond_broadcast(&pool.start);
	pthread_mutex_unlock(&pool.lock);
	take_pieces();
	pthread_mutex_lock(&pool.lock);
	pool.is_open = false;
	pthread_mutex_unlock(&pool.lock);
	for (int i = 0; i < AWAKE && pool.busy; i++)
		breathe();
	pthread_mutex_lock(&pool.lock);
	while (pool.busy)
		pthread_cond_wait(&pool.done, &pool.lock);
	pthread_mutex_unlock(&pool.lock);
}
