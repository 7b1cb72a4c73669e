/* 16-bit floating point: what half and __nv_bfloat16 share.
 *
 * A value is kept as its 16 bits. Every operation rounds once, to nearest, ties to even, as the
 * hardware's do: sums, differences, products, quotients and square roots of such numbers are
 * computed in float, whose 24 digits are more than twice 11 and two, so that rounding again to 11
 * or 8 digits gives what one rounding would. A fused multiply-add is computed in double with the
 * rounding error made sticky. NaN comes out as 0x7fff. */
#ifndef SIMT_HALF_H
#define SIMT_HALF_H

#include "core.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Operations on the bits. Functions of the runtime, so that counters can tell them from work on
 * float. */
uint16_t simt_half_add(uint16_t, uint16_t);
uint16_t simt_half_sub(uint16_t, uint16_t);
uint16_t simt_half_mul(uint16_t, uint16_t);
uint16_t simt_half_div(uint16_t, uint16_t);
uint16_t simt_half_fma(uint16_t, uint16_t, uint16_t);
uint16_t simt_half_sqrt(uint16_t);
uint16_t simt_half_bf_add(uint16_t, uint16_t);
uint16_t simt_half_bf_sub(uint16_t, uint16_t);
uint16_t simt_half_bf_mul(uint16_t, uint16_t);
uint16_t simt_half_bf_div(uint16_t, uint16_t);
uint16_t simt_half_bf_fma(uint16_t, uint16_t, uint16_t);
uint16_t simt_half_bf_sqrt(uint16_t);
uint16_t simt_half_from_double(double);
uint16_t simt_half_bf_from_double(double);

#ifdef __cplusplus
}
#endif

SIMT_INLINE uint32_t simt_float_bits(float f)
{
	uint32_t u;
	__builtin_memcpy(&u, &f, sizeof u);
	return u;
}
SIMT_INLINE float simt_bits_float(uint32_t u)
{
	float f;
	__builtin_memcpy(&f, &u, sizeof f);
	return f;
}

/* Shift right by n, 1 to 31, rounding to nearest even. */
SIMT_INLINE uint32_t simt_round_shift(uint32_t x, unsigned n)
{
	uint32_t kept = x >> n, lost = x & ((1u << n) - 1), half = 1u << (n - 1);
	return kept + (lost > half || (lost == half && (kept & 1)));
}

SIMT_INLINE uint16_t simt_float_to_half(float f)
{
	uint32_t u = simt_float_bits(f), sign = u >> 16 & 0x8000, a = u & 0x7fffffff;
	if (a > 0x7f800000)
		return 0x7fff;
	if (a >= 0x47800000)                    /* 65536 and on */
		return (uint16_t)(sign | 0x7c00);
	if (a >= 0x38800000)                    /* normal; rounding may carry to infinity */
		return (uint16_t)(sign | simt_round_shift(a - 0x38000000, 13));
	if (a < 0x33000000)                     /* below half of the smallest */
		return (uint16_t)sign;
	uint32_t digits = (a & 0x7fffff) | 0x800000;
	return (uint16_t)(sign | simt_round_shift(digits, 126 - (a >> 23)));
}

SIMT_INLINE float simt_half_to_float(uint16_t h)
{
	uint32_t sign = (h & 0x8000u) << 16, a = h & 0x7fffu;
	if (a >= 0x7c00)
		return simt_bits_float(a == 0x7c00 ? sign | 0x7f800000 : 0x7fffffff);
	if (a >= 0x0400)
		return simt_bits_float(sign | ((a << 13) + 0x38000000));
	/* subnormal: a * 2^-24, exact */
	float f = (float)(int)a * 0x1p-24f;
	return simt_bits_float(sign | simt_float_bits(f));
}

SIMT_INLINE uint16_t simt_float_to_bf(float f)
{
	uint32_t u = simt_float_bits(f);
	if ((u & 0x7fffffff) > 0x7f800000)
		return 0x7fff;
	return (uint16_t)simt_round_shift(u, 16);
}

SIMT_INLINE float simt_bf_to_float(uint16_t b)
{
	return simt_bits_float((uint32_t)b << 16);
}

#endif
