/* Matrix products with one answer.
 *
 * Every element is one chain of operations in the order of k,
 *
 *     c = C[i,j] or 0;  for k = 0 .. K-1:  c = c + A[i,k] * B[k,j]
 *
 * each product and each sum rounded: what three plain loops compute. Tiles,
 * vector widths and threads only choose which chains run side by side, so the
 * bits are the same for SSE2, AVX2 and AVX-512, for any number of threads and
 * for gcc and clang.
 *
 * The price is fused multiply-add, whose single rounding SSE2 cannot imitate,
 * and sums cut along k. On one core of an AMD EPYC (Zen 5, AVX-512), whose
 * multipliers and adders are apart, tests/bench/nn.sh finds 0.97 of the speed of
 * the same code with fused products and 0.92 of OpenBLAS 0.3.21's (geometric
 * means; 0.93 to 0.97 for shapes from 384 to 1024, 0.70 for the smallest); on
 * two cores at least 0.8 of OpenBLAS's for the large ones. Where one unit does
 * both, fused products can be up to twice as fast.
 *
 * The program is compiled with -ffp-contract=off; the first product checks that
 * nothing was fused, and exits with status 2 if something was.
 *
 * Against the exact product an element is within K * 2^-24 * (|A| |B|)[i,j], to
 * first order (2^-53 in double); with ACCUMULATE, |C| belongs to the sum. */
#ifndef NN_GEMM_H
#define NN_GEMM_H

#include <stdbool.h>

#include "real.h"

/* A matrix someone else keeps: element (i, j) is at[i * row + j * col]. A
 * transpose, a block and one head of many are other strides over the same
 * numbers. */
typedef struct {
	const real *at;
	ptrdiff_t row, col;
} Matrix;

/* Row-major, `cols` numbers a row. */
static inline Matrix matrix(const real *at, size_t cols)
{
	return (Matrix){at, (ptrdiff_t)cols, 1};
}

static inline Matrix transposed(Matrix m)
{
	return (Matrix){m.at, m.col, m.row};
}

enum product { OVERWRITE, ACCUMULATE };

/* C = A B, or C += A B.
 *
 *   C     (M, N), row-major, `stride` >= N numbers from row to row; overlaps
 *         neither A nor B
 *   A     (M, K)
 *   B     (K, N)
 *   how   OVERWRITE, where C need not hold anything before; or ACCUMULATE
 *
 * Any of M, N, K may be 0; K = 0 means zeros, or nothing to add. Best when B's
 * rows are contiguous; A is as fast by rows as by columns. Uses threads when the
 * product is large (threads.h). */
void gemm(size_t M, size_t N, size_t K, real *C, size_t stride, Matrix A, Matrix B,
          enum product how);

/* The three products of a linear layer on row-major, contiguous matrices:
 *
 *     matmul      C (M, N)  = A (M, K)   B (K, N)      y  = x W
 *     matmul_nt   C (M, N)  = A (M, K)   B (N, K)^T    dx = dy W^T
 *     matmul_tn   C (M, N)  = A (K, M)^T B (K, N)      dW = x^T dy
 */
void matmul(size_t M, size_t N, size_t K, real *C, const real *A, const real *B, enum product how);
void matmul_nt(size_t M, size_t N, size_t K, real *C, const real *A, const real *B,
               enum product how);
void matmul_tn(size_t M, size_t N, size_t K, real *C, const real *A, const real *B,
               enum product how);

/* Use vectors of at most this kind from now on: "sse2", "avx2", "avx512". The
 * first product chooses the widest the processor has. False if the name is
 * unknown or the processor lacks it; then nothing changes. */
bool gemm_use(const char *name);

/* The name of what is in use. */
const char *gemm_used(void);

#endif
