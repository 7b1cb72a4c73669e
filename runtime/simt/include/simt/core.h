/* What a compiled CUDA program asks of the runtime, in C.
 *
 * The headers above this one are conveniences written in terms of these few calls. A program is
 * compiled in one of three ways, which share all source text but these lines:
 *
 *   plain   SIMT_PLAIN defined; -O3, nothing recorded
 *   count   loads, stores and basic blocks recorded by the sanitizers' call-backs
 *   check   the same call-backs, each looked at before the access happens
 *
 * A parameter called `site` is always passed as 0 here. simtas, which stands between the compiler
 * and the assembler, replaces it by the address of the call's row in the table of sites. */
#ifndef SIMT_CORE_H
#define SIMT_CORE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A call stays where it is written: the counters find its line by it. */
#if defined __has_attribute
#if __has_attribute(nomerge)
#define SIMT_IN_PLACE __attribute__((nomerge))
#endif
#endif
#ifndef SIMT_IN_PLACE
#define SIMT_IN_PLACE
#endif

#if defined __clang__
#define SIMT_INLINE static inline __attribute__((always_inline, nodebug))
#else
#define SIMT_INLINE static inline __attribute__((always_inline, artificial))
#endif

enum { SIMT_WARP = 32, SIMT_MAX_THREADS = 1024 };
enum { SIMT_STATIC_LIMIT = 48 << 10, SIMT_SHARED_LIMIT = 227 << 10 };

struct simt_dim {
	unsigned x, y, z;
};

/* One launch as the host states it. The closure holds copies of the arguments; `lane` runs the
 * kernel once for the current thread. `loop`, given by plain programs, runs threads from..to-1 of
 * one block one after another and returns early after a thread that blocked. */
struct simt_block {
	struct simt_dim index, dim, grid;
};
typedef void simt_lane_fn(void *closure);
typedef void simt_loop_fn(void *closure, const struct simt_block *, unsigned from, unsigned to);

struct simt_launch {
	const char *name;        /* the text before <<< */
	const char *file;        /* and its place */
	int line;
	const void *kernel;      /* its address, or null where only a call can name it */
	struct simt_dim grid, block;
	size_t dynamic_bytes;
	simt_lane_fn *lane;
	simt_loop_fn *loop;      /* null unless plain */
	void *closure;
	size_t closure_size;
};

/* Run a kernel to its end. Mistakes in the configuration and in the kernel become the error that
 * cudaGetLastError() returns, as on a device. */
void simt_launch(const struct simt_launch *);

/* Plain: thread `lane` of the running loop is about to block. */
void simt_arrive(unsigned lane);

enum simt_barrier_op { SIMT_BAR_SYNC, SIMT_BAR_COUNT, SIMT_BAR_AND, SIMT_BAR_OR };

/* Wait for every thread of the block that has not ended; returns the vote over `predicate`. */
int simt_barrier(int op, int predicate, const void *site) SIMT_IN_PLACE;

enum simt_warp_op {
	SIMT_SYNC,
	SIMT_SHFL, SIMT_SHFL_UP, SIMT_SHFL_DOWN, SIMT_SHFL_XOR,
	SIMT_BALLOT, SIMT_ALL, SIMT_ANY,
	SIMT_MATCH_ANY, SIMT_MATCH_ALL,
	SIMT_ADD, SIMT_MIN, SIMT_MAX, SIMT_UMIN, SIMT_UMAX, SIMT_BIT_AND, SIMT_BIT_OR, SIMT_BIT_XOR,
	SIMT_GATHER,            /* value: a pointer of each lane; what: see simt_gather_fn */
	SIMT_ACTIVE             /* who is here; arg: a number for the place in the source */
};

/* Meet the lanes named by `mask` at the same operation; the bits of the result depend on the
 * operation. `arg` is the shuffle's operand, `width` its segment. */
uint64_t simt_warp(int op, unsigned mask, uint64_t value, int64_t arg, int width, const void *site)
	SIMT_IN_PLACE;

/* SIMT_GATHER: when all have come, one call fn(pointers, mask); arg carries fn. */
typedef void simt_gather_fn(void *const pointer[32], unsigned mask);

/* Atomics. Types name how the bits are read. */
enum simt_atomic_op {
	SIMT_ATOM_ADD, SIMT_ATOM_SUB, SIMT_ATOM_MIN, SIMT_ATOM_MAX, SIMT_ATOM_EXCH, SIMT_ATOM_CAS,
	SIMT_ATOM_AND, SIMT_ATOM_OR, SIMT_ATOM_XOR, SIMT_ATOM_INC, SIMT_ATOM_DEC
};
enum simt_type { SIMT_I32, SIMT_U32, SIMT_I64, SIMT_U64, SIMT_F32, SIMT_F64, SIMT_F16, SIMT_BF16,
		 SIMT_U16 };

/* Count and check: perform one atomic, in block order where it is on global memory. */
uint64_t simt_atomic(void *at, int op_type, uint64_t value, uint64_t compare, unsigned size,
		     const void *site) SIMT_IN_PLACE;
#define SIMT_OP_TYPE(op, type) ((op) << 8 | (type))

/* True when this block may touch global memory atomically, which it may when all before it have
 * ended; if not, and `at` is global memory, wait. */
extern __thread int simt_my_turn __attribute__((tls_model("local-exec")));
void simt_wait_turn(const void *at);

/* The block's dynamic shared memory. One array, since a worker runs one block at a time. */
extern __thread char simt_dynamic[SIMT_SHARED_LIMIT]
	__attribute__((tls_model("local-exec"), aligned(1024)));

/* Count and check: where the current thread stands. Const, so that the compiler may keep the
 * answer; a thread's own answers never change. */
#define SIMT_INDEX(name)                                                                          \
	unsigned simt_##name##_x(void) __attribute__((const, nothrow, leaf));                     \
	unsigned simt_##name##_y(void) __attribute__((const, nothrow, leaf));                     \
	unsigned simt_##name##_z(void) __attribute__((const, nothrow, leaf));

/* A device's printf: kept and printed in block order. Before any launch it is the host's. */
int simt_printf(const char *format, ...) __attribute__((format(printf, 1, 2)));
void simt_trap(void) __attribute__((noreturn));
/* Note an asynchronous copy of `bytes` by the current thread. */
void simt_note_async(unsigned bytes);
/* Note its share of a matrix product of the warp. */
void simt_note_tensor(unsigned flops);

/* The counters of the last launch, for tests; names are those of launches.tsv. 0 in plain
 * programs; aborts for a name that is none. */
uint64_t simt_count(const char *name);
/* Whether this program counts. */
int simt_counting(void);

#ifdef __cplusplus
}
#endif
#endif
