/* Fourier transforms over the integers modulo n, by the sum itself: n is the
 * order of a group, a hundred or so. Angles are reduced as fractions
 * (turn_cos()), so the bits are the same everywhere.
 *
 *     X[k,:] = sum over t of x[t,:] exp(-2 pi i k t / n)
 *
 * Matrices are (n, d), row-major, double; a transform runs down the columns.
 * Time n^2 d. */
#ifndef NN_DFT_H
#define NN_DFT_H

#include <stddef.h>

/* x (n, d) real; re, im (n, d), not x. */
void dft(size_t n, size_t d, double *re, double *im, const double *x);

/* The real x whose transform has these values at 0 .. n/2; the others, which
 * are their conjugates, are not looked at. */
void dft_inverse(size_t n, size_t d, double *x, const double *re, const double *im);

/* power[k], k = 0 .. n/2: what frequencies k and n-k hold of the sum of
 * squares, over all columns. They add up to the sum of x^2 (Plancherel). */
void dft_power(size_t n, size_t d, double *power, const double *x);

/* For a prime p < 2^15: the least g whose powers are all of 1 .. p-1; and
 * logs[g^k mod p] = k for k = 0 .. p-2, logs[0] = -1, in `logs` of p ints. The
 * logarithms turn multiplication modulo p into addition modulo p-1. A p that is
 * not such a prime is one line on stderr and exit status 2. */
int primitive_root(int p);
void discrete_logs(int p, int *logs);

#endif
