/* The runtime's own view of a launch: workers, blocks, lanes, fibers, sites.
 *
 * A worker is an operating system thread. It runs one block at a time, so __shared__ variables
 * are simply thread-local, and shared memory is recognised by address. Within a block, lanes
 * (CUDA threads) run one after another on the worker, each until it ends or blocks; only one that
 * blocks keeps a fiber of its own. Nothing a kernel computes depends on how many workers there
 * are: lanes run in order between two points where they meet, and the first atomic of a block on
 * global memory waits until all earlier blocks have ended.
 *
 *   fiber.c     stacks and the switch between them
 *   block.c     one block: its lanes, warps and barriers
 *   warp.c      collectives of a warp
 *   launch.c    workers, the order of blocks, failures, the launch itself
 *   fault.c     signals: illegal addresses, stack overflow, blocks that never end
 *   memory.c    the device's memory
 *   output.c    a device's printf and assert
 *   api.c       the runtime calls
 *   math.c      device maths
 *   atomic.c    atomics of programs that count or check
 *   record.c    counting: the lanes' events, merged into the warp's
 *   space.c     counting: what one access of a warp costs
 *   cache.c     counting: models of L1 and L2
 *   table.c     counting: launches.tsv and lines.tsv
 *   check.c     checking: every access looked at before it happens
 *   tsan.c      the sanitizer's symbols that host code refers to */
#ifndef SIMT_RUN_H
#define SIMT_RUN_H

#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "include/simt/core.h"

#define WARP SIMT_WARP
#define MAX_THREADS SIMT_MAX_THREADS
enum { MAX_WORKERS = 64 };
#define NO_BLOCK UINT64_MAX

/* A row of the table simtas writes: one place in the program where something is recorded. Rows
 * stand in the order in which lanes that went different ways are to be resumed, so the address of
 * a row orders events. A run is the rows `site` to `site + rows - 1`: events with no jump, label
 * or foreign call between them. Its first row may be a block's. */
enum site_kind {
	SITE_BLOCK, SITE_LOAD, SITE_STORE, SITE_ATOMIC, SITE_BARRIER, SITE_WARP
};
struct site {
	uint32_t file;                  /* address of the name; 0 unknown */
	uint32_t line;
	uint8_t kind, size;             /* size in bytes of an access */
	uint8_t rows;                   /* in the run, on its first row */
	uint8_t spare;
	uint32_t bytes;                 /* of the run's record */
};
extern struct site __start_simt_sites[] __attribute__((weak));
extern struct site __stop_simt_sites[] __attribute__((weak));

/* The arithmetic of one line within one basic block: done by every lane that enters the block. */
struct work {
	uint32_t file, line;
	uint16_t flops32, flops64;
	uint16_t special, halves;       /* calls of device maths; half-precision operations */
	uint64_t block;                 /* address of the block's site */
};
extern struct work __start_simt_work[] __attribute__((weak));
extern struct work __stop_simt_work[] __attribute__((weak));

static inline const char *site_file(const struct site *s)
{
	return s && s->file ? (const char *)(uintptr_t)s->file : "?";
}

/* Static shared memory that a kernel reaches: ranges of thread-local storage, as offsets from the
 * thread pointer. simtas writes a row for each function that reaches any. */
struct shared_range {
	int32_t offset;
	uint32_t bytes;
};
struct kernel_row {
	uint64_t function;
	uint32_t ranges, nranges;       /* address of the first, and how many */
};
extern struct kernel_row __start_simt_kernels[] __attribute__((weak));
extern struct kernel_row __stop_simt_kernels[] __attribute__((weak));

/* Fibers. fiber.c */
struct fiber {
	void *sp;                       /* where a suspended fiber goes on */
	struct fiber *next;             /* in the worker's pool */
	char *stack;
	void *context;                  /* the ucontext fallback's */
};
enum { STACK_BYTES = 64 << 10, GUARD_BYTES = 4 << 10 };

/* Make a fiber that will run `entry` on `stack`; `stagger` moves its frames so that equal frames
 * of neighbours do not share cache sets. */
void fiber_init(struct fiber *, void (*entry)(void), unsigned stagger);
void fiber_switch(struct fiber *from, struct fiber *to);

enum lane_state {
	LANE_NEW, LANE_READY,
	LANE_FULL,                      /* its record is full: the warp's must be merged */
	LANE_MEETS,                     /* waits for its warp */
	LANE_WAITS,                     /* waits for the block */
	LANE_DONE
};

struct event {
	uint64_t address;
	uint32_t key;                   /* address of the site */
};

struct lane {
	struct fiber *fiber;
	struct simt_dim index;          /* threadIdx */
	enum lane_state state;

	/* What it waits for. */
	int op, width;
	unsigned mask;
	int64_t arg;
	uint64_t value;                 /* brings, and takes away */
	const struct site *site;

	/* record.c */
	bool ran, private;
	char *at;                       /* in the warp's record */
	const struct site *pending;     /* its last run, still in the scratch columns */
	struct event *queue, *head, *tail, *limit;
};

struct totals;
struct cache;
struct shadow;

struct worker {
	struct simt_dim block;          /* blockIdx */
	uint64_t block_number;
	uint64_t next, end;             /* blocks handed to this worker and not begun */
	unsigned threads;               /* of the block */

	struct lane *lanes;
	struct lane *lane;              /* the one that runs; null in the scheduler */
	struct fiber scheduler, *running, *pool, *fibers;
	unsigned fibers_made;
	char *stacks;
	unsigned scan, scan_end;        /* lanes of the warp still to be resumed in this round */
	uintptr_t shared_from, shared_bytes;    /* this thread's static and dynamic shared memory */

	/* The loop over threads (plain programs). */
	bool probing;                   /* whole blocks in the loop: nothing has blocked yet */
	bool fresh;                     /* no lane of the running loop has blocked */
	unsigned loop_from;
	bool no_more;                   /* the probing loop has run out of blocks */

	int barrier_result;
	const struct site *barrier_site;
	bool abandoned;                 /* the block has failed */
	volatile uint64_t progress;     /* grows while blocks and warps get on */
	volatile bool waiting;          /* for earlier blocks: no fault of its own */

	char *text;                     /* what the block has printed */
	size_t text_len, text_cap;

	struct record *record;          /* counting */
	struct totals *totals;
	struct cache *l1;
	struct shadow *shadow;          /* checking */

	int id;
	pthread_t thread;
	void *signal_stack;
};

extern __thread struct worker *simt_worker __attribute__((tls_model("local-exec")));

/* The launch in progress; one at a time. launch.c */
enum mode { MODE_PLAIN, MODE_COUNT, MODE_CHECK };
struct launch {
	struct simt_launch what;
	unsigned threads;
	uint64_t blocks;
	unsigned number;                /* launches before this one */
	const struct shared_range *shared;
	unsigned nshared;
	size_t static_bytes;
};
extern struct launch simt_now;
extern enum mode simt_mode;
extern int simt_workers;
extern struct worker simt_crew[MAX_WORKERS];

/* End the block with an error of the device, reported at a site or, where none is known, at the
 * launch; after the output of the blocks before it. From a fiber this does not return. */
void block_fail(int error, const struct site *, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* Leave the block, from its fiber: it has failed, or an earlier one has. */
_Noreturn void block_abandon(void);
/* Account for the block just run and take the next; false when there is none. */
bool block_next(struct worker *);
/* The error a call returns, remembered for cudaGetLastError(). */
int error_set(int error);
/* The error now standing: a kernel's, which stays, or the last of a call, which is forgotten. */
int error_sticky(void);
int error_take(bool forget);
/* Static shared memory a kernel reaches, and the dynamic it has been allowed beyond 48 KiB. */
size_t kernel_static_bytes(const void *function);
size_t kernel_allowed_bytes(const void *kernel);
/* "block (1,0,0), thread (5,0,0)" of the lane that runs, in a buffer of the thread's own. */
const char *lane_place(const struct worker *, const struct lane *);

/* One block, from its first lane to its last. block.c */
void block_run(struct worker *);
void worker_prepare(struct worker *);
/* Suspend the running lane in the given state, and run others. */
void lane_block(enum lane_state);

/* Which lanes of the warp at w0 could go on now; then let them. warp.c */
unsigned warp_resolvable(struct worker *, unsigned w0, unsigned w1);
void warp_resolve(struct worker *, unsigned w0, unsigned w1, unsigned which);
/* Report why nothing moves. */
void warp_deadlock(struct worker *);

/* fault.c */
void fault_install(void);
void fault_thread(struct worker *);

/* Memory. The arena lies at a fixed address, so pointers repeat from run to run. memory.c */
#define ARENA_BASE 0x200000000000ull
#define ARENA_BYTES (64ull << 30)
struct allocation {
	uint64_t from, to;
	bool live, managed;
	const char *file;               /* of the call that made it */
	int line;
};
/* The allocation that holds or last held the address, or the one just below it; null if none. */
const struct allocation *memory_find(uint64_t address);
/* The end of what has ever been allocated, for clearing footprints. */
uint64_t memory_top(void);
/* One of the ranges a kernel may touch; see also shared memory in struct worker. */
bool memory_is_arena(uint64_t);
bool memory_is_device_variable(uint64_t);
bool memory_is_constant(uint64_t);
/* Call back for every allocation not freed. */
void memory_leaks(void (*tell)(const struct allocation *));
uint64_t memory_variables_from(void);
uint64_t memory_variables_to(void);

static inline bool is_shared(const struct worker *w, uint64_t address)
{
	return address - w->shared_from < w->shared_bytes;
}

/* Output. output.c */
void output_block_end(struct worker *, bool keep);
void output_launch_end(uint64_t last_block);
/* Show what kernels have printed so far: the host has synchronised. */
void output_show(void);

/* Counting. record.c */
void record_prepare(struct worker *);
void record_enter(struct worker *, struct lane *);
void record_leave(struct worker *, struct lane *);
void record_block_end(struct worker *);
/* Turn the events of a warp's lanes into the warp's; `going` are the lanes that will go on within
 * this interval. False if a lane's record was full: run it again before anything else. */
bool record_merge(struct worker *, unsigned w0, unsigned w1, unsigned going);

/* All threads have come to the barrier at w->barrier_site. */
void record_barrier(struct worker *);
/* One atomic of the running lane. */
void record_atomic(struct worker *, uint64_t at, unsigned size, const struct site *);

/* Before and after a launch. table.c */
void table_begin(void);
void table_launch(void);

/* Checking. check.c */
void check_prepare(struct worker *);
void check_block(struct worker *);
void check_barrier(struct worker *);
void check_meet(struct worker *, unsigned w0, unsigned mask);
void check_shuffle(struct worker *, const struct lane *, unsigned source, unsigned mask);
void check_access(uint64_t address, unsigned size, const struct site *);
void check_block_end(struct worker *);
/* A launch that the device refuses. */
void check_launch(const struct simt_launch *, size_t static_bytes);
/* The program has asked for the error. */
void check_asked(void);
/* At the end of the program: leaks. False if anything has been reported. */
bool check_finish(void);

/* An environment variable that holds a whole number, between bounds; misuse is fatal. */
long option(const char *name, long otherwise, long low, long high);
_Noreturn void simt_fatal(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
