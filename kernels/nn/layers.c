#include "layers.h"

#include <assert.h>
#include <string.h>

#include "vec.h"

/* --- Vectors --- */

void add_to(size_t n, real *y, const real *x)
{
	for (size_t i = 0; i < n; i += VEC_LANES)
		vec_put(y, i, n, vec_get(y, i, n) + vec_get(x, i, n));
}

void add_scaled(size_t n, real *y, real s, const real *x)
{
	for (size_t i = 0; i < n; i += VEC_LANES)
		vec_put(y, i, n, vec_get(y, i, n) + vec_get(x, i, n) * s);
}

void scale_by(size_t n, real *y, real s)
{
	for (size_t i = 0; i < n; i += VEC_LANES)
		vec_put(y, i, n, vec_get(y, i, n) * s);
}

void multiply_by(size_t n, real *y, const real *x)
{
	for (size_t i = 0; i < n; i += VEC_LANES)
		vec_put(y, i, n, vec_get(y, i, n) * vec_get(x, i, n));
}

real sum_of(size_t n, const real *x)
{
	vec sums[VEC_SUMS] = {{0}};
	for (size_t i = 0; i < n; i += 8)
		UNROLL
		for (size_t s = 0; s < VEC_SUMS; s++)
			sums[s] += vec_get(x, i + s * VEC_LANES, n);
	return vec_fold(sums);
}

real dot(size_t n, const real *x, const real *y)
{
	vec sums[VEC_SUMS] = {{0}};
	for (size_t i = 0; i < n; i += 8)
		UNROLL
		for (size_t s = 0; s < VEC_SUMS; s++) {
			size_t at = i + s * VEC_LANES;
			sums[s] += vec_get(x, at, n) * vec_get(y, at, n);
		}
	return vec_fold(sums);
}

void fill_normal(size_t n, real *x, double deviation, weft_rng *rng)
{
	for (size_t i = 0; i < n; i++)
		x[i] = (real)(deviation * weft_normal(rng));
}

/* --- Bias --- */

void bias_add(size_t n, size_t d, real *y, const real *b)
{
	for (size_t i = 0; i < n; i++)
		add_to(d, y + i * d, b);
}

void bias_backward(size_t n, size_t d, real *db, const real *dy)
{
	for (size_t i = 0; i < n; i++)
		add_to(d, db, dy + i * d);
}

/* --- LayerNorm --- */

void layernorm(size_t n, size_t d, real *y, real *xhat, real *rstd, const real *x,
               const real *gain, const real *bias)
{
	for (size_t i = 0; i < n; i++) {
		const real *in = x + i * d;
		real *h = xhat + i * d, *out = y + i * d;
		real mean = sum_of(d, in) / (real)d;
		for (size_t k = 0; k < d; k += VEC_LANES)
			vec_put(h, k, d, vec_get(in, k, d) - mean);
		real variance = dot(d, h, h) / (real)d;
		rstd[i] = 1 / vec_sqrt(vec_all(variance + (real)1e-5))[0];
		for (size_t k = 0; k < d; k += VEC_LANES) {
			vec v = vec_get(h, k, d) * rstd[i];
			vec_put(h, k, d, v);
			v *= vec_get(gain, k, d);
			vec_put(out, k, d, bias ? v + vec_get(bias, k, d) : v);
		}
	}
}

/* With t = dy * gain: dx = rstd * (t - mean(t) - xhat * mean(t * xhat)). */
void layernorm_backward(size_t n, size_t d, real *dx, real *dgain, real *dbias, const real *dy,
                        const real *xhat, const real *rstd, const real *gain, enum product how)
{
	for (size_t i = 0; i < n; i++) {
		const real *h = xhat + i * d, *in = dy + i * d;
		real *out = dx + i * d;
		vec sums[VEC_SUMS] = {{0}}, dots[VEC_SUMS] = {{0}};
		for (size_t k = 0; k < d; k += 8)
			UNROLL
			for (size_t s = 0; s < VEC_SUMS; s++) {
				size_t at = k + s * VEC_LANES;
				vec t = vec_get(in, at, d) * vec_get(gain, at, d);
				sums[s] += t;
				dots[s] += t * vec_get(h, at, d);
			}
		real mean = vec_fold(sums) / (real)d;
		real along = vec_fold(dots) / (real)d;
		for (size_t k = 0; k < d; k += VEC_LANES) {
			vec steep = vec_get(in, k, d), u = vec_get(h, k, d);
			vec_put(dgain, k, d, vec_get(dgain, k, d) + steep * u);
			if (dbias)
				vec_put(dbias, k, d, vec_get(dbias, k, d) + steep);
			vec t = steep * vec_get(gain, k, d);
			vec v = (t - mean - u * along) * rstd[i];
			vec_put(out, k, d, how == ACCUMULATE ? vec_get(out, k, d) + v : v);
		}
	}
}

/* --- Activations --- */

/* With s = 1 / (1 + exp(-u)), u = c (x + 0.044715 x^3): x s, whose slope is s + x s (1 - s) u'. */
static vec gelu(vec x, vec *slope)
{
	const real c = (real)1.5957691216057308;        /* 2 sqrt(2 / pi) */
	const real cubic = (real)0.044715;
	vec q = x * x;
	vec s = 1 / (1 + vec_exp(-c * x * (1 + cubic * q)));
	*slope = s + x * s * (1 - s) * (c * (1 + 3 * cubic * q));
	return x * s;
}

static vec activation_of(enum activation f, vec x, vec *slope)
{
	switch (f) {
	case RELU:
		*slope = vec_where(x > vec_all(0), vec_all(1), vec_all(0));
		return vec_where(x > vec_all(0), x, vec_all(0));
	case GELU:
		return gelu(x, slope);
	case QUADRATIC:
		*slope = x + x;
		return x * x;
	}
	assert(!"an activation");
	return x;
}

void activate(enum activation f, size_t n, real *y, real *slope, const real *x)
{
	for (size_t i = 0; i < n; i += VEC_LANES) {
		vec steep;
		vec v = activation_of(f, vec_get(x, i, n), &steep);
		vec_put(y, i, n, v);
		if (slope)
			vec_put(slope, i, n, steep);
	}
}

/* --- Softmax --- */

static real largest(size_t n, const real *x)
{
	vec top = vec_all(x[0]);
	size_t i = 0;
	for (; i + VEC_LANES <= n; i += VEC_LANES) {
		vec v = vec_get(x, i, n);
		top = vec_where(v > top, v, top);
	}
	real best = top[0];
	for (int k = 1; k < VEC_LANES; k++)
		best = top[k] > best ? top[k] : best;
	for (; i < n; i++)
		best = x[i] > best ? x[i] : best;
	return best;
}

/* y = exp(x - top) unless y is NULL; returns the sum. */
static real exps(size_t n, real *y, const real *x, real top)
{
	vec sums[VEC_SUMS] = {{0}};
	for (size_t i = 0; i < n; i += 8)
		UNROLL
		for (size_t s = 0; s < VEC_SUMS; s++) {
			size_t at = i + s * VEC_LANES;
			vec e = vec_first(vec_exp(vec_get(x, at, n) - top), at, n);
			sums[s] += e;
			if (y)
				vec_put(y, at, n, e);
		}
	return vec_fold(sums);
}

void softmax(size_t n, size_t d, real *y, const real *x)
{
	for (size_t i = 0; i < n; i++) {
		real sum = exps(d, y + i * d, x + i * d, largest(d, x + i * d));
		scale_by(d, y + i * d, 1 / sum);
	}
}

void softmax_backward(size_t n, size_t d, real *dx, const real *dy, const real *y)
{
	for (size_t i = 0; i < n; i++) {
		const real *p = y + i * d, *in = dy + i * d;
		real *out = dx + i * d;
		real along = dot(d, in, p);
		for (size_t k = 0; k < d; k += VEC_LANES)
			vec_put(out, k, d, vec_get(p, k, d) * (vec_get(in, k, d) - along));
	}
}

/* The first of the largest. */
static size_t place_of_largest(size_t n, const real *x)
{
	size_t best = 0;
	for (size_t i = 1; i < n; i++)
		if (x[i] > x[best])
			best = i;
	return best;
}

struct loss cross_entropy(size_t n, size_t d, real *dx, const real *x, const int *target,
                          real scale)
{
	struct loss loss = {0};
	for (size_t i = 0; i < n; i++) {
		const real *in = x + i * d;
		if (target[i] < 0) {
			if (dx)
				memset(dx + i * d, 0, d * sizeof *dx);
			continue;
		}
		size_t want = (size_t)target[i];
		assert(want < d);
		real top = largest(d, in), hit = in[want];
		loss.rows++;
		loss.right += place_of_largest(d, in) == want;
		real sum = exps(d, dx ? dx + i * d : NULL, in, top);
		loss.sum += weft_log((double)sum) + ((double)top - (double)hit);
		if (!dx)
			continue;
		scale_by(d, dx + i * d, scale / sum);
		dx[i * d + want] -= scale;
	}
	return loss;
}

struct loss squared_error(size_t n, size_t d, real *dx, const real *x, const int *target,
                          real scale)
{
	struct loss loss = {0};
	for (size_t i = 0; i < n; i++) {
		const real *in = x + i * d;
		if (target[i] < 0) {
			if (dx)
				memset(dx + i * d, 0, d * sizeof *dx);
			continue;
		}
		size_t want = (size_t)target[i];
		assert(want < d);
		loss.rows++;
		loss.right += place_of_largest(d, in) == want;
		for (size_t j = 0; j < d; j++) {
			real error = in[j] - (j == want ? 1 : 0);
			loss.sum += (double)error * (double)error;
			if (dx)
				dx[i * d + j] = scale * 2 * error;
		}
	}
	return loss;
}

/* --- Embedding --- */

void embed(size_t n, size_t d, real *y, const real *table, const int *id, enum product how)
{
	for (size_t i = 0; i < n; i++) {
		const real *row = table + (size_t)id[i] * d;
		if (how == ACCUMULATE)
			add_to(d, y + i * d, row);
		else
			memcpy(y + i * d, row, d * sizeof *y);
	}
}

void embed_backward(size_t n, size_t d, real *dtable, const int *id, const real *dy)
{
	for (size_t i = 0; i < n; i++)
		add_to(d, dtable + (size_t)id[i] * d, dy + i * d);
}
