#include "optimiser.h"

#include <float.h>

#include "elementary.h"
#include "threads.h"
#include "vec.h"

/* Numbers in a piece. Fewer than two pieces are not worth a thread, and stay on the caller's. */
#define PIECE 16384

static size_t pieces_of(size_t n)
{
	return (n + PIECE - 1) / PIECE;
}

static size_t end_of(size_t piece, size_t n)
{
	size_t end = (piece + 1) * PIECE;
	return end < n ? end : n;
}

/* --- Sums --- */

struct shard_sum {
	size_t n, shards;
	real *total;
	real *const *shard;
};

static void sum_piece(void *ctx, size_t piece)
{
	const struct shard_sum *s = ctx;
	size_t end = end_of(piece, s->n);
	for (size_t i = piece * PIECE; i < end; i += VEC_LANES) {
		vec sum = vec_get(s->shard[0], i, end);
		for (size_t k = 1; k < s->shards; k++)
			sum += vec_get(s->shard[k], i, end);
		vec_put(s->total, i, end, sum);
	}
}

void sum_shards(size_t n, real *total, real *const *shard, size_t shards)
{
	struct shard_sum s = {n, shards, total, shard};
	parallel(pieces_of(n), sum_piece, &s);
}

double norm_of(size_t n, const real *x)
{
	double total = 0;
	for (size_t i = 0; i < n; i += PIECE) {
		size_t end = n - i < PIECE ? n : i + PIECE;
		double sums[8] = {0};
		for (size_t k = i; k < end; k++)
			sums[k % 8] += (double)x[k] * (double)x[k];
		total += ((sums[0] + sums[4]) + (sums[2] + sums[6])) +
		         ((sums[1] + sums[5]) + (sums[3] + sums[7]));
	}
	return nn_sqrt(total);
}

double clip_to(double norm, double largest)
{
	if (!(norm <= DBL_MAX))
		return 0;
	return norm > largest ? largest / norm : 1;
}

double warmup_cosine(long step, long warmup, long steps, double last)
{
	if (step < warmup)
		return (double)(step + 1) / (double)warmup;
	if (step >= steps)
		return last;
	return last + (1 - last) * 0.5 * (1 + turn_cos(step - warmup, 2 * (steps - warmup)));
}

/* --- Adam --- */

struct adam adam_new(size_t n)
{
	return (struct adam){.beta1 = 0.9, .beta2 = 0.999, .epsilon = 1e-8, .n = n,
	                     .m = reals(n), .v = reals(n)};
}

/* x^n by squaring: the same products everywhere. */
static double power(double x, long n)
{
	double result = 1;
	for (; n > 0; n /= 2) {
		if (n % 2)
			result *= x;
		x *= x;
	}
	return result;
}

struct adam_job {
	const struct adam *a;
	real *w;
	const real *g;
	real rate, keep, scale; /* rate / (1 - beta1^t); what decay leaves of w */
	real unbias;            /* 1 / (1 - beta2^t) */
};

static void adam_piece(void *ctx, size_t piece)
{
	const struct adam_job *job = ctx;
	const struct adam *a = job->a;
	const real beta1 = (real)a->beta1, rest1 = (real)(1 - a->beta1);
	const real beta2 = (real)a->beta2, rest2 = (real)(1 - a->beta2);
	const real epsilon = (real)a->epsilon, coupled = (real)a->coupled;
	size_t end = end_of(piece, a->n);
	for (size_t i = piece * PIECE; i < end; i += VEC_LANES) {
		vec w = vec_get(job->w, i, end);
		vec g = vec_get(job->g, i, end) * job->scale + w * coupled;
		vec m = vec_get(a->m, i, end) * beta1 + g * rest1;
		vec v = vec_get(a->v, i, end) * beta2 + g * g * rest2;
		vec_put(a->m, i, end, m);
		vec_put(a->v, i, end, v);
		vec move = m * job->rate / (vec_sqrt(v * job->unbias) + epsilon);
		vec_put(job->w, i, end, w * job->keep - move);
	}
}

void adam_step(struct adam *a, real *w, const real *g, double rate, double scale)
{
	a->step++;
	struct adam_job job = {
		.a = a,
		.w = w,
		.g = g,
		.rate = (real)(rate / (1 - power(a->beta1, a->step))),
		.keep = (real)(1 - rate * a->decay),
		.scale = (real)scale,
		.unbias = (real)(1 / (1 - power(a->beta2, a->step))),
	};
	parallel(pieces_of(a->n), adam_piece, &job);
}

/* --- Gradient descent --- */

struct sgd_job {
	size_t n;
	real *w, *velocity;
	const real *g;
	real rate, momentum, decay, scale;
};

static void sgd_piece(void *ctx, size_t piece)
{
	const struct sgd_job *job = ctx;
	size_t end = end_of(piece, job->n);
	for (size_t i = piece * PIECE; i < end; i += VEC_LANES) {
		vec w = vec_get(job->w, i, end);
		vec move = vec_get(job->g, i, end) * job->scale + w * job->decay;
		if (job->velocity) {
			move += vec_get(job->velocity, i, end) * job->momentum;
			vec_put(job->velocity, i, end, move);
		}
		vec_put(job->w, i, end, w - move * job->rate);
	}
}

void sgd_step(size_t n, real *w, real *velocity, const real *g, double rate, double momentum,
              double decay, double scale)
{
	struct sgd_job job = {n, w, velocity, g, (real)rate, (real)momentum, (real)decay,
	                      (real)scale};
	parallel(pieces_of(n), sgd_piece, &job);
}
