/* One block: lanes taken up and put down until all have ended.
 *
 * Two ways to run lanes share the bookkeeping. A plain program hands over a loop over threads
 * (`simt_launch.loop`), which runs blocks whole until a lane calls something that blocks. That
 * lane says its number (simt_arrive), is left on the fiber it is on, and the same loop is started
 * on another fiber for the lanes after it. So a kernel that never blocks costs no switch at all,
 * and no analysis decides which kernels those are. Programs that count or check run lane by lane,
 * since the recorder wants to know when one begins. */
#include "run.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include "include/simt/core.h"

__thread struct worker *simt_worker;

static void fiber_main(void);

static void fibers_make(struct worker *w, unsigned wanted)
{
	const size_t each = STACK_BYTES + GUARD_BYTES;
	for (; w->fibers_made < wanted; w->fibers_made++) {
		struct fiber *f = &w->fibers[w->fibers_made];
		char *at = w->stacks + w->fibers_made * each;
		if (mprotect(at, GUARD_BYTES, PROT_NONE))
			simt_fatal("cannot guard a fiber's stack");
		f->stack = at + GUARD_BYTES;
		fiber_init(f, fiber_main, w->fibers_made % 31 * 128);
		f->next = w->pool;
		w->pool = f;
	}
}

/* After a failure nothing is known of any fiber: start them afresh. */
static void fibers_reset(struct worker *w)
{
	w->pool = NULL;
	for (unsigned i = 0; i < w->fibers_made; i++) {
		struct fiber *f = &w->fibers[i];
		fiber_init(f, fiber_main, i % 31 * 128);
		f->next = w->pool;
		w->pool = f;
	}
	w->abandoned = false;
}

void worker_prepare(struct worker *w)
{
	if (!w->lanes) {
		size_t bytes = (size_t)MAX_THREADS * (STACK_BYTES + GUARD_BYTES);
		w->lanes = calloc(MAX_THREADS, sizeof *w->lanes);
		w->fibers = calloc(MAX_THREADS, sizeof *w->fibers);
		w->stacks = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
				 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
		if (!w->lanes || !w->fibers || w->stacks == MAP_FAILED)
			simt_fatal("no memory for a worker's lanes");
	}
	fibers_make(w, simt_now.threads);
	w->threads = simt_now.threads;
	w->next = w->end = 0;
	w->no_more = false;
	w->block_number = NO_BLOCK;
	const struct simt_dim dim = simt_now.what.block;
	for (unsigned i = 0; i < w->threads; i++) {
		struct lane *l = &w->lanes[i];
		l->index = (struct simt_dim){i % dim.x, i / dim.x % dim.y, i / dim.x / dim.y};
	}
}

static struct fiber *fiber_take(struct worker *w)
{
	struct fiber *f = w->pool;
	w->pool = f->next;
	return f;
}

static void fiber_give(struct worker *w, struct fiber *f)
{
	f->next = w->pool;
	w->pool = f;
}

static void switch_to(struct worker *w, struct fiber *to)
{
	struct fiber *from = w->running;
	w->running = to;
	fiber_switch(from, to);
}

/* The next lane of the warp that can run in this round. */
static struct lane *lane_pick(struct worker *w)
{
	while (w->scan < w->scan_end) {
		struct lane *l = &w->lanes[w->scan++];
		if (l->state <= LANE_READY)
			return l;
	}
	return NULL;
}

static void lane_enter(struct worker *w, struct lane *l)
{
	w->lane = l;
	l->state = LANE_READY;
	if (simt_mode == MODE_COUNT)
		record_enter(w, l);
}

static void lane_leave(struct worker *w)
{
	if (simt_mode == MODE_COUNT)
		record_leave(w, w->lane);
	w->lane = NULL;
}

/* Run lane l, or the scheduler if there is none, from the fiber that runs now. */
static void lane_go(struct worker *w, struct lane *l)
{
	if (!l) {
		switch_to(w, &w->scheduler);
		return;
	}
	if (l->state == LANE_NEW)
		l->fiber = fiber_take(w);
	else
		w->fresh = false;
	lane_enter(w, l);
	switch_to(w, l->fiber);
}

void lane_block(enum lane_state state)
{
	struct worker *w = simt_worker;
	struct lane *l = w->lane;
	l->state = state;
	lane_leave(w);
	lane_go(w, lane_pick(w));
}

_Noreturn void block_abandon(void)
{
	struct worker *w = simt_worker;
	w->abandoned = true;
	if (w->lane)
		lane_leave(w);
	switch_to(w, &w->scheduler);
	abort();
}

void simt_arrive(unsigned number)
{
	struct worker *w = simt_worker;
	if (!w->fresh)
		return;
	if (w->probing) {
		for (unsigned i = 0; i < w->threads; i++)
			w->lanes[i].state = LANE_NEW;
		w->probing = false;
		w->scan_end = (number | (WARP - 1)) + 1;
		if (w->scan_end > w->threads)
			w->scan_end = w->threads;
	}
	for (unsigned i = w->loop_from; i < number; i++)
		w->lanes[i].state = LANE_DONE;
	w->scan = number + 1;
	w->fresh = false;
	w->lane = &w->lanes[number];
	w->lane->fiber = w->running;
	w->lane->state = LANE_READY;
}

/* Shared memory holds the same bytes at the start of every block, and not what the block before
 * it on this worker left there: all ones, which read as a NaN. */
static void shared_clear(struct worker *w)
{
	if (!simt_now.nshared && !simt_now.what.dynamic_bytes && simt_mode != MODE_CHECK)
		return;
	char *tp;
#ifdef __x86_64__
	__asm__("movq %%fs:0, %0" : "=r"(tp));
#else
	tp = NULL;      /* no table of ranges is written there */
#endif
	for (unsigned i = 0; i < simt_now.nshared; i++)
		memset(tp + simt_now.shared[i].offset, 0xff, simt_now.shared[i].bytes);
	if (simt_now.what.dynamic_bytes)
		memset(simt_dynamic, 0xff, simt_now.what.dynamic_bytes);
	if (simt_mode == MODE_CHECK)
		check_block(w);
}

/* Whole blocks, until a lane blocks or there are no more. True if one blocked: its lane has come
 * back here at its end. */
static bool run_probing(struct worker *w)
{
	struct simt_block b = {.dim = simt_now.what.block, .grid = simt_now.what.grid};
	for (;;) {
		b.index = w->block;
		w->fresh = true;
		w->loop_from = 0;
		simt_now.what.loop(simt_now.what.closure, &b, 0, w->threads);
		if (!w->fresh)
			return true;
		w->progress++;
		if (!block_next(w))
			break;
		shared_clear(w);
	}
	w->no_more = true;
	return false;
}

/* The lanes from the current one to the end of its warp. True as above. */
static bool run_loop(struct worker *w)
{
	struct simt_block b = {w->block, simt_now.what.block, simt_now.what.grid};
	unsigned from = (unsigned)(w->lane - w->lanes);
	w->fresh = true;
	w->loop_from = from;
	simt_now.what.loop(simt_now.what.closure, &b, from, w->scan_end);
	if (!w->fresh)
		return true;
	for (unsigned i = from; i < w->scan_end; i++)
		w->lanes[i].state = LANE_DONE;
	w->scan = w->scan_end;
	w->lane = NULL;
	return false;
}

/* What a fiber runs: lanes, one after another, for as long as it lives. A lane that ends hands
 * its fiber to the next without a switch. */
static void fiber_main(void)
{
	struct worker *w = simt_worker;
	for (;;) {
		bool in_lane = true;
		if (w->probing)
			in_lane = run_probing(w);
		else if (simt_now.what.loop)
			in_lane = run_loop(w);
		else
			simt_now.what.lane(simt_now.what.closure);
		struct fiber *self = w->running;
		if (in_lane) {
			w->lane->state = LANE_DONE;
			lane_leave(w);
		}
		struct lane *next = w->no_more ? NULL : lane_pick(w);
		if (next && next->state == LANE_NEW) {
			next->fiber = self;
			lane_enter(w, next);
			continue;
		}
		fiber_give(w, self);
		lane_go(w, next);
	}
}

/* Run the lanes of one warp until none can go on before a barrier. */
static void warp_run(struct worker *w, unsigned w0, unsigned w1)
{
	for (;;) {
		w->scan = w0;
		w->scan_end = w1;
		struct lane *l = lane_pick(w);
		if (l) {
			w->running = &w->scheduler;
			lane_go(w, l);
			if (w->abandoned)
				return;
		}
		w->progress++;
		unsigned going = warp_resolvable(w, w0, w1);
		if (simt_mode == MODE_COUNT && !record_merge(w, w0, w1, going))
			continue;
		if (!going)
			return;
		warp_resolve(w, w0, w1, going);
		if (w->abandoned)
			return;
	}
}

/* All that remain wait at a barrier: let them pass. False if the block has ended or cannot. */
static bool barrier_pass(struct worker *w)
{
	unsigned waiting = 0, votes = 0;
	const struct lane *first = NULL;
	for (unsigned i = 0; i < w->threads; i++) {
		const struct lane *l = &w->lanes[i];
		if (l->state == LANE_DONE)
			continue;
		if (l->state != LANE_WAITS) {
			warp_deadlock(w);
			return false;
		}
		if (!first)
			first = l;
		waiting++;
		votes += (unsigned)l->value;
	}
	if (!waiting)
		return false;
	if (simt_mode == MODE_CHECK) {
		check_barrier(w);
		if (w->abandoned)
			return false;
	}
	w->barrier_site = first->site;
	if (simt_mode == MODE_COUNT)
		record_barrier(w);
	int op = first->op;
	w->barrier_result = op == SIMT_BAR_COUNT ? (int)votes
			  : op == SIMT_BAR_AND	 ? votes == waiting
						 : votes > 0;
	for (unsigned i = 0; i < w->threads; i++)
		if (w->lanes[i].state == LANE_WAITS)
			w->lanes[i].state = LANE_READY;
	return true;
}

/* Start a block in the loop over threads. True if a lane of it has blocked; false if this block
 * and all that were left have ended, or one has failed. */
static bool block_probe(struct worker *w)
{
	w->probing = true;
	w->running = &w->scheduler;
	w->lane = NULL;
	switch_to(w, fiber_take(w));
	return !w->abandoned && !w->no_more;
}

void block_run(struct worker *w)
{
	unsigned first = 0;
	shared_clear(w);
	w->probing = false;
	if (simt_now.what.loop) {
		if (!block_probe(w)) {
			if (w->abandoned)
				fibers_reset(w);
			return;
		}
		first = (w->scan_end - 1) / WARP * WARP;
	} else {
		for (unsigned i = 0; i < w->threads; i++)
			w->lanes[i].state = LANE_NEW;
	}
	do {
		for (unsigned i = first; i < w->threads && !w->abandoned; i += WARP)
			warp_run(w, i, i + WARP < w->threads ? i + WARP : w->threads);
		first = 0;
	} while (!w->abandoned && barrier_pass(w));
	if (w->abandoned)
		fibers_reset(w);
}

int simt_barrier(int op, int predicate, const void *site)
{
	struct worker *w = simt_worker;
	struct lane *l = w->lane;
	l->op = op;
	l->value = (uint64_t)predicate;
	l->site = site;
	lane_block(LANE_WAITS);
	return w->barrier_result;
}

#define INDEX(name, from)                                                                         \
	unsigned simt_##name##_x(void)                                                            \
	{                                                                                         \
		return from.x;                                                                    \
	}                                                                                         \
	unsigned simt_##name##_y(void)                                                            \
	{                                                                                         \
		return from.y;                                                                    \
	}                                                                                         \
	unsigned simt_##name##_z(void)                                                            \
	{                                                                                         \
		return from.z;                                                                    \
	}
SIMT_INDEX(threadIdx)
SIMT_INDEX(blockIdx)
SIMT_INDEX(blockDim)
SIMT_INDEX(gridDim)
INDEX(threadIdx, simt_worker->lane->index)
INDEX(blockIdx, simt_worker->block)
INDEX(blockDim, simt_now.what.block)
INDEX(gridDim, simt_now.what.grid)
