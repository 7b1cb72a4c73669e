/* Optimisers, text and checkpoints. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kernels/nn/checkpoint.h"
#include "kernels/nn/layers.h"
#include "kernels/nn/optimiser.h"
#include "kernels/nn/text.h"

#include "tests/unit/test.h"
#include "tests/kernels/nn/near.h"

/* --- Optimisers --- */

/* Longer than two pieces of the work, and not a multiple of a vector. */
enum { N = 40003 };

static real *random_reals(size_t n, uint64_t seed)
{
	weft_rng rng = weft_seed(seed);
	real *x = reals(n);
	fill_normal(n, x, 1, &rng);
	return x;
}

/* The formulas of the header, one number at a time, in double. */
static void check_adam(double decay, double coupled)
{
	struct adam a = adam_new(N);
	a.decay = decay;
	a.coupled = coupled;
	real *w = random_reals(N, 1), *g = random_reals(N, 2);
	double want[3] = {(double)w[0], (double)w[20000], (double)w[N - 1]};
	const size_t place[3] = {0, 20000, N - 1};
	double m[3] = {0}, v[3] = {0};
	for (int t = 1; t <= 5; t++) {
		adam_step(&a, w, g, 0.01, 0.5);
		for (int i = 0; i < 3; i++) {
			double grad = 0.5 * (double)g[place[i]] + coupled * want[i];
			m[i] = 0.9 * m[i] + 0.1 * grad;
			v[i] = 0.999 * v[i] + 0.001 * grad * grad;
			double mhat = m[i] / (1 - pow(0.9, t)), vhat = v[i] / (1 - pow(0.999, t));
			want[i] = want[i] * (1 - 0.01 * decay) - 0.01 * mhat / (sqrt(vhat) + 1e-8);
		}
	}
	for (int i = 0; i < 3; i++)
		EXPECT_NEAR((double)w[place[i]], want[i], 2e-6);
	EXPECT_INT(a.step, 5);
	free(a.m);
	free(a.v);
	free(w);
	free(g);
}

TEST(adam_follows_its_formulas)
{
	check_adam(0, 0);
	check_adam(2, 0);
	check_adam(0, 0.3);
}

TEST(adam_s_first_step_is_the_rate)
{
	struct adam a = adam_new(2);
	real w[] = {1, 1}, g[] = {1000, (real)-0.001};
	adam_step(&a, w, g, 0.125, 1);
	EXPECT_NEAR((double)w[0], 0.875, 1e-5);
	EXPECT_NEAR((double)w[1], 1.125, 1e-5);
	free(a.m);
	free(a.v);
}

TEST(gradient_descent_with_and_without_momentum)
{
	real w[] = {1, -2, 3}, g[] = {2, 4, -8}, velocity[] = {0, 0, 1};
	sgd_step(3, w, NULL, g, 0.25, 0, 0, 1);
	EXPECT(w[0] == (real)0.5 && w[1] == -3 && w[2] == 5);
	sgd_step(3, w, velocity, g, 0.25, 0.5, 0, 0.5);
	EXPECT(velocity[2] == (real)-3.5 && w[2] == (real)5.875);
	sgd_step(1, w, NULL, g, 0.5, 0, 1, 0);
	EXPECT(w[0] == (real)0.125);
}

TEST(shards_add_up_in_order)
{
	real *shard[3], *total = reals(N);
	for (int s = 0; s < 3; s++)
		shard[s] = random_reals(N, (uint64_t)s);
	sum_shards(N, total, shard, 3);
	for (size_t i = 0; i < N; i++) {
		real first = shard[0][i] + shard[1][i];
		EXPECT(total[i] == first + shard[2][i]);
	}
	real *last = reals(N);
	memcpy(last, total, N * sizeof *last);
	sum_shards(N, shard[0], shard, 3);
	EXPECT(!memcmp(shard[0], last, N * sizeof *last));
	for (int s = 0; s < 3; s++)
		free(shard[s]);
	free(total);
	free(last);
}

TEST(norms_and_clipping)
{
	real *x = reals(N);
	x[0] = 3;
	x[N - 1] = -4;
	EXPECT(norm_of(N, x) == 5);
	EXPECT(clip_to(5, 1) == 0.2 && clip_to(0.5, 1) == 1 && clip_to(0, 1) == 1);
	x[7] = (real)INFINITY;
	EXPECT(clip_to(norm_of(N, x), 1) == 0);
	EXPECT(clip_to(NAN, 1) == 0);
	free(x);
}

TEST(rates_rise_and_fall)
{
	EXPECT(warmup_cosine(0, 4, 100, 0.1) == 0.25);
	EXPECT(warmup_cosine(3, 4, 100, 0.1) == 1);
	EXPECT(warmup_cosine(4, 4, 100, 0.1) == 1);
	EXPECT_NEAR(warmup_cosine(52, 4, 100, 0.1), 0.55, 1e-15);
	EXPECT(warmup_cosine(100, 4, 100, 0.1) == 0.1);
	EXPECT(warmup_cosine(0, 0, 0, 0.5) == 0.5);
}

/* --- Text --- */

TEST(bytes_are_numbered_in_order)
{
	struct text t = text_of("banana!", 7);
	EXPECT_INT(t.symbols, 4);
	EXPECT_INT(t.token_of['!'], 0);
	EXPECT_INT(t.token_of['a'], 1);
	EXPECT_INT(t.token_of['c'], -1);
	for (int i = 0; i < 7; i++)
		EXPECT_INT(t.byte[t.token[i]], "banana!"[i]);
	free(t.token);
}

TEST(drawn_windows_are_shifted_and_inside)
{
	char letters[100];
	for (int i = 0; i < 100; i++)
		letters[i] = (char)i;
	struct text t = text_of(letters, 100);
	weft_rng rng = weft_seed(1);
	int input[4 * 9], target[4 * 9], first = 100, last = 0;
	for (int round = 0; round < 300; round++) {
		text_draw(&t, 20, 60, 4, 9, &rng, input, target);
		for (int i = 0; i < 36; i++) {
			EXPECT_INT(target[i], input[i] + 1);
			EXPECT_INT(input[i] - input[i / 9 * 9], i % 9);
			first = input[i] < first ? input[i] : first;
			last = target[i] > last ? target[i] : last;
		}
	}
	EXPECT_INT(first, 20);
	EXPECT_INT(last, 59);
	free(t.token);
}

TEST(windows_follow_one_another_and_end)
{
	struct text t = text_of("abcdefghij", 10);
	int input[9], target[9];
	EXPECT_INT(text_windows(&t, 0, 10, 1, 3, 3, input, target), 2);
	EXPECT_INT(input[0], 3);
	EXPECT_INT(target[5], 9);
	EXPECT_INT(target[6], -1);
	EXPECT_INT(text_windows(&t, 0, 9, 2, 1, 3, input, target), 0);
	free(t.token);
}

/* --- Failures, in a child --- */

static char said[512];

/* What `f` says on stderr before it exits with status 2. */
static const char *complaint(void (*f)(void))
{
	fflush(NULL);
	pid_t child = fork();
	if (!child) {
		if (!freopen("said", "w", stderr))
			_exit(3);
		f();
		exit(0);
	}
	int status = 0;
	EXPECT(waitpid(child, &status, 0) == child);
	EXPECT(WIFEXITED(status));
	EXPECT_INT(WEXITSTATUS(status), 2);
	FILE *file = fopen("said", "r");
	said[file ? fread(said, 1, sizeof said - 1, file) : 0] = '\0';
	if (file)
		fclose(file);
	return said;
}

static void read_nothing(void)
{
	text_read("no such file");
}

static void draw_too_long(void)
{
	struct text t = text_of("abc", 3);
	weft_rng rng = weft_seed(1);
	int input[3], target[3];
	text_draw(&t, 0, 3, 1, 3, &rng, input, target);
}

TEST(texts_that_are_missing_or_short_are_refused)
{
	EXPECT_STR(complaint(read_nothing), "error: open 'no such file': No such file or directory\n");
	EXPECT_STR(complaint(draw_too_long),
	           "error: a window of 3 tokens and the next one does not fit tokens 0 to 3 of 3\n");
}

/* --- Checkpoints --- */

static real values[7] = {1, -2, (real)0.1, 0, (real)1e-30, 5, 6};
static struct tensor tensors[] = {{"embed", 2, 3, values}, {"gain", 1, 1, values + 6}};

TEST(checkpoints_come_back_bit_for_bit)
{
	real before[7];
	memcpy(before, values, sizeof before);
	checkpoint_write("saved", tensors, 2);
	memset(values, 0, sizeof values);
	checkpoint_read("saved", tensors, 2);
	EXPECT(!memcmp(before, values, sizeof before));
	EXPECT(access("saved.new", F_OK) != 0);
}

static void read_saved(void)
{
	checkpoint_read("saved", tensors, 2);
}

static void read_other_shape(void)
{
	struct tensor other[] = {{"embed", 3, 2, values}, tensors[1]};
	checkpoint_read("saved", other, 2);
}

static void read_fewer(void)
{
	checkpoint_read("saved", tensors, 1);
}

static void write_nowhere(void)
{
	checkpoint_write("no/such/place", tensors, 2);
}

/* The file with byte `at` replaced, or cut off there if `byte` < 0. */
static void spoil(long at, int byte)
{
	char bytes[512];
	checkpoint_write("saved", tensors, 2);
	FILE *f = fopen("saved", "r");
	size_t n = fread(bytes, 1, sizeof bytes, f);
	fclose(f);
	at = at < 0 ? (long)n + at : at;
	if (byte >= 0)
		bytes[at] = (char)byte;
	f = fopen("saved", "w");
	fwrite(bytes, 1, byte < 0 ? (size_t)at : n, f);
	fclose(f);
}

TEST(checkpoints_of_something_else_are_refused)
{
	checkpoint_write("saved", tensors, 2);
	EXPECT_STR(complaint(read_other_shape),
	           "error: checkpoint 'saved', line 3: wanted 'embed 3 2', found 'embed 2 3'\n");
	EXPECT(strstr(complaint(read_fewer), "line 2: wanted"));
	EXPECT_STR(complaint(write_nowhere),
	           "error: create 'no/such/place.new': No such file or directory\n");
}

TEST(damaged_checkpoints_are_refused)
{
	spoil(0, 7);
	EXPECT_STR(complaint(read_saved),
	           "error: checkpoint 'saved', line 1: wanted 'weft checkpoint 1', found ''\n");
	spoil(-10, 99);
	EXPECT_STR(complaint(read_saved),
	           "error: checkpoint 'saved' is damaged: its digest does not match\n");
	spoil(-1, 99);
	EXPECT(strstr(complaint(read_saved), "damaged"));
	spoil(-9, -1);
	EXPECT_STR(complaint(read_saved), "error: checkpoint 'saved' ends early\n");
	spoil(3, -1);
	EXPECT(strstr(complaint(read_saved), "line 1: wanted"));
}

static char scratch[] = P_tmpdir "/nn_training.XXXXXX";

static int enter(void **state)
{
	(void)state;
	return !mkdtemp(scratch) || chdir(scratch);
}

static int leave(void **state)
{
	(void)state;
	remove("saved");
	remove("said");
	return chdir("/") || rmdir(scratch);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(adam_follows_its_formulas),
		CASE(adam_s_first_step_is_the_rate),
		CASE(gradient_descent_with_and_without_momentum),
		CASE(shards_add_up_in_order),
		CASE(norms_and_clipping),
		CASE(rates_rise_and_fall),
		CASE(bytes_are_numbered_in_order),
		CASE(drawn_windows_are_shifted_and_inside),
		CASE(windows_follow_one_another_and_end),
		CASE(texts_that_are_missing_or_short_are_refused),
		CASE(checkpoints_come_back_bit_for_bit),
		CASE(checkpoints_of_something_else_are_refused),
		CASE(damaged_checkpoints_are_refused),
	};
	return cmocka_run_group_tests(tests, enter, leave);
}
