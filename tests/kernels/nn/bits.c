/* Everything kernels/nn computes, as digests: the same lines from every compiler, vector width and
 * number of threads. Parameters simd= and threads= as nn_setup() takes them. */
#include <stdio.h>
#include <stdlib.h>

#include "kernels/nn/cka.h"
#include "kernels/nn/dft.h"
#include "kernels/nn/elementary.h"
#include "kernels/nn/groups.h"
#include "kernels/nn/svd.h"

#include "tests/kernels/nn/lm.h"

/* FNV-1a of the numbers' bytes. */
static void say(const char *what, const void *numbers, size_t size)
{
	const unsigned char *bytes = numbers;
	uint64_t digest = 0xcbf29ce484222325u;
	for (size_t i = 0; i < size; i++)
		digest = (digest ^ bytes[i]) * 0x100000001b3u;
	printf("%s %016llx\n", what, (unsigned long long)digest);
}

static real *normal(size_t n, uint64_t seed)
{
	weft_rng rng = weft_seed(seed);
	real *x = reals(n);
	fill_normal(n, x, 1, &rng);
	return x;
}

/* Products small and large enough for threads, in all transpositions. */
static void products(void)
{
	const size_t shapes[][3] = {{7, 82, 65}, {300, 200, 150}, {96, 700, 130}, {513, 64, 256}};
	for (size_t s = 0; s < sizeof shapes / sizeof shapes[0]; s++) {
		size_t M = shapes[s][0], N = shapes[s][1], K = shapes[s][2];
		real *a = normal(M * K, s), *b = normal(K * N, s + 10), *c = reals(M * N);
		matmul(M, N, K, c, a, b, OVERWRITE);
		matmul_nt(M, N, K, c, a, b, ACCUMULATE);
		matmul_tn(M, N, K, c, a, b, ACCUMULATE);
		say("product", c, M * N * sizeof *c);
		free(a);
		free(b);
		free(c);
	}
}

/* Whole-batch products on the threads, where the transformer's shards have one thread each. */
static void network(enum activation f)
{
	enum { ROWS = 600, IN = 90, HIDDEN = 200, OUT = 60 };
	real *x = normal(ROWS * IN, 1), *w = normal(IN * HIDDEN, 2), *u = normal(HIDDEN * OUT, 3);
	real *h = reals(ROWS * HIDDEN), *slope = reals(ROWS * HIDDEN), *y = reals(ROWS * OUT);
	real *du = reals(HIDDEN * OUT), *dh = reals(ROWS * HIDDEN), *dw = reals(IN * HIDDEN);
	int target[ROWS];
	for (int i = 0; i < ROWS; i++)
		target[i] = i % OUT;
	for (int step = 0; step < 3; step++) {
		matmul(ROWS, HIDDEN, IN, h, x, w, OVERWRITE);
		scale_by(ROWS * HIDDEN, h, (real)0.1);
		activate(f, ROWS * HIDDEN, h, slope, h);
		matmul(ROWS, OUT, HIDDEN, y, h, u, OVERWRITE);
		scale_by(ROWS * OUT, y, (real)0.1);
		struct loss loss = f == QUADRATIC
			? squared_error(ROWS, OUT, y, y, target, (real)1 / ROWS)
			: cross_entropy(ROWS, OUT, y, y, target, (real)1 / ROWS);
		matmul_tn(HIDDEN, OUT, ROWS, du, h, y, OVERWRITE);
		matmul_nt(ROWS, HIDDEN, OUT, dh, y, u, OVERWRITE);
		multiply_by(ROWS * HIDDEN, dh, slope);
		matmul_tn(IN, HIDDEN, ROWS, dw, x, dh, OVERWRITE);
		sgd_step(HIDDEN * OUT, u, NULL, du, 0.1, 0, 0.01, 1);
		sgd_step(IN * HIDDEN, w, NULL, dw, 0.1, 0, 0.01, 1);
		say("loss", &loss.sum, sizeof loss.sum);
	}
	say("network", w, IN * HIDDEN * sizeof *w);
	real *all[] = {x, w, u, h, slope, y, du, dh, dw};
	for (int i = 0; i < 9; i++)
		free(all[i]);
}

/* A transformer with more than two pieces of parameters, for the optimiser's threads. */
static void transformer(bool side_by_side)
{
	static char letters[5000];
	weft_rng rng = weft_seed(3);
	for (int i = 0; i < 5000; i++)
		letters[i] = (char)('a' + weft_below(&rng, weft_below(&rng, 20) + 1));
	struct text text = text_of(letters, sizeof letters);
	struct lm m = {.symbols = (size_t)text.symbols, .width = 48, .heads = 3, .hidden = 128,
	               .blocks = 2, .time = 40, .side_by_side = side_by_side};
	lm_layout(&m);
	real *w = reals(m.n);
	lm_init(&m, w, &rng);
	struct lm_trainer t = lm_trainer_new(&m, w, 1);
	double loss[15];
	for (long step = 0; step < 15; step++)
		loss[step] = lm_step(&t, &text, &rng, 0.01 * warmup_cosine(step, 3, 15, 0.1));
	say("losses", loss, sizeof loss);
	say("transformer", w, m.n * sizeof *w);
	lm_trainer_free(&t);
	free(w);
	free(text.token);
}

static void rows_of_a_table(void)
{
	const struct table_attention a = {50, 3, 21, 2, 24};
	real *q = normal(24, 1), *k = normal(21 * 24, 2), *v = normal(21 * 24, 3);
	real *dout = normal(50 * 24, 4), *out = reals(50 * 24), *weights = reals(50 * 6);
	real *d = reals(24 + 2 * 21 * 24), *scratch = reals(21 * 2);
	int row[150];
	for (int i = 0; i < 150; i++)
		row[i] = i * 7 % 21;
	table_attention(&a, out, weights, q, k, v, row);
	table_attention_backward(&a, d, d + 24, d + 24 + 21 * 24, dout, weights, q, k, v, row, scratch);
	say("table attention", out, 50 * 24 * sizeof *out);
	say("its gradient", d, (24 + 2 * 21 * 24) * sizeof *d);
	real *all[] = {q, k, v, dout, out, weights, d, scratch};
	for (int i = 0; i < 8; i++)
		free(all[i]);
}

static void analyses(void)
{
	enum { ROWS = 120, COLS = 48 };
	real *x = normal(ROWS * COLS, 5), *y = normal(ROWS * COLS, 6);
	double *a = doubles_of(ROWS * COLS, x), *b = doubles(ROWS * COLS), *c = doubles(ROWS * COLS);
	struct svd d = svd_of(ROWS, COLS, a);
	say("singular values", d.s, d.k * sizeof *d.s);
	say("singular vectors", d.u, ROWS * d.k * sizeof *d.u);
	svd_free(&d);
	dft(ROWS, COLS, b, c, a);
	say("transform", b, ROWS * COLS * sizeof *b);
	double alike[] = {cka(ROWS, COLS, x, COLS, y), cka_debiased(ROWS, COLS, x, COLS, y)};
	say("cka", alike, sizeof alike);
	const char *const names[] = {"Z60", "D5", "A4", "S4", "A5", "S5"};
	for (int i = 0; i < 6; i++) {
		struct group *g = group_new(names[i]);
		double power[60];
		group_power(g, 1, power, a);
		say(names[i], power, (size_t)g->irreps * sizeof *power);
		group_free(g);
	}
	double angles[200];
	for (int i = 0; i < 200; i++)
		angles[i] = nn_sin(i * 0.37) + nn_cos(i * 1e3) + turn_cos(i, 59);
	say("angles", angles, sizeof angles);
	free(x);
	free(y);
	free(a);
	free(b);
	free(c);
}

int main(int argc, char **argv)
{
	nn_setup(argc, argv);
	products();
	network(RELU);
	network(GELU);
	network(QUADRATIC);
	transformer(false);
	transformer(true);
	rows_of_a_table();
	analyses();
}
