/* Singular values and subspaces, in double, with the same bits everywhere.
 *
 * Matrices are row-major and contiguous. What these functions return is the
 * caller's to free(); without memory they nn_quit(). */
#ifndef NN_SVD_H
#define NN_SVD_H

#include <stddef.h>

#include "weft.h"

#include "real.h"

/* `count` zeros; and a copy of numbers of a network. */
double *doubles(size_t count);
double *doubles_of(size_t count, const real *x);

/* A = U diag(s) V^T with k = min(rows, cols). */
struct svd {
	size_t rows, cols, k;
	double *u;              /* (rows, k), orthonormal columns */
	double *s;              /* (k), falling, >= 0 */
	double *v;              /* (cols, k), orthonormal columns */
};

/* One-sided Jacobi (Hestenes, 1958): columns are rotated in pairs, in a fixed
 * order, until the cosine between any two is below 1e-14. The largest element
 * of a column of V, of equals the first, is positive, which fixes the signs.
 * A singular value below 2^-60 of the Frobenius norm is 0. Time grows as
 * rows * cols * k, times about ten.
 *
 * An infinite or nan element is one line on stderr and exit status 2. */
struct svd svd_of(size_t rows, size_t cols, const double *a);
void svd_free(struct svd *d);

/* out (rows, cols) = the nearest matrix of rank `rank` (Eckart and Young), the
 * first singular triples. out is the caller's. */
void svd_truncated(const struct svd *d, size_t rank, double *out);

/* basis (n, k): k <= n orthonormal columns that span a uniformly random
 * subspace, the control for a subspace that means something. */
void random_basis(size_t n, size_t k, weft_rng *rng, double *basis);

/* out (n, d) = the part of x (n, d) within the columns of basis (n, k); out may
 * not be x. */
void project_onto(size_t n, size_t k, const double *basis, size_t d, const double *x, double *out);

#endif
