/* <cuda_fp16.h>: half and half2. See simt/half.h for how they round. */
#ifndef SIMT_CUDA_FP16_H
#define SIMT_CUDA_FP16_H

#include "simt/device.h"
#include "simt/half.h"

#define SIMT_INLINE_MEMBER __attribute__((always_inline))
#define HALF __half
#define HALF2 __half2
#define HALF_TYPE SIMT_F16
#define OP(name) simt_half_##name
#define TO_HALF simt_float_to_half
#define TO_FLOAT simt_half_to_float
#include "simt/half_type.h"
#undef HALF
#undef HALF2
#undef HALF_TYPE
#undef OP
#undef TO_HALF
#undef TO_FLOAT

typedef __half half;
typedef __half2 half2;

SIMT_INLINE __half __float2half(float f)
{
	return __half(f);
}
SIMT_INLINE __half __float2half_rn(float f)
{
	return __half(f);
}
SIMT_INLINE __half __double2half(double d)
{
	return __half(d);
}
SIMT_INLINE float __half2float(__half h)
{
	return (float)h;
}
SIMT_INLINE __half __int2half_rn(int i)
{
	return __half(i);
}
SIMT_INLINE int __half2int_rn(__half h)
{
	return __float2int_rn((float)h);
}
SIMT_INLINE int __half2int_rz(__half h)
{
	return __float2int_rz((float)h);
}
SIMT_INLINE __half2 __float2half2_rn(float f)
{
	return __half2(__half(f), __half(f));
}
SIMT_INLINE __half2 __floats2half2_rn(float a, float b)
{
	return __half2(__half(a), __half(b));
}
SIMT_INLINE __half2 __float22half2_rn(float2 v)
{
	return __half2(__half(v.x), __half(v.y));
}
SIMT_INLINE float2 __half22float2(__half2 h)
{
	return make_float2((float)h.x, (float)h.y);
}
SIMT_INLINE __half2 __half2half2(__half h)
{
	return __half2(h, h);
}
SIMT_INLINE __half2 __halves2half2(__half a, __half b)
{
	return __half2(a, b);
}
SIMT_INLINE __half2 make_half2(__half a, __half b)
{
	return __half2(a, b);
}
SIMT_INLINE __half __low2half(__half2 h)
{
	return h.x;
}
SIMT_INLINE __half __high2half(__half2 h)
{
	return h.y;
}
SIMT_INLINE unsigned short __half_as_ushort(__half h)
{
	return h.bits;
}
SIMT_INLINE short __half_as_short(__half h)
{
	return (short)h.bits;
}
SIMT_INLINE __half __ushort_as_half(unsigned short u)
{
	return __half::of(u);
}
SIMT_INLINE __half __short_as_half(short s)
{
	return __half::of((uint16_t)s);
}

#endif
