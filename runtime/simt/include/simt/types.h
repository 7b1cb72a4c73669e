/* dim3 and CUDA's vector types.
 *
 * Copies of a type of 2, 4, 8 or 16 bytes go through one machine word, so that reading a float4
 * is one access of 16 bytes to the counters whatever the compiler does with its members. The
 * types with three members, and those over 16 bytes, move member by member, as on a device. */
#ifndef SIMT_TYPES_H
#define SIMT_TYPES_H

#include "core.h"

struct uint3 {
	unsigned x, y, z;
};

struct dim3 {
	unsigned x, y, z;
	constexpr dim3(unsigned x_ = 1, unsigned y_ = 1, unsigned z_ = 1) : x(x_), y(y_), z(z_) {}
	constexpr dim3(uint3 v) : x(v.x), y(v.y), z(v.z) {}
	constexpr operator uint3() const { return uint3{x, y, z}; }
};

typedef uint16_t simt_word2 __attribute__((may_alias));
typedef uint32_t simt_word4 __attribute__((may_alias));
typedef uint64_t simt_word8 __attribute__((may_alias));
typedef long long simt_word16 __attribute__((vector_size(16), may_alias));

/* Copying through WORD makes the type non-trivial, so the constructors an aggregate would have
 * had are spelt out. */
#define SIMT_COPY_BY_WORD(T, WORD)                                                                \
	T() = default;                                                                            \
	__attribute__((always_inline)) T(const T &o)                                              \
	{                                                                                         \
		*(WORD *)this = *(const WORD *)&o;                                                \
	}                                                                                         \
	__attribute__((always_inline)) T &operator=(const T &o)                                   \
	{                                                                                         \
		*(WORD *)this = *(const WORD *)&o;                                                \
		return *this;                                                                     \
	}

#define SIMT_VECTOR1(T, E)                                                                        \
	struct T {                                                                                \
		E x;                                                                              \
	};                                                                                        \
	SIMT_INLINE T make_##T(E x)                                                               \
	{                                                                                         \
		return T{x};                                                                      \
	}
#define SIMT_VECTOR2(T, E, WORD)                                                                  \
	struct alignas(sizeof(WORD)) T {                                                          \
		E x, y;                                                                           \
		SIMT_COPY_BY_WORD(T, WORD)                                                        \
		constexpr T(E x_, E y_ = 0) : x(x_), y(y_) {}                                   \
	};                                                                                        \
	SIMT_INLINE T make_##T(E x, E y)                                                          \
	{                                                                                         \
		return T(x, y);                                                                   \
	}
#define SIMT_VECTOR3(T, E)                                                                        \
	struct T {                                                                                \
		E x, y, z;                                                                        \
	};                                                                                        \
	SIMT_INLINE T make_##T(E x, E y, E z)                                                     \
	{                                                                                         \
		return T{x, y, z};                                                                \
	}
#define SIMT_VECTOR4(T, E, WORD)                                                                  \
	struct alignas(sizeof(WORD)) T {                                                          \
		E x, y, z, w;                                                                     \
		SIMT_COPY_BY_WORD(T, WORD)                                                        \
		constexpr T(E x_, E y_ = 0, E z_ = 0, E w_ = 0)                             \
		    : x(x_), y(y_), z(z_), w(w_)                                                  \
		{                                                                                 \
		}                                                                                 \
	};                                                                                        \
	SIMT_INLINE T make_##T(E x, E y, E z, E w)                                                \
	{                                                                                         \
		return T(x, y, z, w);                                                             \
	}
/* Four members of eight bytes: two accesses of 16 on a device, four here. */
#define SIMT_VECTOR4_LONG(T, E)                                                                   \
	struct alignas(16) T {                                                                    \
		E x, y, z, w;                                                                     \
	};                                                                                        \
	SIMT_INLINE T make_##T(E x, E y, E z, E w)                                                \
	{                                                                                         \
		return T{x, y, z, w};                                                             \
	}

#define SIMT_VECTORS(stem, E, WORD_OF_2, WORD_OF_4)                                               \
	SIMT_VECTOR1(stem##1, E)                                                                  \
	SIMT_VECTOR2(stem##2, E, WORD_OF_2)                                                       \
	SIMT_VECTOR3(stem##3, E)                                                                  \
	SIMT_VECTOR4(stem##4, E, WORD_OF_4)

SIMT_VECTORS(char, signed char, simt_word2, simt_word4)
SIMT_VECTORS(uchar, unsigned char, simt_word2, simt_word4)
SIMT_VECTORS(short, short, simt_word4, simt_word8)
SIMT_VECTORS(ushort, unsigned short, simt_word4, simt_word8)
SIMT_VECTORS(int, int, simt_word8, simt_word16)
SIMT_VECTORS(float, float, simt_word8, simt_word16)
SIMT_VECTOR1(uint1, unsigned)
SIMT_VECTOR2(uint2, unsigned, simt_word8)
SIMT_VECTOR4(uint4, unsigned, simt_word16)

#define SIMT_LONG_VECTORS(stem, E)                                                                \
	SIMT_VECTOR1(stem##1, E)                                                                  \
	SIMT_VECTOR2(stem##2, E, simt_word16)                                                     \
	SIMT_VECTOR3(stem##3, E)                                                                  \
	SIMT_VECTOR4_LONG(stem##4, E)

SIMT_LONG_VECTORS(long, long)
SIMT_LONG_VECTORS(ulong, unsigned long)
SIMT_LONG_VECTORS(longlong, long long)
SIMT_LONG_VECTORS(ulonglong, unsigned long long)
SIMT_LONG_VECTORS(double, double)

SIMT_INLINE uint3 make_uint3(unsigned x, unsigned y, unsigned z)
{
	return uint3{x, y, z};
}

#endif
