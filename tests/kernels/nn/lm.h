/* A small transformer over bytes, put together from kernels/nn as an experiment would do it.
 *
 * Pre-LN blocks of rotary attention and a GELU network, one after the other or side by side:
 *
 *     serial      x = x + attention(LN x);  x = x + mlp(LN x)
 *     parallel    x = x + attention(LN x) + mlp(LN x)
 *
 * All parameters are one array, gradients another of the same shape. A step cuts the batch into a
 * fixed number of shards, so that any number of threads adds the same numbers in the same order. */
#ifndef LM_H
#define LM_H

#include <stdlib.h>
#include <string.h>

#include "kernels/nn/attention.h"
#include "kernels/nn/layers.h"
#include "kernels/nn/optimiser.h"
#include "kernels/nn/text.h"
#include "kernels/nn/threads.h"

enum { LM_MAX_BLOCKS = 16 };

/* Where a block's parameters begin. */
struct lm_block {
	size_t gain, qkv, out;                  /* (width); (width, 3 width); (width, width) */
	size_t mlp_gain, up, up_bias, down, down_bias;
};

struct lm {
	size_t symbols, width, heads, hidden, blocks, time;
	bool side_by_side;
	size_t embedding, last_gain, unembedding;
	struct lm_block block[LM_MAX_BLOCKS];
	size_t n;                               /* parameters */
};

static size_t lm_take(struct lm *m, size_t count)
{
	size_t at = m->n;
	m->n += count;
	return at;
}

/* Fill in the offsets of a model whose sizes are set. */
static void lm_layout(struct lm *m)
{
	size_t d = m->width, f = m->hidden;
	m->n = 0;
	m->embedding = lm_take(m, m->symbols * d);
	for (size_t l = 0; l < m->blocks; l++) {
		struct lm_block *b = &m->block[l];
		b->gain = lm_take(m, d);
		b->qkv = lm_take(m, d * 3 * d);
		b->out = lm_take(m, d * d);
		b->mlp_gain = lm_take(m, d);
		b->up = lm_take(m, d * f);
		b->up_bias = lm_take(m, f);
		b->down = lm_take(m, f * d);
		b->down_bias = lm_take(m, d);
	}
	m->last_gain = lm_take(m, d);
	m->unembedding = lm_take(m, d * m->symbols);
}

static void lm_ones(size_t n, real *x)
{
	for (size_t i = 0; i < n; i++)
		x[i] = 1;
}

static void lm_init(const struct lm *m, real *w, weft_rng *rng)
{
	size_t d = m->width, f = m->hidden;
	double narrow = 1 / weft_exp(0.5 * weft_log((double)d));
	double wide = 1 / weft_exp(0.5 * weft_log((double)f));
	double depth = 1 / weft_exp(0.5 * weft_log(2.0 * (double)m->blocks));
	fill_normal(m->symbols * d, w + m->embedding, narrow, rng);
	for (size_t l = 0; l < m->blocks; l++) {
		const struct lm_block *b = &m->block[l];
		lm_ones(d, w + b->gain);
		lm_ones(d, w + b->mlp_gain);
		fill_normal(d * 3 * d, w + b->qkv, narrow, rng);
		fill_normal(d * d, w + b->out, depth * narrow, rng);
		fill_normal(d * f, w + b->up, narrow, rng);
		fill_normal(f * d, w + b->down, depth * wide, rng);
	}
	lm_ones(d, w + m->last_gain);
	fill_normal(d * m->symbols, w + m->unembedding, narrow, rng);
}

/* What a batch leaves on its way through a block. */
struct lm_trace {
	real *attended_hat, *attended_rstd, *attended;  /* LN before attention */
	real *qkv, *weights, *mixed;
	real *mlp_hat, *mlp_rstd, *mlp;                 /* LN before the network */
	real *active, *slope;
};

/* One shard's activations and scratch. */
struct lm_run {
	struct attention shape;
	size_t rows;
	real *cosines, *sines;
	struct lm_trace trace[LM_MAX_BLOCKS];
	real *x;                                        /* the residual stream */
	real *last_hat, *last_rstd, *last, *logits;
	real *dx, *dold, *dwide, *dnarrow, *scores;
};

static struct lm_run lm_run_new(const struct lm *m, size_t batch)
{
	size_t d = m->width, f = m->hidden, n = batch * m->time;
	struct lm_run r = {.shape = {batch, m->time, m->heads, d, true}, .rows = n};
	size_t half = d / m->heads / 2;
	r.cosines = reals(m->time * half);
	r.sines = reals(m->time * half);
	rotary_table(&r.shape, r.cosines, r.sines);
	for (size_t l = 0; l < m->blocks; l++)
		r.trace[l] = (struct lm_trace){
			.attended_hat = reals(n * d), .attended_rstd = reals(n), .attended = reals(n * d),
			.qkv = reals(n * 3 * d), .weights = reals(attention_weights(&r.shape)),
			.mixed = reals(n * d),
			.mlp_hat = reals(n * d), .mlp_rstd = reals(n), .mlp = reals(n * d),
			.active = reals(n * f), .slope = reals(n * f),
		};
	r.x = reals(n * d);
	r.last_hat = reals(n * d);
	r.last_rstd = reals(n);
	r.last = reals(n * d);
	r.logits = reals(n * m->symbols);
	r.dx = reals(n * d);
	r.dold = reals(n * d);
	r.dwide = reals(n * (f > 3 * d ? f : 3 * d));
	r.dnarrow = reals(n * d);
	r.scores = reals(m->time * m->time);
	return r;
}

static void lm_run_free(struct lm_run *r)
{
	for (size_t l = 0; l < LM_MAX_BLOCKS; l++) {
		struct lm_trace *t = &r->trace[l];
		real *all[] = {t->attended_hat, t->attended_rstd, t->attended, t->qkv, t->weights, t->mixed,
		               t->mlp_hat, t->mlp_rstd, t->mlp, t->active, t->slope};
		for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
			free(all[i]);
	}
	real *all[] = {r->cosines, r->sines, r->x, r->last_hat, r->last_rstd, r->last, r->logits, r->dx,
	               r->dold, r->dwide, r->dnarrow, r->scores};
	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
		free(all[i]);
}

/* --- Forward --- */

static void lm_attend(const struct lm *m, const real *w, const struct lm_block *b, struct lm_run *r,
                      struct lm_trace *t)
{
	size_t d = m->width;
	matmul(r->rows, 3 * d, d, t->qkv, t->attended, w + b->qkv, OVERWRITE);
	rotary(&r->shape, t->qkv, r->cosines, r->sines, false);
	attention(&r->shape, t->mixed, t->weights, t->qkv);
	matmul(r->rows, d, d, r->x, t->mixed, w + b->out, ACCUMULATE);
}

static void lm_think(const struct lm *m, const real *w, const struct lm_block *b, struct lm_run *r,
                     struct lm_trace *t)
{
	size_t d = m->width, f = m->hidden;
	matmul(r->rows, f, d, t->active, t->mlp, w + b->up, OVERWRITE);
	bias_add(r->rows, f, t->active, w + b->up_bias);
	activate(GELU, r->rows * f, t->active, t->slope, t->active);
	matmul(r->rows, d, f, r->x, t->active, w + b->down, ACCUMULATE);
	bias_add(r->rows, d, r->x, w + b->down_bias);
}

static void lm_forward(const struct lm *m, const real *w, struct lm_run *r, const int *input)
{
	size_t d = m->width, n = r->rows;
	embed(n, d, r->x, w + m->embedding, input, OVERWRITE);
	for (size_t l = 0; l < m->blocks; l++) {
		const struct lm_block *b = &m->block[l];
		struct lm_trace *t = &r->trace[l];
		layernorm(n, d, t->attended, t->attended_hat, t->attended_rstd, r->x, w + b->gain, NULL);
		if (m->side_by_side)
			layernorm(n, d, t->mlp, t->mlp_hat, t->mlp_rstd, r->x, w + b->mlp_gain, NULL);
		lm_attend(m, w, b, r, t);
		if (!m->side_by_side)
			layernorm(n, d, t->mlp, t->mlp_hat, t->mlp_rstd, r->x, w + b->mlp_gain, NULL);
		lm_think(m, w, b, r, t);
	}
	layernorm(n, d, r->last, r->last_hat, r->last_rstd, r->x, w + m->last_gain, NULL);
	matmul(n, m->symbols, d, r->logits, r->last, w + m->unembedding, OVERWRITE);
}

/* --- Backward: g += the gradient --- */

static void lm_think_back(const struct lm *m, const real *w, real *g, const struct lm_block *b,
                          struct lm_run *r, const struct lm_trace *t, const real *dout)
{
	size_t d = m->width, f = m->hidden, n = r->rows;
	bias_backward(n, d, g + b->down_bias, dout);
	matmul_tn(f, d, n, g + b->down, t->active, dout, ACCUMULATE);
	matmul_nt(n, f, d, r->dwide, dout, w + b->down, OVERWRITE);
	multiply_by(n * f, r->dwide, t->slope);
	bias_backward(n, f, g + b->up_bias, r->dwide);
	matmul_tn(d, f, n, g + b->up, t->mlp, r->dwide, ACCUMULATE);
	matmul_nt(n, d, f, r->dnarrow, r->dwide, w + b->up, OVERWRITE);
	layernorm_backward(n, d, r->dx, g + b->mlp_gain, NULL, r->dnarrow, t->mlp_hat, t->mlp_rstd,
	                   w + b->mlp_gain, ACCUMULATE);
}

static void lm_attend_back(const struct lm *m, const real *w, real *g, const struct lm_block *b,
                           struct lm_run *r, const struct lm_trace *t, const real *dout)
{
	size_t d = m->width, n = r->rows;
	matmul_tn(d, d, n, g + b->out, t->mixed, dout, ACCUMULATE);
	matmul_nt(n, d, d, r->dnarrow, dout, w + b->out, OVERWRITE);
	attention_backward(&r->shape, r->dwide, r->dnarrow, t->mixed, t->weights, t->qkv, r->scores);
	rotary(&r->shape, r->dwide, r->cosines, r->sines, true);
	matmul_tn(d, 3 * d, n, g + b->qkv, t->attended, r->dwide, ACCUMULATE);
	matmul_nt(n, d, 3 * d, r->dnarrow, r->dwide, w + b->qkv, OVERWRITE);
	layernorm_backward(n, d, r->dx, g + b->gain, NULL, r->dnarrow, t->attended_hat,
	                   t->attended_rstd, w + b->gain, ACCUMULATE);
}

static void lm_backward(const struct lm *m, const real *w, real *g, struct lm_run *r,
                        const int *input)
{
	size_t d = m->width, n = r->rows;
	matmul_tn(d, m->symbols, n, g + m->unembedding, r->last, r->logits, ACCUMULATE);
	matmul_nt(n, d, m->symbols, r->dnarrow, r->logits, w + m->unembedding, OVERWRITE);
	layernorm_backward(n, d, r->dx, g + m->last_gain, NULL, r->dnarrow, r->last_hat, r->last_rstd,
	                   w + m->last_gain, OVERWRITE);
	for (size_t l = m->blocks; l-- > 0; ) {
		memcpy(r->dold, r->dx, n * d * sizeof *r->dx);
		lm_think_back(m, w, g, &m->block[l], r, &r->trace[l], r->dold);
		if (!m->side_by_side)
			memcpy(r->dold, r->dx, n * d * sizeof *r->dx);
		lm_attend_back(m, w, g, &m->block[l], r, &r->trace[l], r->dold);
	}
	embed_backward(n, d, g + m->embedding, input, r->dx);
}

/* The loss of a batch; with g, which is added to, also `scale` times its gradient. */
static struct loss lm_loss(const struct lm *m, const real *w, real *g, struct lm_run *r,
                           const int *input, const int *target, real scale)
{
	lm_forward(m, w, r, input);
	struct loss loss = cross_entropy(r->rows, m->symbols, g ? r->logits : NULL, r->logits, target,
	                                 scale);
	if (g)
		lm_backward(m, w, g, r, input);
	return loss;
}

/* --- Training --- */

enum { LM_SHARDS = 4 };

struct lm_trainer {
	const struct lm *m;
	real *w;
	struct adam adam;
	size_t batch;                                   /* sequences in a shard */
	struct lm_run run[LM_SHARDS];
	real *g[LM_SHARDS];
	int *input[LM_SHARDS], *target[LM_SHARDS];
	struct loss loss[LM_SHARDS];
};

static struct lm_trainer lm_trainer_new(const struct lm *m, real *w, size_t batch)
{
	struct lm_trainer t = {.m = m, .w = w, .adam = adam_new(m->n), .batch = batch};
	t.adam.beta1 = 0.9;
	t.adam.beta2 = 0.98;
	t.adam.decay = 0.1;
	for (int s = 0; s < LM_SHARDS; s++) {
		t.run[s] = lm_run_new(m, batch);
		t.g[s] = reals(m->n);
		t.input[s] = calloc(batch * m->time, sizeof(int));
		t.target[s] = calloc(batch * m->time, sizeof(int));
	}
	return t;
}

static void lm_trainer_free(struct lm_trainer *t)
{
	for (int s = 0; s < LM_SHARDS; s++) {
		lm_run_free(&t->run[s]);
		free(t->g[s]);
		free(t->input[s]);
		free(t->target[s]);
	}
	free(t->adam.m);
	free(t->adam.v);
}

static void lm_shard(void *ctx, size_t s)
{
	struct lm_trainer *t = ctx;
	size_t rows = LM_SHARDS * t->batch * t->m->time;
	memset(t->g[s], 0, t->m->n * sizeof(real));
	t->loss[s] = lm_loss(t->m, t->w, t->g[s], &t->run[s], t->input[s], t->target[s],
	                     1 / (real)rows);
}

/* One step on fresh windows of the text; the mean loss in nats. */
static double lm_step(struct lm_trainer *t, const struct text *text, weft_rng *rng, double rate)
{
	for (int s = 0; s < LM_SHARDS; s++)
		text_draw(text, 0, text->length, t->batch, t->m->time, rng, t->input[s], t->target[s]);
	parallel(LM_SHARDS, lm_shard, t);
	sum_shards(t->m->n, t->g[0], t->g, LM_SHARDS);
	adam_step(&t->adam, t->w, t->g[0], rate, clip_to(norm_of(t->m->n, t->g[0]), 1));
	double sum = 0;
	for (int s = 0; s < LM_SHARDS; s++)
		sum += t->loss[s].sum;
	return sum / (double)(LM_SHARDS * t->batch * t->m->time);
}

#endif
