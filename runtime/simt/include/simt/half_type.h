/* The type of one 16-bit format, its pair, and CUDA's functions on both. Included by
 * cuda_fp16.h and cuda_bf16.h, each with its own names:
 *
 *   HALF, HALF2     the types                OP(name)    simt_half_name of this format
 *   TO_HALF(float), TO_FLOAT(bits)           F2H, H2F    stems of CUDA's conversion functions */

struct HALF {
	uint16_t bits;

	HALF() = default;
	SIMT_INLINE_MEMBER HALF(float f) : bits(TO_HALF(f)) {}
	SIMT_INLINE_MEMBER HALF(double d) : bits(OP(from_double)(d)) {}
	SIMT_INLINE_MEMBER HALF(int i) : bits(TO_HALF((float)i)) {}
	SIMT_INLINE_MEMBER HALF(unsigned i) : bits(OP(from_double)((double)i)) {}
	SIMT_INLINE_MEMBER HALF(long long i) : bits(OP(from_double)((double)i)) {}
	SIMT_INLINE_MEMBER operator float() const
	{
		return TO_FLOAT(bits);
	}
	SIMT_INLINE_MEMBER HALF &operator=(float f)
	{
		bits = TO_HALF(f);
		return *this;
	}
	static SIMT_INLINE_MEMBER HALF of(uint16_t b)
	{
		HALF h;
		h.bits = b;
		return h;
	}
};

struct alignas(4) HALF2 {
	HALF x, y;
	SIMT_COPY_BY_WORD(HALF2, simt_word4)
	SIMT_INLINE_MEMBER HALF2(HALF a, HALF b) : x(a), y(b) {}
};

#define HALF_BINARY(name, sign, op)                                                               \
	SIMT_INLINE HALF name(HALF a, HALF b)                                                     \
	{                                                                                         \
		return HALF::of(OP(op)(a.bits, b.bits));                                          \
	}                                                                                         \
	SIMT_INLINE HALF operator sign(HALF a, HALF b)                                            \
	{                                                                                         \
		return HALF::of(OP(op)(a.bits, b.bits));                                          \
	}                                                                                         \
	SIMT_INLINE HALF &operator sign##=(HALF &a, HALF b)                                       \
	{                                                                                         \
		return a = HALF::of(OP(op)(a.bits, b.bits));                                      \
	}                                                                                         \
	SIMT_INLINE HALF2 name##2(HALF2 a, HALF2 b)                                               \
	{                                                                                         \
		return HALF2(name(a.x, b.x), name(a.y, b.y));                                     \
	}                                                                                         \
	SIMT_INLINE HALF2 operator sign(HALF2 a, HALF2 b)                                         \
	{                                                                                         \
		return name##2(a, b);                                                             \
	}                                                                                         \
	SIMT_INLINE HALF2 &operator sign##=(HALF2 &a, HALF2 b)                                    \
	{                                                                                         \
		return a = name##2(a, b);                                                         \
	}
HALF_BINARY(__hadd, +, add)
HALF_BINARY(__hsub, -, sub)
HALF_BINARY(__hmul, *, mul)
HALF_BINARY(__hdiv, /, div)
#undef HALF_BINARY

SIMT_INLINE HALF2 __h2div(HALF2 a, HALF2 b)
{
	return __hdiv2(a, b);
}
SIMT_INLINE HALF __hneg(HALF a)
{
	return HALF::of((uint16_t)(a.bits ^ 0x8000));
}
SIMT_INLINE HALF operator-(HALF a)
{
	return __hneg(a);
}
SIMT_INLINE HALF2 __hneg2(HALF2 a)
{
	return HALF2(__hneg(a.x), __hneg(a.y));
}
SIMT_INLINE HALF __habs(HALF a)
{
	return HALF::of((uint16_t)(a.bits & 0x7fff));
}
SIMT_INLINE HALF2 __habs2(HALF2 a)
{
	return HALF2(__habs(a.x), __habs(a.y));
}
SIMT_INLINE HALF __hfma(HALF a, HALF b, HALF c)
{
	return HALF::of(OP(fma)(a.bits, b.bits, c.bits));
}
SIMT_INLINE HALF2 __hfma2(HALF2 a, HALF2 b, HALF2 c)
{
	return HALF2(__hfma(a.x, b.x, c.x), __hfma(a.y, b.y, c.y));
}
SIMT_INLINE HALF hsqrt(HALF a)
{
	return HALF::of(OP(sqrt)(a.bits));
}
SIMT_INLINE HALF hrcp(HALF a)
{
	return HALF(1.0f / (float)a);
}
SIMT_INLINE HALF hrsqrt(HALF a)
{
	return HALF(simt_rsqrtf((float)a));
}
SIMT_INLINE HALF hexp(HALF a)
{
	return HALF(simt_expf((float)a));
}
SIMT_INLINE HALF hlog(HALF a)
{
	return HALF(simt_logf((float)a));
}
SIMT_INLINE HALF2 h2exp(HALF2 a)
{
	return HALF2(hexp(a.x), hexp(a.y));
}
SIMT_INLINE HALF __hmax(HALF a, HALF b)
{
	return HALF(simt_fmaxf((float)a, (float)b));
}
SIMT_INLINE HALF __hmin(HALF a, HALF b)
{
	return HALF(simt_fminf((float)a, (float)b));
}
SIMT_INLINE HALF2 __hmax2(HALF2 a, HALF2 b)
{
	return HALF2(__hmax(a.x, b.x), __hmax(a.y, b.y));
}
SIMT_INLINE HALF2 __hmin2(HALF2 a, HALF2 b)
{
	return HALF2(__hmin(a.x, b.x), __hmin(a.y, b.y));
}
SIMT_INLINE bool __hisnan(HALF a)
{
	return (float)a != (float)a;
}

#define HALF_COMPARE(name, sign)                                                                  \
	SIMT_INLINE bool name(HALF a, HALF b)                                                     \
	{                                                                                         \
		return (float)a sign(float) b;                                                    \
	}                                                                                         \
	SIMT_INLINE bool operator sign(HALF a, HALF b)                                            \
	{                                                                                         \
		return (float)a sign(float) b;                                                    \
	}
HALF_COMPARE(__heq, ==)
HALF_COMPARE(__hne, !=)
HALF_COMPARE(__hlt, <)
HALF_COMPARE(__hle, <=)
HALF_COMPARE(__hgt, >)
HALF_COMPARE(__hge, >=)
#undef HALF_COMPARE

SIMT_INLINE float __low2float(HALF2 h)
{
	return (float)h.x;
}
SIMT_INLINE float __high2float(HALF2 h)
{
	return (float)h.y;
}
template <> struct simt_type_of<HALF> {
	enum { value = HALF_TYPE };
};
