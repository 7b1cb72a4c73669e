#include "cka.h"

#include <assert.h>
#include <stdlib.h>

#include "elementary.h"
#include "svd.h"

/* Columns less their means. */
static double *centred(size_t n, size_t d, const real *x)
{
	double *c = doubles_of(n * d, x), *mean = doubles(d);
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < d; j++)
			mean[j] += c[i * d + j];
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < d; j++)
			c[i * d + j] -= mean[j] / (double)n;
	free(mean);
	return c;
}

/* |Y^T X|^2: the sum over i, j of (x_i . x_j) (y_i . y_j). */
static double overlap(size_t n, size_t p, const double *x, size_t q, const double *y)
{
	double *cross = doubles(q * p);
	for (size_t i = 0; i < n; i++)
		for (size_t a = 0; a < q; a++)
			for (size_t b = 0; b < p; b++)
				cross[a * p + b] += y[i * q + a] * x[i * p + b];
	double sum = weft_dot(cross, cross, q * p);
	free(cross);
	return sum;
}

/* The unbiased estimate of HSIC times n (n - 3), for kernels K, L = x x^T, y y^T without their
 * diagonals:
 *
 *     tr(K L) + 1'K1 1'L1 / ((n-1) (n-2)) - 2/(n-2) 1'K L1
 *
 * Columns are centred, so the sum of row i of K is -K[i,i]. The estimate does not change by
 * centring: it cancels what depends on i alone or j alone. */
static double unbiased(size_t n, size_t p, const double *x, size_t q, const double *y)
{
	double diagonals = 0, all_x = 0, all_y = 0;
	for (size_t i = 0; i < n; i++) {
		double xx = weft_dot(x + i * p, x + i * p, p);
		double yy = weft_dot(y + i * q, y + i * q, q);
		diagonals += xx * yy;
		all_x -= xx;
		all_y -= yy;
	}
	double m = (double)n;
	return overlap(n, p, x, q, y) - diagonals + all_x * all_y / ((m - 1) * (m - 2)) -
	       2 / (m - 2) * diagonals;
}

typedef double estimate(size_t n, size_t p, const double *x, size_t q, const double *y);

static double ratio(estimate *hsic, size_t n, size_t p, const real *x, size_t q, const real *y)
{
	double *a = centred(n, p, x), *b = centred(n, q, y);
	double both = hsic(n, p, a, q, b);
	double of_x = hsic(n, p, a, p, a), of_y = hsic(n, q, b, q, b);
	free(a);
	free(b);
	return both / (nn_sqrt(of_x) * nn_sqrt(of_y));
}

double cka(size_t n, size_t p, const real *x, size_t q, const real *y)
{
	assert(n >= 2);
	return ratio(overlap, n, p, x, q, y);
}

double cka_debiased(size_t n, size_t p, const real *x, size_t q, const real *y)
{
	assert(n >= 4);
	return ratio(unbiased, n, p, x, q, y);
}
