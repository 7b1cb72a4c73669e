/* Sines, singular values, Fourier transforms and CKA, on identities and against slower ways. */
#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "kernels/nn/cka.h"
#include "kernels/nn/dft.h"
#include "kernels/nn/elementary.h"
#include "kernels/nn/svd.h"

#include "tests/unit/test.h"
#include "tests/kernels/nn/near.h"

/* --- Elementary functions --- */

static double ulp(long double x)
{
	int e;
	frexpl(x, &e);
	return ldexp(1, e - 53);
}

TEST(sine_and_cosine_keep_their_bounds)
{
	weft_rng rng = weft_seed(1);
	for (int i = 0; i < 200000; i++) {
		double x = (weft_uniform(&rng) - 0.5) * ldexp(1, i % 22);
		EXPECT(fabsl(nn_sin(x) - sinl(x)) <= 0x1p-52L);
		EXPECT(fabsl(nn_cos(x) - cosl(x)) <= 0x1p-52L);
		double small = (weft_uniform(&rng) - 0.5) * 1.57;
		EXPECT(fabsl(nn_sin(small) - sinl(small)) <= (long double)ulp(sinl(small)));
		EXPECT(fabsl(nn_cos(small) - cosl(small)) <= (long double)ulp(cosl(small)));
	}
	EXPECT(nn_sin(0) == 0 && nn_cos(0) == 1);
	EXPECT(isnan(nn_sin(2e6)) && isnan(nn_cos(INFINITY)) && isnan(nn_cos(NAN)));
}

TEST(fractions_of_a_turn_keep_their_bound_and_symmetries)
{
	for (long n = 1; n < 200; n++)
		for (long k = -2 * n; k <= 2 * n; k++) {
			long double c = cosl(2 * acosl(-1) * (long double)k / (long double)n);
			long double error = fabsl(turn_cos(k, n) - c);
			EXPECT(error <= 2 * (long double)ulp(turn_cos(k, n)) + 0x1p-62L);
			EXPECT(turn_cos(k, n) == turn_cos(-k, n));
			EXPECT(turn_cos(k, n) == turn_cos(k + n, n));
			EXPECT(turn_sin(k, n) == -turn_sin(-k, n));
			EXPECT(turn_cos(2 * k + n, 2 * n) == -turn_cos(k, n));
		}
	EXPECT(turn_cos(1, 4) == 0 && turn_cos(1, 2) == -1 && turn_sin(1, 4) == 1);
	EXPECT(turn_cos(1, 8) == turn_sin(1, 8));
}

TEST(square_roots_are_ieee_s)
{
	weft_rng rng = weft_seed(2);
	for (int i = 0; i < 100000; i++) {
		double x = weft_uniform(&rng) * ldexp(1, i % 100);
		EXPECT(nn_sqrt(x) == sqrt(x));
	}
	EXPECT(isnan(nn_sqrt(-1)) && nn_sqrt(0) == 0);
}

/* --- Singular values --- */

static double *random_matrix(size_t n, uint64_t seed)
{
	weft_rng rng = weft_seed(seed);
	double *a = doubles(n);
	for (size_t i = 0; i < n; i++)
		a[i] = weft_normal(&rng);
	return a;
}

static void check_orthonormal(size_t n, size_t k, const double *u)
{
	for (size_t i = 0; i < k; i++)
		for (size_t j = 0; j < k; j++) {
			double sum = 0;
			for (size_t r = 0; r < n; r++)
				sum += u[r * k + i] * u[r * k + j];
			EXPECT_NEAR(sum, i == j, 1e-12);
		}
}

/* U and V orthonormal, s falling, U diag(s) V^T = A. */
static void check_svd(size_t rows, size_t cols, const double *a)
{
	struct svd d = svd_of(rows, cols, a);
	check_orthonormal(rows, d.k, d.u);
	check_orthonormal(cols, d.k, d.v);
	for (size_t i = 0; i < d.k; i++)
		EXPECT(d.s[i] >= 0 && (i == 0 || d.s[i] <= d.s[i - 1]));
	double *back = doubles(rows * cols);
	svd_truncated(&d, d.k, back);
	for (size_t i = 0; i < rows * cols; i++)
		EXPECT_NEAR(back[i], a[i], 1e-13 * (d.k ? d.s[0] : 0));
	free(back);
	svd_free(&d);
}

TEST(svd_takes_a_matrix_apart_and_together)
{
	const size_t shapes[][2] = {{1, 1}, {5, 5}, {40, 17}, {17, 40}, {64, 64}, {1, 9}, {9, 1}};
	for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++) {
		double *a = random_matrix(shapes[i][0] * shapes[i][1], i);
		check_svd(shapes[i][0], shapes[i][1], a);
		free(a);
	}
}

TEST(svd_completes_what_is_rank_deficient)
{
	double *a = random_matrix(30 * 20, 9);
	for (int i = 0; i < 30; i++)
		for (int j = 5; j < 20; j++)
			a[i * 20 + j] = j < 10 ? a[i * 20 + j - 5] : 0;
	check_svd(30, 20, a);
	check_svd(20, 30, a);
	double zeros[12] = {0};
	check_svd(4, 3, zeros);
	free(a);
}

TEST(svd_keeps_small_and_large_scales)
{
	double *a = random_matrix(12 * 8, 4);
	for (int i = 0; i < 12 * 8; i++)
		a[i] *= 1e200;
	check_svd(12, 8, a);
	for (int i = 0; i < 12 * 8; i++)
		a[i] *= 1e-300 * 1e-100;
	check_svd(12, 8, a);
	free(a);
}

TEST(singular_values_of_a_diagonal_are_its_entries)
{
	double a[16] = {0};
	a[0] = 3;
	a[5] = -7;
	a[10] = 0.5;
	a[15] = 1e-9;
	struct svd d = svd_of(4, 4, a);
	EXPECT(d.s[0] == 7 && d.s[1] == 3 && d.s[2] == 0.5);
	EXPECT_NEAR(d.s[3], 1e-9, 1e-24);
	EXPECT(d.v[1 * 4 + 0] == 1 && d.u[1 * 4 + 0] == -1);
	svd_free(&d);
}

/* Eckart and Young: the Frobenius error of rank r is the tail of the singular values. */
TEST(truncation_loses_the_tail)
{
	double *a = random_matrix(24 * 16, 5), *b = doubles(24 * 16);
	struct svd d = svd_of(24, 16, a);
	for (size_t rank = 0; rank <= 16; rank += 4) {
		double tail = 0, lost = 0;
		svd_truncated(&d, rank, b);
		for (size_t i = rank; i < 16; i++)
			tail += d.s[i] * d.s[i];
		for (size_t i = 0; i < 24 * 16; i++)
			lost += (a[i] - b[i]) * (a[i] - b[i]);
		EXPECT_NEAR(lost, tail, 1e-12 * (1 + tail));
	}
	svd_free(&d);
	free(a);
	free(b);
}

TEST(a_random_basis_projects)
{
	weft_rng rng = weft_seed(6);
	double basis[30 * 7], *x = random_matrix(30 * 3, 8), part[90], again[90];
	random_basis(30, 7, &rng, basis);
	check_orthonormal(30, 7, basis);
	project_onto(30, 7, basis, 3, x, part);
	project_onto(30, 7, basis, 3, part, again);
	for (int i = 0; i < 90; i++)
		EXPECT_NEAR(again[i], part[i], 1e-13);
	EXPECT_NEAR(weft_dot(part, x, 90), weft_dot(part, part, 90), 1e-12);
	EXPECT(weft_dot(part, part, 90) < weft_dot(x, x, 90));
	free(x);
}

/* --- Fourier transforms --- */

TEST(transforms_invert_and_keep_squares)
{
	for (size_t n = 1; n < 40; n++) {
		size_t d = 3, size = n * d;
		double *x = random_matrix(size, n), *re = doubles(size), *im = doubles(size);
		double *back = doubles(size), *power = doubles(n / 2 + 1);
		dft(n, d, re, im, x);
		dft_inverse(n, d, back, re, im);
		dft_power(n, d, power, x);
		for (size_t i = 0; i < size; i++)
			EXPECT_NEAR(back[i], x[i], 1e-13);
		EXPECT_NEAR(weft_sum(power, n / 2 + 1) / weft_dot(x, x, size), 1, 1e-13);
		free(x);
		free(re);
		free(im);
		free(back);
		free(power);
	}
}

TEST(a_wave_has_one_frequency)
{
	enum { N = 59, K = 7 };
	double x[N], re[N], im[N];
	for (int t = 0; t < N; t++)
		x[t] = turn_cos(K * t, N) + 2 * turn_sin(K * t, N);
	dft(N, 1, re, im, x);
	for (int k = 0; k < N; k++) {
		EXPECT_NEAR(re[k], k == K || k == N - K ? N / 2.0 : 0, 1e-12);
		EXPECT_NEAR(im[k], k == K ? -N : k == N - K ? N : 0, 1e-12);
	}
}

TEST(logarithms_turn_products_into_sums)
{
	const int primes[] = {2, 3, 5, 59, 97, 113};
	for (int i = 0; i < 6; i++) {
		int p = primes[i], logs[113];
		discrete_logs(p, logs);
		for (int a = 1; a < p; a++)
			for (int b = 1; b < p; b++)
				EXPECT_INT(logs[a * b % p], (logs[a] + logs[b]) % (p - 1));
	}
	EXPECT_INT(primitive_root(59), 2);
	EXPECT_INT(primitive_root(41), 6);
}

/* --- CKA --- */

enum { N = 60, P = 9, Q = 14 };

static real *random_reals(size_t n, uint64_t seed)
{
	weft_rng rng = weft_seed(seed);
	real *x = reals(n);
	for (size_t i = 0; i < n; i++)
		x[i] = (real)weft_normal(&rng);
	return x;
}

/* Song's estimator as it is written, on whole kernels. */
static double song(const real *x, size_t p, const real *y, size_t q)
{
	static double K[N][N], L[N][N];
	double trace = 0, all_k = 0, all_l = 0, through = 0;
	for (size_t i = 0; i < N; i++)
		for (size_t j = 0; j < N; j++) {
			K[i][j] = L[i][j] = 0;
			for (size_t a = 0; a < p && i != j; a++)
				K[i][j] += (double)x[i * p + a] * (double)x[j * p + a];
			for (size_t a = 0; a < q && i != j; a++)
				L[i][j] += (double)y[i * q + a] * (double)y[j * q + a];
		}
	for (size_t i = 0; i < N; i++)
		for (size_t j = 0; j < N; j++) {
			trace += K[i][j] * L[j][i];
			all_k += K[i][j];
			all_l += L[i][j];
			for (size_t k = 0; k < N; k++)
				through += K[i][j] * L[j][k];
		}
	return (trace + all_k * all_l / ((N - 1.0) * (N - 2.0)) - 2 / (N - 2.0) * through) /
	       (N * (N - 3.0));
}

TEST(debiased_cka_is_song_s_estimator)
{
	real *x = random_reals(N * P, 1), *y = random_reals(N * Q, 2);
	for (size_t i = 0; i < N * Q; i++)
		y[i] += x[i % (N * P)] + 5;     /* neither independent nor centred */
	double want = song(x, P, y, Q) / sqrt(song(x, P, x, P) * song(y, Q, y, Q));
	EXPECT_NEAR(cka_debiased(N, P, x, Q, y), want, 1e-10);   /* which cancels more than ours */
	free(x);
	free(y);
}

TEST(cka_ignores_rotation_scale_and_offset)
{
	real *x = random_reals(N * P, 3), *y = reals(N * P);
	double basis[P * P];
	weft_rng rng = weft_seed(4);
	random_basis(P, P, &rng, basis);
	for (size_t i = 0; i < N; i++)
		for (size_t j = 0; j < P; j++) {
			double sum = 1;
			for (size_t k = 0; k < P; k++)
				sum += 3 * (double)x[i * P + k] * basis[k * P + j];
			y[i * P + j] = (real)sum;
		}
	EXPECT_NEAR(cka(N, P, x, P, x), 1, 1e-13);
	EXPECT_NEAR(cka_debiased(N, P, x, P, x), 1, 1e-13);
	EXPECT_NEAR(cka(N, P, x, P, y), 1, 1e-6);
	EXPECT_NEAR(cka_debiased(N, P, x, P, y), 1, 1e-6);
	free(x);
	free(y);
}

/* With as many features as examples noise looks alike to the one and not to the other. */
TEST(only_the_debiased_sees_that_noise_is_noise)
{
	double biased = 0, debiased = 0;
	for (uint64_t seed = 0; seed < 20; seed++) {
		real *x = random_reals(N * N, 100 + seed), *y = random_reals(N * N, 200 + seed);
		biased += cka(N, N, x, N, y) / 20;
		debiased += cka_debiased(N, N, x, N, y) / 20;
		free(x);
		free(y);
	}
	EXPECT(biased > 0.4);
	EXPECT_NEAR(debiased, 0, 0.02);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(sine_and_cosine_keep_their_bounds),
		CASE(fractions_of_a_turn_keep_their_bound_and_symmetries),
		CASE(square_roots_are_ieee_s),
		CASE(svd_takes_a_matrix_apart_and_together),
		CASE(svd_completes_what_is_rank_deficient),
		CASE(svd_keeps_small_and_large_scales),
		CASE(singular_values_of_a_diagonal_are_its_entries),
		CASE(truncation_loses_the_tail),
		CASE(a_random_basis_projects),
		CASE(transforms_invert_and_keep_squares),
		CASE(a_wave_has_one_frequency),
		CASE(logarithms_turn_products_into_sums),
		CASE(debiased_cka_is_song_s_estimator),
		CASE(cka_ignores_rotation_scale_and_offset),
		CASE(only_the_debiased_sees_that_noise_is_noise),
	};
	return RUN(tests);
}
