/* <cuda_bf16.h>: __nv_bfloat16 and its pair. See simt/half.h for how they round. */
#ifndef SIMT_CUDA_BF16_H
#define SIMT_CUDA_BF16_H

#include "cuda_fp16.h"

#define HALF __nv_bfloat16
#define HALF2 __nv_bfloat162
#define HALF_TYPE SIMT_BF16
#define OP(name) simt_half_bf_##name
#define TO_HALF simt_float_to_bf
#define TO_FLOAT simt_bf_to_float
#include "simt/half_type.h"
#undef HALF
#undef HALF2
#undef HALF_TYPE
#undef OP
#undef TO_HALF
#undef TO_FLOAT

typedef __nv_bfloat16 nv_bfloat16;
typedef __nv_bfloat162 nv_bfloat162;

SIMT_INLINE __nv_bfloat16 __float2bfloat16(float f)
{
	return __nv_bfloat16(f);
}
SIMT_INLINE __nv_bfloat16 __float2bfloat16_rn(float f)
{
	return __nv_bfloat16(f);
}
SIMT_INLINE __nv_bfloat16 __double2bfloat16(double d)
{
	return __nv_bfloat16(d);
}
SIMT_INLINE float __bfloat162float(__nv_bfloat16 b)
{
	return (float)b;
}
SIMT_INLINE __nv_bfloat162 __float2bfloat162_rn(float f)
{
	return __nv_bfloat162(__nv_bfloat16(f), __nv_bfloat16(f));
}
SIMT_INLINE __nv_bfloat162 __floats2bfloat162_rn(float a, float b)
{
	return __nv_bfloat162(__nv_bfloat16(a), __nv_bfloat16(b));
}
SIMT_INLINE float2 __bfloat1622float2(__nv_bfloat162 h)
{
	return make_float2((float)h.x, (float)h.y);
}
SIMT_INLINE __nv_bfloat162 __bfloat162bfloat162(__nv_bfloat16 b)
{
	return __nv_bfloat162(b, b);
}
SIMT_INLINE __nv_bfloat162 __halves2bfloat162(__nv_bfloat16 a, __nv_bfloat16 b)
{
	return __nv_bfloat162(a, b);
}
SIMT_INLINE __nv_bfloat16 __low2bfloat16(__nv_bfloat162 h)
{
	return h.x;
}
SIMT_INLINE __nv_bfloat16 __high2bfloat16(__nv_bfloat162 h)
{
	return h.y;
}
SIMT_INLINE unsigned short __bfloat16_as_ushort(__nv_bfloat16 b)
{
	return b.bits;
}
SIMT_INLINE __nv_bfloat16 __ushort_as_bfloat16(unsigned short u)
{
	return __nv_bfloat16::of(u);
}

#endif
