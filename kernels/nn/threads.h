/* Threads that cannot be seen in the results.
 *
 * Work is cut into pieces that do not depend on the number of threads, each
 * piece writes what no other piece touches, and nothing is added up in the
 * order in which pieces happen to end. So a program's bits are the same for
 * any number of threads; every function of kernels/nn that uses them keeps to
 * that.
 *
 * The threads are started by the first parallel() that can use them and wait
 * until the process ends. Only one thread of the program calls in from outside. */
#ifndef NN_THREADS_H
#define NN_THREADS_H

#include <stddef.h>

/* Take parameters `threads=N` (1 .. 64; otherwise one for each processor the
 * process may run on) and `simd=sse2`, `avx2` or `avx512` (otherwise the widest
 * the processor has; see gemm.h) from a program's arguments.
 *
 * Neither changes a result. Optional, but then before anything else of
 * kernels/nn. A value that is none of these, or a width the processor lacks, is
 * one line on stderr and exit status 2. */
void nn_setup(int argc, char **argv);

/* Threads that a parallel() from outside may use, the caller's own included. */
int thread_count(void);

/* Call work(ctx, i) for every i in 0 .. pieces-1, in any order, several at a
 * time, and return when all are done.
 *
 *   work   writes nothing that another piece reads or writes
 *
 * From within a piece, parallel() runs its own pieces one after the other on
 * the same thread: a training step cut into shards by its caller is not cut
 * again inside. */
void parallel(size_t pieces, void (*work)(void *ctx, size_t piece), void *ctx);

#endif
