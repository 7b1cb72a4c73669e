#include "elementary.h"

#ifdef __x86_64__
#include <emmintrin.h>
#endif

#include "weft.h"

double nn_sqrt(double x)
{
#ifdef __x86_64__
	return _mm_cvtsd_f64(_mm_sqrt_sd(_mm_setzero_pd(), _mm_set_sd(x)));
#else
	return __builtin_sqrt(x);
#endif
}

/* Taylor series to x^17, for |x| <= pi/4: the remainder is below 2^-62 of x. */
static double sin_near_0(double x)
{
	double q = x * x;
	double series = 1 / 120.0 - q * (1 / 5040.0 - q * (1 / 362880.0 - q * (1 / 39916800.0 -
	                q * (1 / 6227020800.0 - q * (1 / 1307674368000.0 -
	                q * (1 / 355687428096000.0))))));
	return x - x * q * (1 / 6.0 - q * series);
}

/* Taylor series to x^16; what 1 - x^2/2 loses in rounding is put back. */
static double cos_near_0(double x)
{
	double q = x * x;
	double series = 1 / 24.0 - q * (1 / 720.0 - q * (1 / 40320.0 - q * (1 / 3628800.0 -
	                q * (1 / 479001600.0 - q * (1 / 87178291200.0 -
	                q * (1 / 20922789888000.0))))));
	double half = 0.5 * q;
	double lead = 1 - half;
	double lost = (1 - lead) - half;
	return lead + (lost + q * q * series);
}

/* x = quarters * pi/2 + the value returned. pi/2 is in three parts, the first two of 32 bits, so
 * that their products with up to 2^20 quarters are exact. */
static double reduce(double x, long *quarters)
{
	double k = (double)(long)(x * 0.6366197723675814 + (x < 0 ? -0.5 : 0.5));
	*quarters = (long)k;
	return ((x - k * 0x1.921fb544p+0) - k * 0x1.0b4611a6p-34) - k * 0x1.3198a2e037073p-69;
}

static double nan_of_angle(void)
{
	return weft_log(-1);
}

double nn_sin(double x)
{
	if (!(x >= -1048576 && x <= 1048576))
		return nan_of_angle();
	long quarters;
	double r = reduce(x, &quarters);
	double magnitude = quarters & 1 ? cos_near_0(r) : sin_near_0(r);
	return quarters & 2 ? -magnitude : magnitude;
}

double nn_cos(double x)
{
	if (!(x >= -1048576 && x <= 1048576))
		return nan_of_angle();
	long quarters;
	double r = reduce(x, &quarters);
	double magnitude = quarters & 1 ? sin_near_0(r) : cos_near_0(r);
	return (quarters + 1) & 2 ? -magnitude : magnitude;
}

double turn_cos(long k, long n)
{
	const double pi = 3.141592653589793;
	long a = k % n * 2;             /* the angle is a / (2n) of a turn */
	if (a < 0)
		a = -a;
	if (a > n)
		a = 2 * n - a;
	double sign = 1;
	if (2 * a > n) {
		a = n - a;
		sign = -1;
	}
	if (4 * a <= n)
		return sign * cos_near_0(pi * ((double)a / (double)n));
	return sign * sin_near_0(pi * ((double)(n - 2 * a) / (double)(2 * n)));
}

double turn_sin(long k, long n)
{
	return turn_cos(n - 4 * (k % n), 4 * n);
}
