#include "dft.h"

#include <stdlib.h>
#include <string.h>

#include "elementary.h"
#include "svd.h"

/* cos and sin of every multiple of 1/n of a turn: (2, n). */
static double *turns(size_t n)
{
	double *table = doubles(2 * n);
	for (size_t k = 0; k < n; k++) {
		table[k] = turn_cos((long)k, (long)n);
		table[n + k] = turn_sin((long)k, (long)n);
	}
	return table;
}

void dft(size_t n, size_t d, double *re, double *im, const double *x)
{
	double *cosine = turns(n), *sine = cosine + n;
	memset(re, 0, n * d * sizeof *re);
	memset(im, 0, n * d * sizeof *im);
	for (size_t k = 0; k < n; k++)
		for (size_t t = 0; t < n; t++) {
			size_t angle = k * t % n;
			for (size_t j = 0; j < d; j++) {
				re[k * d + j] += x[t * d + j] * cosine[angle];
				im[k * d + j] -= x[t * d + j] * sine[angle];
			}
		}
	free(cosine);
}

/* How many of k and n-k there are. */
static double both(size_t k, size_t n)
{
	return k == 0 || 2 * k == n ? 1 : 2;
}

void dft_inverse(size_t n, size_t d, double *x, const double *re, const double *im)
{
	double *cosine = turns(n), *sine = cosine + n;
	memset(x, 0, n * d * sizeof *x);
	for (size_t t = 0; t < n; t++)
		for (size_t k = 0; k <= n / 2; k++) {
			size_t angle = k * t % n;
			double c = both(k, n) / (double)n * cosine[angle];
			double s = both(k, n) / (double)n * sine[angle];
			for (size_t j = 0; j < d; j++)
				x[t * d + j] += c * re[k * d + j] - s * im[k * d + j];
		}
	free(cosine);
}

void dft_power(size_t n, size_t d, double *power, const double *x)
{
	double *re = doubles(n * d), *im = doubles(n * d);
	dft(n, d, re, im, x);
	for (size_t k = 0; k <= n / 2; k++) {
		const double *a = re + k * d, *b = im + k * d;
		double sum = weft_dot(a, a, d) + weft_dot(b, b, d);
		power[k] = both(k, n) / (double)n * sum;
	}
	free(re);
	free(im);
}

static int is_prime(int p)
{
	if (p < 2)
		return 0;
	for (int q = 2; q * q <= p; q++)
		if (p % q == 0)
			return 0;
	return 1;
}

/* The least k > 0 with g^k = 1. */
static int order_of(int g, int p)
{
	int k = 1;
	for (int x = g; x != 1; x = x * g % p)
		k++;
	return k;
}

int primitive_root(int p)
{
	if (p >= 1 << 15 || !is_prime(p))
		nn_quit("a primitive root is wanted of a prime below 32768, found %d", p);
	int g = 1;
	while (order_of(g, p) != p - 1)
		g++;
	return g;
}

void discrete_logs(int p, int *logs)
{
	int g = primitive_root(p);
	logs[0] = -1;
	for (int k = 0, x = 1; k < p - 1; k++, x = x * g % p)
		logs[x] = k;
}
