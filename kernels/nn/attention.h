/* Attention, forwards and backwards.
 *
 *     O = softmax(Q K^T / sqrt(width / heads)) V        for each sequence and head
 *
 * Threads and sums as in layers.h: the caller's thread, fixed orders. */
#ifndef NN_ATTENTION_H
#define NN_ATTENTION_H

#include <stdbool.h>

#include "real.h"

/* --- Self-attention ---
 *
 * `qkv` holds queries, keys and values side by side, as one product with a
 * (width, 3 width) matrix makes them: a row is q, k, v of one token, each of
 * `width` numbers, head after head. Rows are batch * time, time fastest. */
struct attention {
	size_t batch, time;
	size_t heads, width;    /* heads divides width */
	bool causal;            /* a token sees itself and what is before it */
};

/* Numbers in `weights`: batch * heads * time * time. */
size_t attention_weights(const struct attention *a);

/*   out      (batch * time, width)
 *   weights  (batch, heads, time, time), kept for the backward pass; rows are
 *            queries and sum to 1; zeros where a query does not see
 *   qkv      (batch * time, 3 width) */
void attention(const struct attention *a, real *out, real *weights, const real *qkv);

/*   dqkv     (batch * time, 3 width), written
 *   dout     (batch * time, width)
 *   scratch  (time, time)
 *   out, weights, qkv as of attention() */
void attention_backward(const struct attention *a, real *dqkv, const real *dout, const real *out,
                        const real *weights, const real *qkv, real *scratch);

/* --- Rotary positions (Su et al., 2021) ---
 *
 * Turns queries and keys by an angle that grows with the position: of a head of
 * h numbers, x[i] and x[i + h/2] turn by t * 10000^(-2i/h) at time t. */

/* cos and sin, (time, h/2) each, h = width / heads, which is even. */
void rotary_table(const struct attention *a, real *cosines, real *sines);

/* Turn q and k of `qkv` in place; `back` turns the other way, which is the
 * backward pass for dqkv. */
void rotary(const struct attention *a, real *qkv, const real *cosines, const real *sines,
            bool back);

/* --- Attention to a few rows of a table ---
 *
 * One query for all examples; example e attends to `seen` rows of shared keys
 * and values, row[e,0], .. row[e,seen-1]. This is what a one-layer transformer
 * computes at the last token when the others are few: keys and values depend on
 * (token, position) alone, so a batch of all pairs needs each only once. */
struct table_attention {
	size_t examples, seen;
	size_t rows;            /* of the table */
	size_t heads, width;
};

/*   out      (examples, width)
 *   weights  (examples, heads, seen), kept
 *   q        (width)
 *   k, v     (rows, width)
 *   row      (examples, seen), in 0 .. rows-1 */
void table_attention(const struct table_attention *a, real *out, real *weights, const real *q,
                     const real *k, const real *v, const int *row);

/* dq, dk and dv are added to, as parameters are, for every example is a use.
 *
 *   scratch  (rows, heads) */
void table_attention_backward(const struct table_attention *a, real *dq, real *dk, real *dv,
                              const real *dout, const real *weights, const real *q, const real *k,
                              const real *v, const int *row, real *scratch);

#endif
