/* Device maths against long double: errors in ulp stay below what math.h states, special values
 * are C's, and a digest of all results tells whether two builds agree bit for bit.
 *
 *   math_test [samples]      prints the worst error of each function, and the digest */
#include "../../../runtime/simt/include/simt/math.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int failures;
static uint64_t digest = 1469598103934665603u, state = 88172645463325252u;

static uint64_t next_random(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	return state ^= state << 17;
}

/* (u + offset) * 2^k with u in [0, 1) and k one of `spread` from `lowest`. */
static double random_scaled(double offset, unsigned spread, int lowest)
{
	double u = (double)(next_random() >> 11) * 0x1p-53;
	int k = (int)(next_random() % spread) + lowest;
	return ldexp(u + offset, k);
}

static void mix(const void *p, size_t n)
{
	const unsigned char *c = p;
	for (size_t i = 0; i < n; i++)
		digest = (digest ^ c[i]) * 1099511628211u;
}

/* |y - want| in units of the last place near want, for a format with so many digits and lowest
 * exponent. */
static double error_in_ulp(long double y, long double want, int digits, int lowest)
{
	if (isnan(want) || isnan(y))
		return isnan(want) && isnan(y) ? 0 : INFINITY;
	long double largest = ldexpl(1 - ldexpl(1, -digits), digits == 24 ? 128 : 1024);
	if (fabsl(want) > largest)
		want = copysignl(INFINITY, want);
	if (isinf(want) || isinf(y))
		return want == y || fabsl(fabsl(want) + fabsl(y)) > largest * 2 ? want != y : 0;
	if (want == 0)
		return y == 0 ? 0 : INFINITY;
	int e;
	frexpl(want, &e);
	if (e < lowest)
		e = lowest;
	return (double)(fabsl(y - want) / ldexpl(1, e - digits));
}

static long double ref_rsqrt(long double x)
{
	return 1 / sqrtl(x);
}
static long double ref_exp10(long double x)
{
	return powl(10, x);
}
static long double ref_sinpi(long double x)
{
	x = fmodl(x, 2);
	return x == floorl(x) ? 0 : sinl(x * 3.14159265358979323846264338327950288L);
}
static long double ref_cospi(long double x)
{
	x = fabsl(fmodl(x, 2));
	return x == 0.5L || x == 1.5L ? 0 : cosl(x * 3.14159265358979323846264338327950288L);
}
static long double ref_normcdf(long double x)
{
	return 0.5L * erfcl(-x * 0.70710678118654752440084436210484904L);
}

static const struct float_row {
	const char *name;
	float (*fn)(float);
	long double (*ref)(long double);
	float low, high;        /* of the dense samples; all floats are sampled as well */
	double limit;
} floats[] = {
	{"expf", simt_expf, expl, -104, 89, 0.501},
	{"exp2f", simt_exp2f, exp2l, -150, 128, 0.501},
	{"exp10f", simt_exp10f, ref_exp10, -45, 39, 0.501},
	{"expm1f", simt_expm1f, expm1l, -20, 89, 0.501},
	{"logf", simt_logf, logl, 0, 4, 0.501},
	{"log2f", simt_log2f, log2l, 0, 4, 0.501},
	{"log10f", simt_log10f, log10l, 0, 4, 0.501},
	{"log1pf", simt_log1pf, log1pl, -1, 4, 0.501},
	{"sinf", simt_sinf, sinl, -20, 20, 0.501},
	{"cosf", simt_cosf, cosl, -20, 20, 0.501},
	{"tanf", simt_tanf, tanl, -20, 20, 0.501},
	{"sinpif", simt_sinpif, ref_sinpi, -4, 4, 0.501},
	{"cospif", simt_cospif, ref_cospi, -4, 4, 0.501},
	{"asinf", simt_asinf, asinl, -1, 1, 0.501},
	{"acosf", simt_acosf, acosl, -1, 1, 0.501},
	{"atanf", simt_atanf, atanl, -8, 8, 0.501},
	{"sinhf", simt_sinhf, sinhl, -90, 90, 0.501},
	{"coshf", simt_coshf, coshl, -90, 90, 0.501},
	{"tanhf", simt_tanhf, tanhl, -10, 10, 0.501},
	{"erff", simt_erff, erfl, -4, 4, 0.501},
	{"erfcf", simt_erfcf, erfcl, -4, 11, 0.501},
	{"normcdff", simt_normcdff, ref_normcdf, -14, 6, 0.501},
	{"cbrtf", simt_cbrtf, cbrtl, -8, 8, 0.501},
	{"rsqrtf", simt_rsqrtf, ref_rsqrt, 0, 4, 0.501},
};

static const struct double_row {
	const char *name;
	double (*fn)(double);
	long double (*ref)(long double);
	double low, high, limit;
} doubles[] = {
	{"exp", simt_exp, expl, -746, 710, 1},
	{"exp2", simt_exp2, exp2l, -1075, 1024, 1},
	{"exp10", simt_exp10, ref_exp10, -324, 309, 1},
	{"log", simt_log, logl, 0, 4, 1},
	{"log2", simt_log2, log2l, 0, 4, 1},
	{"log10", simt_log10, log10l, 0, 4, 1},
	{"sin", simt_sin, sinl, -1e5, 1e5, 1},
	{"cos", simt_cos, cosl, -1e5, 1e5, 1},
	{"tan", simt_tan, tanl, -20, 20, 3},
	{"tanh", simt_tanh, tanhl, -20, 20, 3},
	{"rsqrt", simt_rsqrt, ref_rsqrt, 0, 4, 1.5},
};

static void tell(const char *name, double worst, double at, double limit)
{
	bool good = worst <= limit;
	printf("%-9s %.4f ulp%s", name, worst, good ? "\n" : "");
	if (!good)
		printf(" at %a, should be below %g\n", at, limit);
	failures += !good;
}

static void test_float(const struct float_row *f, long samples)
{
	double worst = 0, at = 0;
	for (long i = 0; i < samples; i++) {
		float x;
		uint32_t bits = (uint32_t)(next_random() >> 32);
		memcpy(&x, &bits, sizeof x);
		if (i % 2)
			x = f->low + (f->high - f->low) * (float)(bits >> 8) / 16777216.0f;
		float y = f->fn(x);
		mix(&y, isnan(y) ? 0 : sizeof y);
		/* a long double's own reduction is good to 2^63 only */
		if (fabsf(x) > 0x1p60f && (f->fn == simt_sinf || f->fn == simt_cosf ||
					   f->fn == simt_tanf))
			continue;
		double e = error_in_ulp(y, f->ref(x), 24, -125);
		if (e > worst || isnan(e)) {
			worst = e;
			at = x;
		}
	}
	tell(f->name, worst, at, f->limit);
}

static void test_double(const struct double_row *f, long samples)
{
	double worst = 0, at = 0;
	for (long i = 0; i < samples; i++) {
		double u = (double)(next_random() >> 11) * 0x1p-53;
		double x = f->low + (f->high - f->low) * u;
		if (i % 4 == 0)
			x = ldexp(u + 1, (int)(next_random() % 60) - 30) * (f->low < 0 && i % 8 ? -1 : 1);
		double y = f->fn(x);
		mix(&y, isnan(y) ? 0 : sizeof y);
		double e = error_in_ulp(y, f->ref(x), 53, -1021);
		if (e > worst || isnan(e)) {
			worst = e;
			at = x;
		}
	}
	tell(f->name, worst, at, f->limit);
}

static void test_pow(long samples)
{
	double worst = 0, worst_float = 0, at = 0, at_float = 0;
	for (long i = 0; i < samples; i++) {
		double x = random_scaled(1, 40, -20), y = random_scaled(-0.5, 10, 0);
		double r = simt_pow(x, y), e = error_in_ulp(r, powl(x, y), 53, -1021);
		float fx = (float)x, fy = (float)y, fr = simt_powf(fx, fy);
		double fe = error_in_ulp(fr, powl(fx, fy), 24, -125);
		mix(&r, sizeof r);
		mix(&fr, sizeof fr);
		if (e > worst) {
			worst = e;
			at = x;
		}
		if (fe > worst_float) {
			worst_float = fe;
			at_float = fx;
		}
	}
	tell("pow", worst, at, 1);
	tell("powf", worst_float, at_float, 0.501);
}

static void test_two_arguments(long samples)
{
	double worst[2] = {0, 0};
	for (long i = 0; i < samples; i++) {
		float x = (float)random_scaled(-0.5, 60, -30), y = (float)random_scaled(-0.5, 60, -30);
		float a = simt_atan2f(y, x), h = simt_hypotf(x, y);
		double e[2] = {error_in_ulp(a, atan2l(y, x), 24, -125),
			       error_in_ulp(h, hypotl(x, y), 24, -125)};
		mix(&a, sizeof a);
		mix(&h, sizeof h);
		for (int k = 0; k < 2; k++)
			if (e[k] > worst[k])
				worst[k] = e[k];
	}
	tell("atan2f", worst[0], 0, 0.501);
	tell("hypotf", worst[1], 0, 0.501);
}

/* Arguments that have an answer of their own: the same as C's, up to the sign of a NaN. */
static void test_special(void)
{
	static const double values[] = {0.0, -0.0, 1, -1, 2, -2, 0.5, -0.5, 3, -3, 1e300, -1e300,
					5e-324, -5e-324, 1e-310, INFINITY, -INFINITY, NAN};
	enum { N = sizeof values / sizeof *values };
	int bad = 0;
	for (int i = 0; i < N; i++) {
		double x = values[i];
		for (size_t k = 0; k < sizeof doubles / sizeof *doubles; k++) {
			double y = doubles[k].fn(x);
			long double want = doubles[k].ref(x);
			bool same = error_in_ulp(y, want, 53, -1021) <= doubles[k].limit;
			if (fabs(x) == 1e300 && (k == 6 || k == 7 || k == 8))
				same = fabs(y) <= 1 || k == 8;  /* beyond a long double's reduction */
			if (!same) {
				printf("%s(%g) is %a, should be %La\n", doubles[k].name, x, y, want);
				bad++;
			}
		}
		for (int j = 0; j < N; j++) {
			double y = simt_pow(x, values[j]), want = pow(x, values[j]);
			if (!(y == want || (isnan(y) && isnan(want)) ||
			      error_in_ulp(y, want, 53, -1021) <= 1) ||
			    (y == 0 && signbit(y) != signbit(want))) {
				printf("pow(%g, %g) is %a, should be %a\n", x, values[j], y, want);
				bad++;
			}
		}
	}
	if (simt_fmaxf(-0.0f, 0.0f) != 0 || signbit(simt_fmaxf(-0.0f, 0.0f)) ||
	    !signbit(simt_fminf(0.0f, -0.0f)) || simt_fmaxf(NAN, 2) != 2 || simt_fminf(3, NAN) != 3 ||
	    !isnan(simt_fmaxf(NAN, NAN)) || simt_fmax(1, 2) != 2 || simt_fmin(1, 2) != 1) {
		printf("fmax or fmin\n");
		bad++;
	}
	failures += bad;
}

int main(int argc, char **argv)
{
	long samples = argc > 1 ? atol(argv[1]) : 100000;
	for (size_t i = 0; i < sizeof floats / sizeof *floats; i++)
		test_float(&floats[i], samples);
	for (size_t i = 0; i < sizeof doubles / sizeof *doubles; i++)
		test_double(&doubles[i], samples);
	test_pow(samples / 20);
	test_two_arguments(samples);
	test_special();
	printf("%d failures, bits %016llx\n", failures, (unsigned long long)digest);
	return failures != 0;
}
