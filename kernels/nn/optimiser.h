/* From gradients to the next parameters.
 *
 * Parameters and gradients are flat arrays of n numbers: a model is one array,
 * its matrices are offsets. These functions use threads (threads.h) on pieces
 * of fixed size, so the bits do not depend on how many there are. */
#ifndef NN_OPTIMISER_H
#define NN_OPTIMISER_H

#include "real.h"

/* total[i] = shard[0][i] + shard[1][i] + ..., in this order, for `shards` >= 1
 * arrays; total may be shard[0]. */
void sum_shards(size_t n, real *total, real *const *shard, size_t shards);

/* The Euclidean norm, summed in double. */
double norm_of(size_t n, const real *x);

/* min(1, largest / norm): what to scale gradients by so that their norm is at
 * most `largest` (Pascanu, Mikolov and Bengio, 2013). 1 for a norm of 0; a nan
 * or infinite norm gives 0, a step without news. */
double clip_to(double norm, double largest);

/* 0 .. 1: linear over the first `warmup` steps, then half a cosine from 1 down
 * to `last` at step == steps. Steps count from 0; the first has 1 / warmup. */
double warmup_cosine(long step, long warmup, long steps, double last);

/* Adam (Kingma and Ba, 2015) with decoupled weight decay (AdamW: Loshchilov and
 * Hutter, 2019). With g the gradient times `scale`, plus coupled * w:
 *
 *     m = beta1 m + (1 - beta1) g
 *     v = beta2 v + (1 - beta2) g^2
 *     w = w (1 - rate decay) - rate mhat / (sqrt(vhat) + epsilon)
 *
 * where mhat = m / (1 - beta1^t) and vhat = v / (1 - beta2^t) at step t. Decay
 * 0 is Adam; `coupled` instead is Adam with an L2 penalty. */
struct adam {
	double beta1, beta2, epsilon;
	double decay, coupled;
	long step;              /* taken so far */
	size_t n;
	real *m, *v;            /* zeros at first */
};

/* beta 0.9 and 0.999, epsilon 1e-8, no decay. m and v are the caller's to free(). */
struct adam adam_new(size_t n);

/* One step: w is changed, g read. */
void adam_step(struct adam *a, real *w, const real *g, double rate, double scale);

/* Gradient descent, with momentum unless `velocity` is NULL:
 *
 *     velocity = momentum * velocity + scale * g + decay * w;  w = w - rate * velocity
 */
void sgd_step(size_t n, real *w, real *velocity, const real *g, double rate, double momentum,
              double decay, double scale);

#endif
