/* The layers put together: a transformer's gradient, and that it learns. */
#include <math.h>
#include <stdlib.h>

#include "tests/kernels/nn/lm.h"

#include "tests/unit/test.h"
#include "tests/kernels/nn/near.h"

#define IS_FLOAT (sizeof(real) == sizeof(float))

static struct lm small(bool side_by_side)
{
	struct lm m = {.symbols = 7, .width = 12, .heads = 2, .hidden = 20, .blocks = 2, .time = 9,
	               .side_by_side = side_by_side};
	lm_layout(&m);
	return m;
}

/* Every parameter's derivative of the summed loss of a batch. In float only the largest can be told
 * from rounding: the floor is that of a sum of 18 losses near 2. */
static void check_model(bool side_by_side)
{
	const double h = IS_FLOAT ? 0x1p-6 : 0x1p-17;
	const double tolerance = IS_FLOAT ? 2e-2 : 2e-7, floor = IS_FLOAT ? 2e-2 : 1e-6;
	struct lm m = small(side_by_side);
	struct lm_run run = lm_run_new(&m, 2);
	weft_rng rng = weft_seed(5);
	real *w = reals(m.n), *g = reals(m.n);
	int input[18], target[18];
	lm_init(&m, w, &rng);
	for (int i = 0; i < 18; i++) {
		input[i] = (int)weft_below(&rng, 7);
		target[i] = (int)weft_below(&rng, 7);
	}
	lm_loss(&m, w, g, &run, input, target, 1);
	for (size_t i = 0; i < m.n; i++) {
		real x = w[i];
		w[i] = x + (real)h;
		double above = lm_loss(&m, w, NULL, &run, input, target, 1).sum;
		w[i] = x - (real)h;
		double below = lm_loss(&m, w, NULL, &run, input, target, 1).sum;
		w[i] = x;
		double numeric = (above - below) / (2 * h);
		double size = fabs((double)g[i]) + fabs(numeric);
		EXPECT_NEAR((double)g[i], numeric, tolerance * size + floor);
	}
	free(w);
	free(g);
	lm_run_free(&run);
}

TEST(gradient_of_serial_blocks)
{
	check_model(false);
}

TEST(gradient_of_parallel_blocks)
{
	check_model(true);
}

/* A text whose next letter is certain but for one in eight. */
static struct text riddle(void)
{
	static char letters[4096];
	for (int i = 0; i < 4096; i++)
		letters[i] = (char)('a' + i % 8);
	weft_rng rng = weft_seed(8);
	for (int i = 7; i < 4096; i += 8)
		letters[i] = (char)('x' + weft_below(&rng, 2));
	return text_of(letters, sizeof letters);
}

TEST(a_transformer_learns_all_there_is_to_learn)
{
	struct text text = riddle();
	struct lm m = {.symbols = (size_t)text.symbols, .width = 16, .heads = 2, .hidden = 32, .blocks = 1,
	               .time = 16};
	lm_layout(&m);
	weft_rng rng = weft_seed(1);
	real *w = reals(m.n);
	lm_init(&m, w, &rng);
	struct lm_trainer t = lm_trainer_new(&m, w, 2);
	double loss = 0;
	for (long step = 0; step < 200; step++) {
		double now = lm_step(&t, &text, &rng, 0.01 * warmup_cosine(step, 10, 200, 0.1));
		if (step == 0)
			EXPECT(now > 1.8);
		loss = step < 180 ? 0 : loss + now / 20;
	}
	EXPECT_NEAR(loss, log(2) / 8, 0.02);
	lm_trainer_free(&t);
	free(w);
	free(text.token);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(gradient_of_serial_blocks),
		CASE(gradient_of_parallel_blocks),
		CASE(a_transformer_learns_all_there_is_to_learn),
	};
	return RUN(tests);
}
