/* The number that networks are made of: float, or double with -DNN_DOUBLE.
 *
 * Every file of kernels/nn is written once, for `real`. Experiments run in
 * float. The double build exists to check gradients: central differences need
 * the digits. All sources of a program are compiled with the same choice.
 *
 * An experiment names the sources it uses, and those they use (real.c always):
 *
 *     real.h         numbers, memory
 *     threads.h      parameters simd= and threads=; parallel()      with gemm
 *     gemm.h         matrix products                                with threads
 *     elementary.h   square root, sine, cosine
 *     layers.h       LayerNorm, activations, softmax, losses, embedding    with gemm, threads
 *     attention.h    attention, rotary positions       with elementary, layers, gemm, threads
 *     optimiser.h    Adam, AdamW, gradient descent, clipping, shards       with elementary,
 *                                                                          threads, gemm
 *     text.h         batches of bytes
 *     checkpoint.h   parameters to a file and back
 *     svd.h          singular values, subspaces                     with elementary
 *     dft.h          Fourier transforms, discrete logarithms        with elementary, svd
 *     cka.h          alike representations                          with elementary, svd
 *     groups.h       groups, irreps, Peter-Weyl                     with elementary, svd
 *
 * Nothing of libm is used. tests/kernels/nn/lm.h puts a transformer together. */
#ifndef NN_REAL_H
#define NN_REAL_H

#include <stddef.h>

#if defined(__FAST_MATH__)
#error "kernels/nn: -ffast-math breaks the promise of equal bits"
#endif

#ifdef NN_DOUBLE
typedef double real;
#else
typedef float real;
#endif

/* `count` zeros on a 64-byte boundary, the caller's to free(). Never fails:
 * without memory it is nn_quit(). */
real *reals(size_t count);

/* The world failed: one line on stderr after "error: ", and exit status 2. */
_Noreturn void nn_quit(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
