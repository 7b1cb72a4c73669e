/* Device maths: the same bits on every machine.
 *
 * simtpp turns a call of expf, exp or __expf in device code into simt_expf, simt_exp or
 * simt___expf; the host's calls stay with libm. The functions that IEEE 754 fixes (sqrt, fma,
 * rounding, remainders) stay with libm everywhere, since all give the same answer.
 *
 * Float functions are computed in double and rounded once: the error stays below 0.501 ulp, and
 * subnormal results are kept. Double functions: exp, log and their kin, sin, cos and pow stay
 * below 1 ulp, rsqrt below 1.5, tan and tanh below 3. math.c says how; math_test.c, among the
 * tests, measures. The intrinsics (__expf and the rest) are the same functions: a device is less
 * exact there. */
#ifndef SIMT_MATH_H
#define SIMT_MATH_H

#include <math.h>
#ifdef __cplusplus
#include <type_traits>
#endif
#include "core.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Those with a double form, and those with none. */
#define SIMT_BOTH_FUNCTIONS(F)                                                                    \
	F(exp) F(exp2) F(exp10) F(log) F(log2) F(log10) F(sin) F(cos) F(tan) F(tanh) F(rsqrt)
#define SIMT_FLOAT_FUNCTIONS(F)                                                                   \
	F(expm1) F(log1p) F(sinpi) F(cospi) F(asin) F(acos) F(atan) F(sinh) F(cosh) F(erf)        \
	F(erfc) F(cbrt) F(normcdf)

#define SIMT_DECLARE_FLOAT(name) float simt_##name##f(float);
#define SIMT_DECLARE_DOUBLE(name) double simt_##name(double);
SIMT_BOTH_FUNCTIONS(SIMT_DECLARE_FLOAT)
SIMT_BOTH_FUNCTIONS(SIMT_DECLARE_DOUBLE)
SIMT_FLOAT_FUNCTIONS(SIMT_DECLARE_FLOAT)
float simt_powf(float, float);
float simt_atan2f(float y, float x);
float simt_hypotf(float, float);
double simt_pow(double, double);

#ifdef __cplusplus
}
#endif

/* The larger or smaller; a NaN gives way to a number, and -0 is less than +0. One instruction on
 * a device: so in programs that count, where a branch would look like divergence, a call. */
#define SIMT_EXTREME_BODY(T, U, better, join)                                                     \
	{                                                                                         \
		if (a better b || b != b)                                                         \
			return a;                                                                 \
		if (a == b) {                                                                     \
			U x, y;                                                                   \
			__builtin_memcpy(&x, &a, sizeof x);                                       \
			__builtin_memcpy(&y, &b, sizeof y);                                       \
			x = x join y;                                                             \
			__builtin_memcpy(&a, &x, sizeof x);                                       \
			return a;                                                                 \
		}                                                                                 \
		return b;                                                                         \
	}
#ifdef SIMT_PLAIN
SIMT_INLINE float simt_fmaxf(float a, float b) SIMT_EXTREME_BODY(float, uint32_t, >, &)
SIMT_INLINE float simt_fminf(float a, float b) SIMT_EXTREME_BODY(float, uint32_t, <, |)
SIMT_INLINE double simt_fmax(double a, double b) SIMT_EXTREME_BODY(double, uint64_t, >, &)
SIMT_INLINE double simt_fmin(double a, double b) SIMT_EXTREME_BODY(double, uint64_t, <, |)
#else
#ifdef __cplusplus
extern "C" {
#endif
float simt_fmaxf(float, float) __attribute__((const));
float simt_fminf(float, float) __attribute__((const));
double simt_fmax(double, double) __attribute__((const));
double simt_fmin(double, double) __attribute__((const));
#ifdef __cplusplus
}
#endif
#endif

#ifdef __cplusplus
/* exp(x) of a float is a float in C++; of an integer, a double. Where there is no double form, a
 * double argument is an error and not a loss of digits. */
#define SIMT_OVERLOAD_BOTH(name)                                                                  \
	SIMT_INLINE float simt_##name(float x)                                                    \
	{                                                                                         \
		return simt_##name##f(x);                                                         \
	}                                                                                         \
	template <class T, class = typename std::enable_if<std::is_integral<T>::value>::type>     \
	SIMT_INLINE double simt_##name(T x)                                                       \
	{                                                                                         \
		return simt_##name((double)x);                                                    \
	}
#define SIMT_OVERLOAD_FLOAT(name)                                                                 \
	SIMT_INLINE float simt_##name(float x)                                                    \
	{                                                                                         \
		return simt_##name##f(x);                                                         \
	}                                                                                         \
	double simt_##name(double) = delete;
SIMT_BOTH_FUNCTIONS(SIMT_OVERLOAD_BOTH)
SIMT_FLOAT_FUNCTIONS(SIMT_OVERLOAD_FLOAT)
double simt_atan2(double, double) = delete;
double simt_hypot(double, double) = delete;
SIMT_INLINE float simt_pow(float x, float y)
{
	return simt_powf(x, y);
}
SIMT_INLINE float simt_pow(float x, int y)
{
	return simt_powf(x, (float)y);
}
SIMT_INLINE double simt_pow(double x, int y)
{
	return simt_pow(x, (double)y);
}
SIMT_INLINE float simt_atan2(float y, float x)
{
	return simt_atan2f(y, x);
}
SIMT_INLINE float simt_hypot(float x, float y)
{
	return simt_hypotf(x, y);
}
SIMT_INLINE float simt_fmax(float a, float b)
{
	return simt_fmaxf(a, b);
}
SIMT_INLINE float simt_fmin(float a, float b)
{
	return simt_fminf(a, b);
}
#endif

SIMT_INLINE void simt_sincosf(float x, float *s, float *c)
{
	*s = simt_sinf(x);
	*c = simt_cosf(x);
}
SIMT_INLINE void simt_sincos(double x, double *s, double *c)
{
	*s = simt_sin(x);
	*c = simt_cos(x);
}
SIMT_INLINE void simt_sincospif(float x, float *s, float *c)
{
	*s = simt_sinpif(x);
	*c = simt_cospif(x);
}

/* The intrinsics under their device names. */
#define SIMT_INTRINSIC(name, expression)                                                          \
	SIMT_INLINE float simt___##name(float x)                                                  \
	{                                                                                         \
		return expression;                                                                \
	}
SIMT_INTRINSIC(expf, simt_expf(x))
SIMT_INTRINSIC(exp10f, simt_exp10f(x))
SIMT_INTRINSIC(logf, simt_logf(x))
SIMT_INTRINSIC(log2f, simt_log2f(x))
SIMT_INTRINSIC(log10f, simt_log10f(x))
SIMT_INTRINSIC(sinf, simt_sinf(x))
SIMT_INTRINSIC(cosf, simt_cosf(x))
SIMT_INTRINSIC(tanf, simt_tanf(x))
SIMT_INTRINSIC(tanhf, simt_tanhf(x))
SIMT_INTRINSIC(frsqrt_rn, simt_rsqrtf(x))
SIMT_INLINE float simt___powf(float x, float y)
{
	return simt_powf(x, y);
}
SIMT_INLINE void simt___sincosf(float x, float *s, float *c)
{
	simt_sincosf(x, s, c);
}

#define SIMT_ROUNDED(T, prefix, f)                                                                \
	SIMT_INLINE T __##prefix##add_rn(T a, T b)                                                \
	{                                                                                         \
		return a + b;                                                                     \
	}                                                                                         \
	SIMT_INLINE T __##prefix##sub_rn(T a, T b)                                                \
	{                                                                                         \
		return a - b;                                                                     \
	}                                                                                         \
	SIMT_INLINE T __##prefix##mul_rn(T a, T b)                                                \
	{                                                                                         \
		return a * b;                                                                     \
	}                                                                                         \
	SIMT_INLINE T __##prefix##div_rn(T a, T b)                                                \
	{                                                                                         \
		return a / b;                                                                     \
	}                                                                                         \
	SIMT_INLINE T __##prefix##rcp_rn(T a)                                                     \
	{                                                                                         \
		return 1 / a;                                                                     \
	}                                                                                         \
	SIMT_INLINE T __##prefix##sqrt_rn(T a)                                                    \
	{                                                                                         \
		return __builtin_sqrt##f(a);                                                      \
	}
SIMT_ROUNDED(float, f, f)
SIMT_ROUNDED(double, d, )
SIMT_INLINE float __fmaf_rn(float a, float b, float c)
{
	return __builtin_fmaf(a, b, c);
}
SIMT_INLINE double __fma_rn(double a, double b, double c)
{
	return __builtin_fma(a, b, c);
}
SIMT_INLINE float __fdividef(float a, float b)
{
	return a / b;
}
SIMT_INLINE float __saturatef(float x)
{
	return x > 0 ? x < 1 ? x : 1.0f : 0.0f;
}

#endif
