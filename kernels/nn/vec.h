/* Four floats (two doubles) at a time, for the files of kernels/nn.
 *
 * Vectors of 16 bytes are what every x86-64 has, so code on them needs no
 * choice at run time. Each lane does what a plain loop would do; only sums have
 * an order of their own, the same everywhere: eight running sums, of the
 * elements i = 0, 1, .. 7 mod 8, folded in halves. */
#ifndef NN_VEC_H
#define NN_VEC_H

#include <stdint.h>
#include <string.h>

#ifdef __x86_64__
#include <emmintrin.h>
#endif

#include "weft.h"

#include "real.h"

/* Before a short loop of constant length: write it out. */
#ifdef __clang__
#define UNROLL _Pragma("unroll")
#pragma STDC FP_CONTRACT OFF
#else
#define UNROLL _Pragma("GCC unroll 8")
#endif

typedef real vec __attribute__((vector_size(16)));

/* All ones where a comparison of two vec holds, otherwise zero. */
typedef __typeof__((vec){0} < (vec){0}) vec_mask;

enum { VEC_LANES = 16 / sizeof(real), VEC_SUMS = 8 / VEC_LANES };

/* x[i], x[i+1], .. as far as they are among x[0 .. n-1], zeros in the other
 * lanes; and their like for writing. Loops run past the end of an array without
 * a remainder:
 *
 *     for (size_t i = 0; i < n; i += VEC_LANES)
 *             vec_put(y, i, n, f(vec_get(x, i, n))); */
static inline vec vec_get(const real *x, size_t i, size_t n)
{
	vec v = {0};
	if (i + VEC_LANES <= n)
		memcpy(&v, x + i, sizeof v);
	else if (i < n)
		memcpy(&v, x + i, (n - i) * sizeof *x);
	return v;
}

static inline void vec_put(real *x, size_t i, size_t n, vec v)
{
	if (i + VEC_LANES <= n)
		memcpy(x + i, &v, sizeof v);
	else if (i < n)
		memcpy(x + i, &v, (n - i) * sizeof *x);
}

/* v, with zeros in the lanes that vec_put() would not write. */
static inline vec vec_first(vec v, size_t i, size_t n)
{
	for (size_t k = 0; i + VEC_LANES > n && k < VEC_LANES; k++)
		v[k] = i + k < n ? v[k] : 0;
	return v;
}

static inline vec vec_all(real x)
{
	return (vec){0} + x;
}

/* a where the mask is set, otherwise b. */
static inline vec vec_where(vec_mask mask, vec a, vec b)
{
	return (vec)(((vec_mask)a & mask) | ((vec_mask)b & ~mask));
}

/* IEEE's square root, without libm. */
static inline vec vec_sqrt(vec x)
{
#if defined(__x86_64__) && defined(NN_DOUBLE)
	return (vec)_mm_sqrt_pd((__m128d)x);
#elif defined(__x86_64__)
	return (vec)_mm_sqrt_ps((__m128)x);
#else
	for (int i = 0; i < VEC_LANES; i++)
		x[i] = sizeof(real) == sizeof(float) ? __builtin_sqrtf(x[i]) : __builtin_sqrt(x[i]);
	return x;
#endif
}

/* e to the x, within 1.5 ulp for -87 <= x <= 88 (float; in double it is
 * weft_exp()). Above, e^88, which is finite; below, 0. A nan stays a nan.
 *
 * x = k ln 2 + r with |r| < 0.35: adding 1.5 * 2^23 leaves the integer k in the
 * low bits. ln 2 is in two parts, the first short enough that k times it is
 * exact. e^r is its series to r^7, the remainder below 2^-27. */
static inline vec vec_exp(vec x)
{
#ifdef NN_DOUBLE
	for (int i = 0; i < VEC_LANES; i++)
		x[i] = weft_exp(x[i]);
	return x;
#else
	typedef uint32_t bits __attribute__((vector_size(16)));
	vec_mask tiny = x < vec_all(-87);
	x = vec_where(x > vec_all(88), vec_all(88), x);
	vec shifted = x * 1.44269504f + 12582912.0f;
	vec k = shifted - 12582912.0f;
	vec r = (x - k * 0.693359375f) + k * 2.12194440e-4f;
	vec q = r * r;
	vec series = 0.5f + r * (1 / 6.0f + r * (1 / 24.0f + r * (1 / 120.0f +
	             r * (1 / 720.0f + r * (1 / 5040.0f)))));
	bits power = ((bits)shifted + 127) << 23;
	return vec_where(tiny, vec_all(0), (1 + (r + q * series)) * (vec)power);
#endif
}

/* The eight running sums of this file's order, added up. */
static inline real vec_fold(const vec sums[VEC_SUMS])
{
	real s[8];
	memcpy(s, sums, sizeof s);
	return ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7]));
}

#endif
