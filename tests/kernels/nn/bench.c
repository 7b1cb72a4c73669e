/* gemm() beside itself with fused products and beside OpenBLAS, in one process, in short rounds and
 * turn by turn, so that other work on the machine meets all three.
 *
 * A line for each shape: what each does in GFLOP/s in its best round, then in its median one. One
 * thread is timed by the processor time it gets, several by the clock on the wall: there the best
 * round is the one that other work disturbed least. Parameters threads= and simd= as nn_setup() takes
 * them. With -DNO_BLAS OpenBLAS is left out. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "weft.h"

#ifndef NO_BLAS
#include <cblas.h>
#endif

#include "kernels/nn/gemm.h"
#include "kernels/nn/threads.h"

/* gemm() of gemm.c compiled with -DNN_FUSED -ffp-contract=fast, under another name. */
void gemm_fused(size_t M, size_t N, size_t K, real *C, size_t stride, Matrix A, Matrix B,
                enum product how);

struct shape {
	const char *name;       /* N: as it lies, T: transposed; A, then B */
	size_t M, N, K;
};

static const struct shape shapes[] = {
	{"NN", 512, 64, 64}, {"NN", 512, 256, 64}, {"NT", 512, 64, 256}, {"TN", 64, 256, 512},
	{"NN", 512, 82, 64}, {"NT", 128, 128, 16}, {"NN", 128, 16, 128}, {"NN", 1392, 256, 64},
	{"NN", 384, 384, 384}, {"NT", 512, 512, 512}, {"TN", 512, 512, 512}, {"NN", 1024, 1024, 1024},
};
#define SHAPES (sizeof shapes / sizeof shapes[0])

enum { OURS, FUSED, BLAS, CONTENDERS, TURNS = 3, ROUNDS = 60 };

struct problem {
	const struct shape *s;
	real *a, *b, *c;
};

static void run(const struct problem *p, int who)
{
	size_t M = p->s->M, N = p->s->N, K = p->s->K;
	bool ta = p->s->name[0] == 'T', tb = p->s->name[1] == 'T';
	Matrix A = ta ? transposed(matrix(p->a, M)) : matrix(p->a, K);
	Matrix B = tb ? transposed(matrix(p->b, K)) : matrix(p->b, N);
	if (who == OURS)
		gemm(M, N, K, p->c, N, A, B, OVERWRITE);
	else if (who == FUSED)
		gemm_fused(M, N, K, p->c, N, A, B, OVERWRITE);
#ifndef NO_BLAS
	else
		cblas_sgemm(CblasRowMajor, ta ? CblasTrans : CblasNoTrans,
		            tb ? CblasTrans : CblasNoTrans, (int)M, (int)N, (int)K, 1, p->a,
		            (int)(ta ? M : K), p->b, (int)(tb ? K : N), 0, p->c, (int)N);
#endif
}

static double now_s(void)
{
	struct timespec now;
	clock_gettime(thread_count() == 1 ? CLOCK_PROCESS_CPUTIME_ID : CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* Seconds a product, over as many as take about a millisecond. */
static double seconds(const struct problem *p, int who, long times)
{
	double start = now_s();
	for (long i = 0; i < times; i++)
		run(p, who);
	return (now_s() - start) / (double)times;
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

/* OpenBLAS's threads stay awake for a while after a product, on the processors of whoever is next. */
static void settle(void)
{
	const struct timespec nap = {0, 50000000};
	if (thread_count() > 1)
		nanosleep(&nap, NULL);
}

static void measure(const struct problem *p, int contenders)
{
	double flops = 2.0 * (double)p->s->M * (double)p->s->N * (double)p->s->K;
	long times = (long)(1e8 / flops) + 1;
	double rate[CONTENDERS][ROUNDS];
	for (int turn = 0; turn < TURNS; turn++)
		for (int who = 0; who < contenders; who++) {
			settle();
			seconds(p, who, times);
			for (int i = turn; i < ROUNDS; i += TURNS)
				rate[who][i] = flops / seconds(p, who, times) / 1e9;
		}
	for (int who = 0; who < contenders; who++)
		qsort(rate[who], ROUNDS, sizeof rate[who][0], by_size);
	printf("%s %zu %zu %zu", p->s->name, p->s->M, p->s->N, p->s->K);
	for (int who = 0; who < CONTENDERS; who++)
		printf(" %.1f", who < contenders ? rate[who][ROUNDS - 1] : 0);
	for (int who = 0; who < CONTENDERS; who++)
		printf(" %.1f", who < contenders ? rate[who][ROUNDS / 2] : 0);
	putchar('\n');
}

/* A processor that was idle takes a moment to reach its speed. */
static void warm_up(const struct problem *p)
{
	for (double end = weft_now() + 0.3; weft_now() < end; )
		run(p, OURS);
}

static real *normal(size_t n)
{
	weft_rng rng = weft_seed(n);
	real *x = reals(n);
	for (size_t i = 0; i < n; i++)
		x[i] = (real)weft_normal(&rng);
	return x;
}

int main(int argc, char **argv)
{
	nn_setup(argc, argv);
#ifdef NO_BLAS
	const int contenders = BLAS;
	printf("# %s %d threads\n", gemm_used(), thread_count());
#else
	const int contenders = CONTENDERS;
	openblas_set_num_threads(thread_count());
	printf("# %s %d threads; OpenBLAS's %s kernels\n", gemm_used(), thread_count(),
	       openblas_get_corename());
#endif
	for (size_t i = 0; i < SHAPES; i++) {
		const struct shape *s = &shapes[i];
		struct problem p = {s, normal(s->M * s->K), normal(s->K * s->N), reals(s->M * s->N)};
		if (i == 0)
			warm_up(&p);
		measure(&p, contenders);
		free(p.a);
		free(p.b);
		free(p.c);
	}
}
