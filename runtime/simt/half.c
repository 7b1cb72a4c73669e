/* Arithmetic of 16-bit formats; include/simt/half.h says why float is wide enough, and where
 * double is needed. */
#include "include/simt/half.h"

#include <stdbool.h>
#include <string.h>

#define OPERATION(name, expression)                                                               \
	uint16_t simt_half_##name(uint16_t x, uint16_t y)                                         \
	{                                                                                         \
		float a = simt_half_to_float(x), b = simt_half_to_float(y);                       \
		return simt_float_to_half(expression);                                            \
	}                                                                                         \
	uint16_t simt_half_bf_##name(uint16_t x, uint16_t y)                                      \
	{                                                                                         \
		float a = simt_bf_to_float(x), b = simt_bf_to_float(y);                           \
		return simt_float_to_bf(expression);                                              \
	}
OPERATION(add, a + b)
OPERATION(sub, a - b)
OPERATION(mul, a * b)
OPERATION(div, a / b)

uint16_t simt_half_sqrt(uint16_t x)
{
	return simt_float_to_half(__builtin_sqrtf(simt_half_to_float(x)));
}

uint16_t simt_half_bf_sqrt(uint16_t x)
{
	return simt_float_to_bf(__builtin_sqrtf(simt_bf_to_float(x)));
}

/* `x` nudged so that rounding it again, to fewer digits, knows on which side of it the exact
 * value `x + error` lies: an inexact x gets an odd last digit. */
static double make_odd(double x, double error)
{
	uint64_t u;
	memcpy(&u, &x, sizeof u);
	if (error == 0 || u & 1 || x - x != 0)
		return x;
	bool away = (error > 0) == (x > 0);
	u = away ? u | 1 : u - 1;
	memcpy(&x, &u, sizeof u);
	return x;
}

/* A double to a float with an odd last digit where anything is lost: safe to round once more. */
static float narrow(double x)
{
	float f = (float)x;
	double back = f;
	if (back == x || x - x != 0)
		return f;
	uint32_t u = simt_float_bits(f);
	bool too_far = (back > x) == (x > 0);
	if (f - f != 0)
		return f;
	if (too_far)
		u--;            /* towards zero, and then odd */
	return simt_bits_float(u | 1);
}

/* a * b is exact in double for both formats; the sum with c has an error TwoSum finds. */
static double fused(double a, double b, double c)
{
	double p = a * b, s = p + c, back = s - p;
	double error = (p - (s - back)) + (c - back);
	return make_odd(s, error);
}

uint16_t simt_half_fma(uint16_t x, uint16_t y, uint16_t z)
{
	return simt_float_to_half(narrow(fused(simt_half_to_float(x), simt_half_to_float(y),
					       simt_half_to_float(z))));
}

uint16_t simt_half_bf_fma(uint16_t x, uint16_t y, uint16_t z)
{
	return simt_float_to_bf(
		narrow(fused(simt_bf_to_float(x), simt_bf_to_float(y), simt_bf_to_float(z))));
}

uint16_t simt_half_from_double(double d)
{
	return simt_float_to_half(narrow(d));
}

uint16_t simt_half_bf_from_double(double d)
{
	return simt_float_to_bf(narrow(d));
}
