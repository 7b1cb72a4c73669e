/* The parts of a network, forwards and backwards.
 *
 * A layer is two functions on plain arrays. The forward one writes its result
 * and what the backward one will need; the backward one takes dy, the gradient
 * of the loss with respect to the result. Gradients of parameters are ADDED to
 * what is there, so that shards and shared parameters sum up: clear them once a
 * step. Gradients of inputs are written, or added where `how` says so. Linear
 * layers are matmul(), matmul_nt() and matmul_tn() of gemm.h.
 *
 * Matrices are (n, d), row-major and contiguous: n tokens or examples of d
 * features, d > 0. All arrays are the caller's; results overlap nothing unless
 * it says so.
 *
 * These functions run on the caller's thread; a step is made parallel by
 * cutting the batch into shards (parallel() of threads.h, sum_shards() of
 * optimiser.h). Sums along a row are eight running sums folded in halves
 * (vec.h); sums over rows go in the order of rows. */
#ifndef NN_LAYERS_H
#define NN_LAYERS_H

#include "weft.h"

#include "gemm.h"
#include "real.h"

/* --- Vectors --- */

/* y += x;  y += s * x;  y *= s;  y *= x, element by element. */
void add_to(size_t n, real *y, const real *x);
void add_scaled(size_t n, real *y, real s, const real *x);
void scale_by(size_t n, real *y, real s);
void multiply_by(size_t n, real *y, const real *x);

/* Sums of x[i], and of x[i] * y[i]. */
real sum_of(size_t n, const real *x);
real dot(size_t n, const real *x, const real *y);

/* x[i] = deviation * the next normal deviate. */
void fill_normal(size_t n, real *x, double deviation, weft_rng *rng);

/* --- Bias ---
 *
 * y[i,:] += b, in place;  db += the sum of dy[i,:] over i. */
void bias_add(size_t n, size_t d, real *y, const real *b);
void bias_backward(size_t n, size_t d, real *db, const real *dy);

/* --- LayerNorm (Ba, Kiros and Hinton, 2016) ---
 *
 *     xhat = (x - mean) * rstd,  rstd = 1 / sqrt(variance + 1e-5),  y = xhat * gain + bias
 *
 * mean and (biased) variance of a row.
 *
 *   y           (n, d)
 *   xhat, rstd  (n, d) and (n), kept for the backward pass
 *   x           (n, d); may be y or xhat
 *   gain, bias  (d); bias may be NULL, then dbias is, too
 *   dx          (n, d): written, or added to; may be dy with OVERWRITE
 */
void layernorm(size_t n, size_t d, real *y, real *xhat, real *rstd, const real *x,
               const real *gain, const real *bias);
void layernorm_backward(size_t n, size_t d, real *dx, real *dgain, real *dbias, const real *dy,
                        const real *xhat, const real *rstd, const real *gain, enum product how);

/* --- Activations ---
 *
 *   RELU        max(x, 0); its slope at 0 is 0
 *   GELU        x / (1 + exp(-2 sqrt(2/pi) (x + 0.044715 x^3))), which is the tanh form of
 *               Hendrycks and Gimpel (2016), equation 2 of version 4
 *   QUADRATIC   x^2
 */
enum activation { RELU, GELU, QUADRATIC };

/* y[i] = f(x[i]) and, unless NULL, slope[i] = f'(x[i]), for n numbers in all; y
 * or slope may be x. Backwards is multiply_by(n, dy, slope). */
void activate(enum activation f, size_t n, real *y, real *slope, const real *x);

/* --- Softmax, and losses on it --- */

/* y[i,:] = exp(x[i,:] - max) / sum; y may be x. */
void softmax(size_t n, size_t d, real *y, const real *x);

/* dx[i,:] = y[i,:] * (dy[i,:] - dy[i,:] . y[i,:]); dx may be dy. */
void softmax_backward(size_t n, size_t d, real *dx, const real *dy, const real *y);

struct loss {
	double sum;             /* over the rows that count */
	size_t rows;            /* that count: target >= 0 */
	size_t right;           /* whose largest logit is the target's; of equals the first */
};

/* Cross-entropy: loss[i] = log sum exp(x[i,:]) - x[i,target[i]], in nats.
 *
 *   dx      (n, d), or NULL: scale * (softmax(x) - one-hot of target), zeros in
 *           rows that do not count; may be x. scale = 1 / rows gives the
 *           gradient of the mean
 *   x       (n, d) logits
 *   target  (n), in 0 .. d-1, or -1: the row does not count
 */
struct loss cross_entropy(size_t n, size_t d, real *dx, const real *x, const int *target,
                          real scale);

/* Squared error to a one-hot target: loss[i] = sum over j of (x[i,j] - [j = target[i]])^2.
 * Arguments as above; dx = scale * 2 (x - one-hot). */
struct loss squared_error(size_t n, size_t d, real *dx, const real *x, const int *target,
                          real scale);

/* --- Embedding ---
 *
 * y[i,:] = table[id[i],:], or is added to;  dtable[id[i],:] += dy[i,:].
 *
 *   table   (rows, d)
 *   id      (n), in 0 .. rows-1
 */
void embed(size_t n, size_t d, real *y, const real *table, const int *id, enum product how);
void embed_backward(size_t n, size_t d, real *dtable, const int *id, const real *dy);

#endif
