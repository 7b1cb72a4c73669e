#include "attention.h"

#include <assert.h>
#include <string.h>

#include "elementary.h"
#include "gemm.h"
#include "layers.h"
#include "vec.h"

/* Queries are taken in blocks, and a causal block is multiplied with what it can see only. */
#define BLOCK 32

/* One head of one sequence. */
struct head {
	size_t time, width, stride;     /* width of the head; stride of qkv */
	bool causal;
	real scale;
	const real *q, *k, *v;
};

static struct head head_of(const struct attention *a, const real *qkv, size_t sequence, size_t h)
{
	size_t width = a->width / a->heads;
	const real *q = qkv + sequence * a->time * 3 * a->width + h * width;
	return (struct head){
		.time = a->time,
		.width = width,
		.stride = 3 * a->width,
		.causal = a->causal,
		.scale = (real)(1 / nn_sqrt((double)width)),
		.q = q,
		.k = q + a->width,
		.v = q + 2 * a->width,
	};
}

/* Queries of the block that begins at i; and the keys they see. */
static size_t queries(const struct head *h, size_t i)
{
	return h->time - i < BLOCK ? h->time - i : BLOCK;
}

static size_t keys(const struct head *h, size_t i)
{
	return h->causal ? i + queries(h, i) : h->time;
}

size_t attention_weights(const struct attention *a)
{
	return a->batch * a->heads * a->time * a->time;
}

static void attend(const struct head *h, real *out, size_t out_stride, real *weights)
{
	size_t T = h->time;
	for (size_t i = 0; i < T; i += BLOCK) {
		size_t nq = queries(h, i), nk = keys(h, i);
		Matrix q = matrix(h->q + i * h->stride, h->stride);
		gemm(nq, nk, h->width, weights + i * T, T, q, transposed(matrix(h->k, h->stride)),
		     OVERWRITE);
		for (size_t t = i; t < i + nq; t++) {
			real *w = weights + t * T;
			size_t sees = h->causal ? t + 1 : T;
			scale_by(sees, w, h->scale);
			softmax(1, sees, w, w);
			memset(w + sees, 0, (T - sees) * sizeof *w);
		}
		gemm(nq, h->width, nk, out + i * out_stride, out_stride, matrix(weights + i * T, T),
		     matrix(h->v, h->stride), OVERWRITE);
	}
}

void attention(const struct attention *a, real *out, real *weights, const real *qkv)
{
	assert(a->heads && a->width % a->heads == 0);
	for (size_t s = 0; s < a->batch; s++)
		for (size_t n = 0; n < a->heads; n++) {
			struct head h = head_of(a, qkv, s, n);
			attend(&h, out + s * a->time * a->width + n * h.width, a->width,
			       weights + (s * a->heads + n) * a->time * a->time);
		}
}

/* dscore = weight * (dweight - dout . out) * scale, since the sum over keys of weight * dweight is
 * dout . out. Then dq = dscore k, dk = dscore^T q and dv = weight^T dout, block by block. */
static void attend_backward(const struct head *h, real *dq, const real *dout, const real *out,
                            size_t out_stride, const real *weights, real *scratch)
{
	size_t T = h->time, width = h->width;
	real *dk = dq + (h->k - h->q), *dv = dq + (h->v - h->q);
	for (size_t t = 0; t < T; t++) {
		memset(dk + t * h->stride, 0, width * sizeof *dk);
		memset(dv + t * h->stride, 0, width * sizeof *dv);
	}
	for (size_t i = 0; i < T; i += BLOCK) {
		size_t nq = queries(h, i), nk = keys(h, i);
		const real *w = weights + i * T;
		const real *steep = dout + i * out_stride;
		gemm(nq, nk, width, scratch, T, matrix(steep, out_stride),
		     transposed(matrix(h->v, h->stride)), OVERWRITE);
		for (size_t t = 0; t < nq; t++) {
			real along = dot(width, steep + t * out_stride,
			                 out + (i + t) * out_stride);
			real *score = scratch + t * T;
			for (size_t j = 0; j < nk; j += VEC_LANES) {
				vec d = vec_get(score, j, nk) - along;
				vec_put(score, j, nk, vec_get(w + t * T, j, nk) * d * h->scale);
			}
		}
		gemm(nq, width, nk, dq + i * h->stride, h->stride, matrix(scratch, T),
		     matrix(h->k, h->stride), OVERWRITE);
		gemm(nk, width, nq, dk, h->stride, transposed(matrix(scratch, T)),
		     matrix(h->q + i * h->stride, h->stride), ACCUMULATE);
		gemm(nk, width, nq, dv, h->stride, transposed(matrix(w, T)),
		     matrix(steep, out_stride), ACCUMULATE);
	}
}

void attention_backward(const struct attention *a, real *dqkv, const real *dout, const real *out,
                        const real *weights, const real *qkv, real *scratch)
{
	assert(a->heads && a->width % a->heads == 0);
	for (size_t s = 0; s < a->batch; s++)
		for (size_t n = 0; n < a->heads; n++) {
			struct head h = head_of(a, qkv, s, n);
			size_t at = s * a->time * a->width + n * h.width;
			attend_backward(&h, dqkv + (h.q - qkv), dout + at, out + at, a->width,
			                weights + (s * a->heads + n) * a->time * a->time, scratch);
		}
}

/* --- Rotary positions --- */

void rotary_table(const struct attention *a, real *cosines, real *sines)
{
	size_t half = a->width / a->heads / 2;
	assert(2 * half * a->heads == a->width);
	for (size_t i = 0; i < half; i++) {
		double per_step = weft_exp(-weft_log(10000) * (double)i / (double)half);
		for (size_t t = 0; t < a->time; t++) {
			cosines[t * half + i] = (real)nn_cos((double)t * per_step);
			sines[t * half + i] = (real)nn_sin((double)t * per_step);
		}
	}
}

/* One head: x and y are its halves. */
static void turn(size_t half, real *x, const real *cosines, const real *sines, real sign)
{
	real *y = x + half;
	for (size_t i = 0; i < half; i += VEC_LANES) {
		vec c = vec_get(cosines, i, half), s = vec_get(sines, i, half) * sign;
		vec u = vec_get(x, i, half), v = vec_get(y, i, half);
		vec_put(x, i, half, u * c - v * s);
		vec_put(y, i, half, u * s + v * c);
	}
}

void rotary(const struct attention *a, real *qkv, const real *cosines, const real *sines,
            bool back)
{
	size_t half = a->width / a->heads / 2;
	for (size_t i = 0; i < a->batch * a->time; i++) {
		size_t t = i % a->time;
		for (size_t h = 0; h < 2 * a->heads; h++)       /* of queries, then of keys */
			turn(half, qkv + i * 3 * a->width + h * 2 * half, cosines + t * half,
			     sines + t * half, back ? -1 : 1);
	}
}

/* --- Attention to a few rows of a table --- */

static real table_scale(const struct table_attention *a)
{
	assert(a->heads && a->width % a->heads == 0);
	return (real)(1 / nn_sqrt((double)(a->width / a->heads)));
}

void table_attention(const struct table_attention *a, real *out, real *weights, const real *q,
                     const real *k, const real *v, const int *row)
{
	size_t width = a->width / a->heads;
	real scale = table_scale(a);
	memset(out, 0, a->examples * a->width * sizeof *out);
	for (size_t e = 0; e < a->examples; e++)
		for (size_t h = 0; h < a->heads; h++) {
			real *w = weights + (e * a->heads + h) * a->seen;
			const int *see = row + e * a->seen;
			real *o = out + e * a->width + h * width;
			for (size_t p = 0; p < a->seen; p++)
				w[p] = scale * dot(width, q + h * width,
				                   k + (size_t)see[p] * a->width + h * width);
			softmax(1, a->seen, w, w);
			for (size_t p = 0; p < a->seen; p++)
				add_scaled(width, o, w[p],
				           v + (size_t)see[p] * a->width + h * width);
		}
}

/* The gradient of each score is first summed over the examples that saw its key. */
void table_attention_backward(const struct table_attention *a, real *dq, real *dk, real *dv,
                              const real *dout, const real *weights, const real *q, const real *k,
                              const real *v, const int *row, real *scratch)
{
	size_t width = a->width / a->heads;
	real scale = table_scale(a);
	memset(scratch, 0, a->rows * a->heads * sizeof *scratch);
	for (size_t e = 0; e < a->examples; e++)
		for (size_t h = 0; h < a->heads; h++) {
			const real *w = weights + (e * a->heads + h) * a->seen;
			const int *see = row + e * a->seen;
			const real *steep = dout + e * a->width + h * width;
			real along = 0;
			for (size_t p = 0; p < a->seen; p++)
				along += w[p] * dot(width, steep,
				                    v + (size_t)see[p] * a->width + h * width);
			for (size_t p = 0; p < a->seen; p++) {
				size_t at = (size_t)see[p] * a->width + h * width;
				real d = dot(width, steep, v + at);
				scratch[(size_t)see[p] * a->heads + h] += w[p] * (d - along);
				add_scaled(width, dv + at, w[p], steep);
			}
		}
	for (size_t r = 0; r < a->rows; r++)
		for (size_t h = 0; h < a->heads; h++) {
			real d = scale * scratch[r * a->heads + h];
			size_t at = r * a->width + h * width;
			add_scaled(width, dk + at, d, q + h * width);
			add_scaled(width, dq + h * width, d, k + at);
		}
}
