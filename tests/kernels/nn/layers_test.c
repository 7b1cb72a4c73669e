/* Every backward pass against central differences, and what the headers promise besides.
 *
 * The double build checks gradients to 1e-7; the float build runs the same code with its own exp()
 * and sums, to what float can tell. */
#include <math.h>
#include <stdlib.h>

#include "kernels/nn/attention.h"
#include "kernels/nn/layers.h"

#include "kernels/nn/vec.h"

#include "tests/unit/test.h"
#include "tests/kernels/nn/near.h"

#define IS_FLOAT (sizeof(real) == sizeof(float))

/* --- Gradient checks ---
 *
 * A case is a function of one flat array: it fills `out` from `in`. The loss is
 * a fixed random weighting of the outputs, so dout is that weighting. */

struct check {
	size_t n_in, n_out;
	void (*forward)(const real *in, real *out);
	void (*backward)(const real *in, const real *dout, real *din);
};

static double loss_of(const struct check *c, const real *in, const real *weight, real *out)
{
	double sum = 0;
	c->forward(in, out);
	for (size_t i = 0; i < c->n_out; i++)
		sum += (double)out[i] * (double)weight[i];
	return sum;
}

/* |analytic - numeric| <= tolerance (|analytic| + |numeric|) + floor: the floor is what rounding
 * leaves of a gradient near zero. */
static void check_gradient(const struct check *c, const real *at)
{
	const double h = IS_FLOAT ? 0x1p-7 : 0x1p-17;
	const double tolerance = IS_FLOAT ? 1e-2 : 1e-7, floor = IS_FLOAT ? 4e-3 : 1e-8;
	weft_rng rng = weft_seed(11);
	real *in = reals(c->n_in), *din = reals(c->n_in);
	real *out = reals(c->n_out), *weight = reals(c->n_out);
	fill_normal(c->n_out, weight, 1, &rng);
	memcpy(in, at, c->n_in * sizeof *in);
	c->forward(in, out);
	c->backward(in, weight, din);
	for (size_t i = 0; i < c->n_in; i++) {
		real x = in[i];
		in[i] = x + (real)h;
		double above = loss_of(c, in, weight, out);
		in[i] = x - (real)h;
		double below = loss_of(c, in, weight, out);
		in[i] = x;
		double numeric = (above - below) / (2 * h);
		double size = fabs((double)din[i]) + fabs(numeric);
		EXPECT_NEAR((double)din[i], numeric, tolerance * size + floor);
	}
	free(in);
	free(din);
	free(out);
	free(weight);
}

static void check_at_random(const struct check *c, uint64_t seed)
{
	weft_rng rng = weft_seed(seed);
	real *at = reals(c->n_in);
	fill_normal(c->n_in, at, 1, &rng);
	check_gradient(c, at);
	free(at);
}

/* --- Linear layer and bias: x (N, D), W (D, F), b (F) --- */

enum { N = 5, D = 9, F = 6 };

static void linear(const real *in, real *out)
{
	matmul(N, F, D, out, in, in + N * D, OVERWRITE);
	bias_add(N, F, out, in + N * D + D * F);
}

static void linear_back(const real *in, const real *dout, real *din)
{
	matmul_nt(N, D, F, din, dout, in + N * D, OVERWRITE);
	matmul_tn(D, F, N, din + N * D, in, dout, ACCUMULATE);
	bias_backward(N, F, din + N * D + D * F, dout);
}

TEST(linear_and_bias)
{
	check_at_random(&(struct check){N * D + D * F + F, N * F, linear, linear_back}, 1);
}

/* --- LayerNorm: x (N, D), gain (D), bias (D) --- */

static real xhat[N * D], rstd[N];

static void norm(const real *in, real *out)
{
	layernorm(N, D, out, xhat, rstd, in, in + N * D, in + N * D + D);
}

static void norm_back(const real *in, const real *dout, real *din)
{
	layernorm_backward(N, D, din, din + N * D, din + N * D + D, dout, xhat, rstd, in + N * D,
	                   OVERWRITE);
}

/* Without a bias, and added to what is there, twice. */
static void norm_twice(const real *in, real *out)
{
	layernorm(N, D, out, xhat, rstd, in, in + N * D, NULL);
	add_to(N * D, out, out);
}

static void norm_twice_back(const real *in, const real *dout, real *din)
{
	for (int i = 0; i < 2; i++)
		layernorm_backward(N, D, din, din + N * D, NULL, dout, xhat, rstd, in + N * D,
		                   ACCUMULATE);
}

TEST(layernorm_with_and_without_bias)
{
	check_at_random(&(struct check){N * D + 2 * D, N * D, norm, norm_back}, 2);
	check_at_random(&(struct check){N * D + D, N * D, norm_twice, norm_twice_back}, 3);
}

TEST(layernorm_has_mean_zero_and_variance_one)
{
	weft_rng rng = weft_seed(4);
	real x[N * D], y[N * D], gain[D];
	fill_normal(N * D, x, 3, &rng);
	for (int k = 0; k < D; k++)
		gain[k] = 1;
	layernorm(N, D, y, xhat, rstd, x, gain, NULL);
	for (int i = 0; i < N; i++) {
		EXPECT_NEAR((double)sum_of(D, y + i * D), 0, 1e-5);
		EXPECT_NEAR((double)dot(D, y + i * D, y + i * D) / D, 1, 1e-4);
	}
}

/* --- Activations --- */

enum { MANY = 41 };
static enum activation kind;
static real slope[MANY];

static void act(const real *in, real *out)
{
	activate(kind, MANY, out, slope, in);
}

static void act_back(const real *in, const real *dout, real *din)
{
	(void)in;
	memcpy(din, dout, MANY * sizeof *din);
	multiply_by(MANY, din, slope);
}

TEST(activations)
{
	real at[MANY];
	for (int i = 0; i < MANY; i++)
		at[i] = (real)(i - 20) / 4 + (real)0.05;        /* no corner of ReLU within h */
	for (int f = RELU; f <= QUADRATIC; f++) {
		kind = (enum activation)f;
		check_gradient(&(struct check){MANY, MANY, act, act_back}, at);
	}
}

TEST(gelu_is_the_tanh_form)
{
	for (int i = -400; i <= 400; i++) {
		real x = (real)i / 40, y;
		activate(GELU, 1, &y, NULL, &x);
		double u = sqrt(2 / acos(-1)) * ((double)x + 0.044715 * pow((double)x, 3));
		double want = 0.5 * (double)x * (1 + tanh(u));
		EXPECT_NEAR((double)y, want, IS_FLOAT ? 2e-6 : 1e-14);
	}
}

/* --- Softmax and losses --- */

static void soft(const real *in, real *out)
{
	softmax(N, D, out, in);
}

static void soft_back(const real *in, const real *dout, real *din)
{
	real y[N * D];
	softmax(N, D, y, in);
	softmax_backward(N, D, din, dout, y);
}

TEST(softmax_rows)
{
	check_at_random(&(struct check){N * D, N * D, soft, soft_back}, 5);
}

static const int target[N] = {3, 0, -1, 8, 5};

static void cross(const real *in, real *out)
{
	*out = (real)cross_entropy(N, D, NULL, in, target, 0).sum;
}

static void cross_back(const real *in, const real *dout, real *din)
{
	cross_entropy(N, D, din, in, target, *dout);
}

static void square(const real *in, real *out)
{
	*out = (real)squared_error(N, D, NULL, in, target, 0).sum;
}

static void square_back(const real *in, const real *dout, real *din)
{
	squared_error(N, D, din, in, target, *dout);
}

TEST(losses)
{
	check_at_random(&(struct check){N * D, 1, cross, cross_back}, 6);
	check_at_random(&(struct check){N * D, 1, square, square_back}, 7);
}

TEST(cross_entropy_counts_and_survives_large_logits)
{
	real x[] = {1000, 0, -1000,  5, 5, 5,  0, 80, 0}, dx[9];
	const int want[] = {0, 1, -1};
	struct loss loss = cross_entropy(3, 3, dx, x, want, 1);
	EXPECT_INT(loss.rows, 2);
	EXPECT_INT(loss.right, 1);      /* of equal logits the first is meant */
	EXPECT_NEAR(loss.sum, log(3), 1e-6);
	EXPECT(dx[0] == 0 && dx[2] == 0 && dx[6] == 0 && dx[7] == 0);
	EXPECT_NEAR((double)dx[4], 1 / 3.0 - 1, 1e-6);
	struct loss again = cross_entropy(3, 3, x, x, want, 1);
	EXPECT(again.sum == loss.sum && !memcmp(x, dx, sizeof x));
}

/* --- Embedding: table (4, D) --- */

static const int ids[N] = {2, 0, 2, 3, 2};

static void look_up(const real *in, real *out)
{
	embed(N, D, out, in, ids, OVERWRITE);
	embed(N, D, out, in, ids, ACCUMULATE);
}

static void look_up_back(const real *in, const real *dout, real *din)
{
	(void)in;
	embed_backward(N, D, din, ids, dout);
	embed_backward(N, D, din, ids, dout);
}

TEST(embedding_rows_sum_their_uses)
{
	check_at_random(&(struct check){4 * D, N * D, look_up, look_up_back}, 8);
}

/* --- Attention --- */

static struct attention shape;
static real kept[2 * 2 * 40 * 40], turned[2 * 40 * 3 * 12], result[2 * 40 * 12];
static real cosines[40 * 3], sines[40 * 3];

static size_t rows_of_shape(void)
{
	return shape.batch * shape.time;
}

static void attend(const real *in, real *out)
{
	memcpy(turned, in, rows_of_shape() * 3 * shape.width * sizeof *in);
	rotary_table(&shape, cosines, sines);
	rotary(&shape, turned, cosines, sines, false);
	attention(&shape, out, kept, turned);
	memcpy(result, out, rows_of_shape() * shape.width * sizeof *out);
}

static void attend_back(const real *in, const real *dout, real *din)
{
	(void)in;
	real scratch[40 * 40];
	attention_backward(&shape, din, dout, result, kept, turned, scratch);
	rotary(&shape, din, cosines, sines, true);
}

static void check_attention(struct attention a)
{
	shape = a;
	size_t rows = rows_of_shape();
	check_at_random(&(struct check){rows * 3 * a.width, rows * a.width, attend, attend_back}, 9);
}

/* 35 tokens are more than a block of queries. */
TEST(attention_of_all_shapes)
{
	check_attention((struct attention){2, 5, 2, 12, true});
	check_attention((struct attention){2, 5, 2, 12, false});
	check_attention((struct attention){1, 35, 1, 6, true});
	check_attention((struct attention){1, 35, 2, 4, false});
	check_attention((struct attention){2, 1, 2, 4, true});
}

TEST(attention_weights_sum_to_one_and_the_future_is_not_seen)
{
	weft_rng rng = weft_seed(10);
	real qkv[40 * 36], out[40 * 12], later[40 * 12];
	shape = (struct attention){1, 40, 2, 12, true};
	EXPECT_INT(attention_weights(&shape), 2 * 40 * 40);
	fill_normal(40 * 36, qkv, 1, &rng);
	attention(&shape, out, kept, qkv);
	for (int i = 0; i < 80; i++) {
		EXPECT_NEAR((double)sum_of(40, kept + i * 40), 1, 1e-6);
		for (int j = i % 40 + 1; j < 40; j++)
			EXPECT(kept[i * 40 + j] == 0);
	}
	for (int i = 20 * 36; i < 40 * 36; i++)
		qkv[i] += 3;
	attention(&shape, later, kept, qkv);
	EXPECT(!memcmp(out, later, 20 * 12 * sizeof *out));
	EXPECT(memcmp(out + 20 * 12, later + 20 * 12, 20 * 12 * sizeof *out));
}

/* q_s . k_t after turning depends on t - s alone. */
TEST(rotary_scores_depend_on_distance)
{
	real qkv[40 * 18];
	shape = (struct attention){1, 40, 1, 6, true};
	weft_rng rng = weft_seed(12);
	fill_normal(18, qkv, 1, &rng);
	for (int t = 1; t < 40; t++)
		memcpy(qkv + t * 18, qkv, 18 * sizeof *qkv);
	rotary_table(&shape, cosines, sines);
	rotary(&shape, qkv, cosines, sines, false);
	for (int s = 0; s < 30; s++)
		EXPECT_NEAR((double)dot(6, qkv + s * 18, qkv + (s + 10) * 18 + 6),
		            (double)dot(6, qkv, qkv + 10 * 18 + 6), 1e-5);
}

/* --- Attention to rows of a table: q (8), k (6, 8), v (6, 8) --- */

static const struct table_attention table = {4, 3, 6, 2, 8};
static const int seen[12] = {0, 3, 5, 1, 4, 5, 0, 0, 5, 2, 3, 5};
static real table_weights[4 * 2 * 3];

static void look(const real *in, real *out)
{
	table_attention(&table, out, table_weights, in, in + 8, in + 56, seen);
}

static void look_back(const real *in, const real *dout, real *din)
{
	real scratch[6 * 2];
	table_attention_backward(&table, din, din + 8, din + 56, dout, table_weights, in, in + 8,
	                         in + 56, seen, scratch);
}

TEST(attention_to_rows_of_a_table)
{
	check_at_random(&(struct check){104, 32, look, look_back}, 13);
}

/* The same numbers as attention() gives the last of three tokens. */
TEST(a_table_is_attention_of_the_last_token)
{
	weft_rng rng = weft_seed(14);
	real in[104], out[32], qkv[3 * 24], whole[3 * 8], w[2 * 9];
	fill_normal(104, in, 1, &rng);
	look(in, out);
	shape = (struct attention){1, 3, 2, 8, true};
	for (int e = 0; e < 4; e++) {
		for (int t = 0; t < 3; t++) {
			memcpy(qkv + t * 24, in, 8 * sizeof *in);
			memcpy(qkv + t * 24 + 8, in + 8 + seen[e * 3 + t] * 8, 8 * sizeof *in);
			memcpy(qkv + t * 24 + 16, in + 56 + seen[e * 3 + t] * 8, 8 * sizeof *in);
		}
		attention(&shape, whole, w, qkv);
		for (int k = 0; k < 8; k++)
			EXPECT_NEAR((double)out[e * 8 + k], (double)whole[16 + k], 1e-5);
	}
}

/* --- Vectors --- */

TEST(exp_keeps_its_bound)
{
	const int digits = IS_FLOAT ? 23 : 52;
	for (int i = -87 * 20000; i <= 88 * 20000; i++) {
		real x = (real)i / 20000;
		double got = (double)vec_exp(vec_all(x))[0];
		long double want = expl((long double)x);
		EXPECT(fabsl(got - want) <= 1.5L * ldexpl(1, ilogbl(want) - digits));
	}
	EXPECT(vec_exp(vec_all((real)-INFINITY))[0] == 0);
	if (IS_FLOAT)
		EXPECT(vec_exp(vec_all(-100))[0] == 0 && vec_exp(vec_all(200))[0] < INFINITY);
	EXPECT(vec_exp(vec_all(0))[0] == 1 && isnan(vec_exp(vec_all((real)NAN))[0]));
}

/* Sums of every length: whole vectors, parts of one, none. */
TEST(sums_take_every_element_once)
{
	real x[40], y[40];
	for (int i = 0; i < 40; i++) {
		x[i] = (real)(i + 1);
		y[i] = 2;
	}
	for (size_t n = 0; n <= 40; n++) {
		EXPECT(sum_of(n, x) == (real)(n * (n + 1) / 2));
		EXPECT(dot(n, x, y) == (real)(n * (n + 1)));
	}
	add_scaled(13, y, 3, x);
	EXPECT(y[0] == 5 && y[12] == 41 && y[13] == 2);
	scale_by(3, y, 2);
	EXPECT(y[0] == 10 && y[2] == 22 && y[3] == 14);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(linear_and_bias),
		CASE(layernorm_with_and_without_bias),
		CASE(layernorm_has_mean_zero_and_variance_one),
		CASE(activations),
		CASE(gelu_is_the_tanh_form),
		CASE(softmax_rows),
		CASE(losses),
		CASE(cross_entropy_counts_and_survives_large_logits),
		CASE(embedding_rows_sum_their_uses),
		CASE(attention_of_all_shapes),
		CASE(attention_weights_sum_to_one_and_the_future_is_not_seen),
		CASE(rotary_scores_depend_on_distance),
		CASE(attention_to_rows_of_a_table),
		CASE(a_table_is_attention_of_the_last_token),
		CASE(exp_keeps_its_bound),
		CASE(sums_take_every_element_once),
	};
	return RUN(tests);
}
