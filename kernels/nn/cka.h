/* Linear centred kernel alignment: how alike two representations of the same n
 * examples are, up to rotation and scale.
 *
 *   x   (n, p), row-major; a row is an example
 *   y   (n, q)
 *
 * Both compute from sums over features, never an n x n matrix; time n p q.
 * Columns are centred first. Sums are in double and in a fixed order. A
 * representation without variance gives nan. */
#ifndef NN_CKA_H
#define NN_CKA_H

#include "real.h"

/* |Y^T X|^2 / (|X^T X| |Y^T Y|), Frobenius norms, columns centred (Kornblith et
 * al., 2019, equation 5): 0 .. 1. With p or q near n it is high for anything,
 * noise too. n >= 2. */
double cka(size_t n, size_t p, const real *x, size_t q, const real *y);

/* The same ratio of unbiased estimates of HSIC (Song et al., 2012, theorem 5; Nguyen,
 * Raghu and Kornblith, 2021): about 0 for what is independent, whatever n, p
 * and q; may be negative. n >= 4. */
double cka_debiased(size_t n, size_t p, const real *x, size_t q, const real *y);

#endif
