/* What a kernel may call: indices, barriers, warp collectives, atomics, bit and conversion
 * intrinsics. Included by cuda_runtime.h; needs C++17.
 *
 * Everything here is inlined at every level of optimisation, so that the counters find a call's
 * effect at the line that made it. */
#ifndef SIMT_DEVICE_H
#define SIMT_DEVICE_H

#include <string.h>
#include <type_traits>
#include "core.h"
#include "types.h"
#include "math.h"

enum { warpSize = 32 };

/* Indices. simtpp turns threadIdx.x in device code into simt_threadIdx_x(), and a bare threadIdx
 * into simt_threadIdx().
 *
 * Plain: file-static variables whose address is never taken, so that the loop over threads and
 * the kernel's reads meet in a register. simt_stop tells that loop that its turn is over. */
#ifdef SIMT_PLAIN
static __thread struct simt_dim simt_index_thread, simt_index_block, simt_index_dim,
	simt_index_grid;
static __thread int simt_stop;
#define SIMT_AXIS(name, axis, from)                                                               \
	SIMT_INLINE unsigned simt_##name##_##axis()                                               \
	{                                                                                         \
		return from.axis;                                                                 \
	}
#else
extern "C" {
SIMT_INDEX(threadIdx)
SIMT_INDEX(blockIdx)
SIMT_INDEX(blockDim)
SIMT_INDEX(gridDim)
}
#define SIMT_AXIS(name, axis, from)
#endif

#define SIMT_INDEX_TYPE(name, type, from)                                                         \
	SIMT_AXIS(name, x, from)                                                                  \
	SIMT_AXIS(name, y, from)                                                                  \
	SIMT_AXIS(name, z, from)                                                                  \
	SIMT_INLINE type simt_##name()                                                            \
	{                                                                                         \
		return uint3{simt_##name##_x(), simt_##name##_y(), simt_##name##_z()};            \
	}
SIMT_INDEX_TYPE(threadIdx, uint3, simt_index_thread)
SIMT_INDEX_TYPE(blockIdx, uint3, simt_index_block)
SIMT_INDEX_TYPE(blockDim, dim3, simt_index_dim)
SIMT_INDEX_TYPE(gridDim, dim3, simt_index_grid)

/* A thread's number in its block; 32 neighbours are a warp. */
SIMT_INLINE unsigned simt_thread_rank()
{
	return simt_threadIdx_x() +
	       simt_blockDim_x() * (simt_threadIdx_y() + simt_blockDim_y() * simt_threadIdx_z());
}

SIMT_INLINE unsigned simt_block_threads()
{
	return simt_blockDim_x() * simt_blockDim_y() * simt_blockDim_z();
}

/* Every call that may block goes through these two. In a plain program the thread first says who
 * it is, since its number lives in a register of the loop, and afterwards puts its own back. */
SIMT_INLINE int simt_sync(int op, int predicate)
{
#ifdef SIMT_PLAIN
	struct simt_dim self = simt_index_thread;
	simt_arrive(simt_thread_rank());
	int result = simt_barrier(op, predicate, 0);
	simt_index_thread = self;
	simt_stop = 1;
	return result;
#else
	return simt_barrier(op, predicate, 0);
#endif
}

SIMT_INLINE uint64_t simt_meet(int op, unsigned mask, uint64_t value, int64_t arg, int width)
{
#ifdef SIMT_PLAIN
	struct simt_dim self = simt_index_thread;
	simt_arrive(simt_thread_rank());
	uint64_t result = simt_warp(op, mask, value, arg, width, 0);
	simt_index_thread = self;
	simt_stop = 1;
	return result;
#else
	return simt_warp(op, mask, value, arg, width, 0);
#endif
}

SIMT_INLINE void __syncthreads()
{
	simt_sync(SIMT_BAR_SYNC, 0);
}
SIMT_INLINE int __syncthreads_count(int predicate)
{
	return simt_sync(SIMT_BAR_COUNT, predicate != 0);
}
SIMT_INLINE int __syncthreads_and(int predicate)
{
	return simt_sync(SIMT_BAR_AND, predicate != 0);
}
SIMT_INLINE int __syncthreads_or(int predicate)
{
	return simt_sync(SIMT_BAR_OR, predicate != 0);
}
SIMT_INLINE void __syncwarp(unsigned mask = 0xffffffffu)
{
	simt_meet(SIMT_SYNC, mask, 0, 0, 32);
}
SIMT_INLINE unsigned __activemask(int line = __builtin_LINE())
{
	return (unsigned)simt_meet(SIMT_ACTIVE, 0, 0, line, 32);
}

/* Lanes run one after another, so memory is always as the last one left it; a fence keeps the
 * compiler from holding values in registers across it. */
#define SIMT_FENCE(name)                                                                          \
	SIMT_INLINE void name()                                                                   \
	{                                                                                         \
		__asm__ __volatile__("" ::: "memory");                                            \
	}
SIMT_FENCE(__threadfence)
SIMT_FENCE(__threadfence_block)
SIMT_FENCE(__threadfence_system)

/* Votes, matches and reductions of a warp. */
SIMT_INLINE unsigned __ballot_sync(unsigned mask, int predicate)
{
	return (unsigned)simt_meet(SIMT_BALLOT, mask, predicate != 0, 0, 32);
}
SIMT_INLINE int __all_sync(unsigned mask, int predicate)
{
	return (int)simt_meet(SIMT_ALL, mask, predicate != 0, 0, 32);
}
SIMT_INLINE int __any_sync(unsigned mask, int predicate)
{
	return (int)simt_meet(SIMT_ANY, mask, predicate != 0, 0, 32);
}

template <class T> SIMT_INLINE uint64_t simt_bits(T value)
{
	static_assert(sizeof(T) <= 8, "a warp collective moves at most 8 bytes a lane");
	uint64_t bits = 0;
	__builtin_memcpy((void *)&bits, (const void *)&value, sizeof value);
	return bits;
}
template <class T> SIMT_INLINE T simt_value(uint64_t bits)
{
	T value;
	__builtin_memcpy((void *)&value, (const void *)&bits, sizeof value);
	return value;
}

template <class T> SIMT_INLINE unsigned __match_any_sync(unsigned mask, T value)
{
	return (unsigned)simt_meet(SIMT_MATCH_ANY, mask, simt_bits(value), 0, 32);
}
template <class T> SIMT_INLINE unsigned __match_all_sync(unsigned mask, T value, int *all)
{
	unsigned same = (unsigned)simt_meet(SIMT_MATCH_ALL, mask, simt_bits(value), 0, 32);
	*all = same != 0;
	return same;
}

SIMT_INLINE int __reduce_add_sync(unsigned mask, int value)
{
	return (int)simt_meet(SIMT_ADD, mask, simt_bits(value), 0, 32);
}
SIMT_INLINE unsigned __reduce_add_sync(unsigned mask, unsigned value)
{
	return (unsigned)simt_meet(SIMT_ADD, mask, value, 0, 32);
}
SIMT_INLINE int __reduce_min_sync(unsigned mask, int value)
{
	return (int)simt_meet(SIMT_MIN, mask, simt_bits(value), 0, 32);
}
SIMT_INLINE unsigned __reduce_min_sync(unsigned mask, unsigned value)
{
	return (unsigned)simt_meet(SIMT_UMIN, mask, value, 0, 32);
}
SIMT_INLINE int __reduce_max_sync(unsigned mask, int value)
{
	return (int)simt_meet(SIMT_MAX, mask, simt_bits(value), 0, 32);
}
SIMT_INLINE unsigned __reduce_max_sync(unsigned mask, unsigned value)
{
	return (unsigned)simt_meet(SIMT_UMAX, mask, value, 0, 32);
}
SIMT_INLINE unsigned __reduce_and_sync(unsigned mask, unsigned value)
{
	return (unsigned)simt_meet(SIMT_BIT_AND, mask, value, 0, 32);
}
SIMT_INLINE unsigned __reduce_or_sync(unsigned mask, unsigned value)
{
	return (unsigned)simt_meet(SIMT_BIT_OR, mask, value, 0, 32);
}
SIMT_INLINE unsigned __reduce_xor_sync(unsigned mask, unsigned value)
{
	return (unsigned)simt_meet(SIMT_BIT_XOR, mask, value, 0, 32);
}

#define SIMT_SHUFFLE(name, op)                                                                    \
	template <class T> SIMT_INLINE T name(unsigned mask, T value, int arg, int width = 32)    \
	{                                                                                         \
		return simt_value<T>(simt_meet(op, mask, simt_bits(value), arg, width));          \
	}
SIMT_SHUFFLE(__shfl_sync, SIMT_SHFL)
SIMT_SHUFFLE(__shfl_up_sync, SIMT_SHFL_UP)
SIMT_SHUFFLE(__shfl_down_sync, SIMT_SHFL_DOWN)
SIMT_SHUFFLE(__shfl_xor_sync, SIMT_SHFL_XOR)

/* Atomics. In a plain program, once the block has its turn, one is an ordinary read, change and
 * write: threads of a block never run at the same time. */
template <class T> struct simt_type_of;
#define SIMT_TYPE(T, name)                                                                        \
	template <> struct simt_type_of<T> {                                                      \
		enum { value = name };                                                            \
	};
SIMT_TYPE(int, SIMT_I32)
SIMT_TYPE(unsigned, SIMT_U32)
SIMT_TYPE(long long, SIMT_I64)
SIMT_TYPE(long, SIMT_I64)
SIMT_TYPE(unsigned long long, SIMT_U64)
SIMT_TYPE(unsigned long, SIMT_U64)
SIMT_TYPE(float, SIMT_F32)
SIMT_TYPE(double, SIMT_F64)
SIMT_TYPE(unsigned short, SIMT_U16)

template <class T> using simt_same = typename std::common_type<T>::type;

#ifdef SIMT_PLAIN
#define SIMT_ATOMIC(name, op, result)                                                             \
	template <class T> SIMT_INLINE T name(T *at, simt_same<T> value)                          \
	{                                                                                         \
		(void)simt_type_of<T>::value;                                                     \
		if (__builtin_expect(!simt_my_turn, 0))                                           \
			simt_wait_turn((const void *)at);                                         \
		T old = *at;                                                                      \
		*at = (result);                                                                   \
		return old;                                                                       \
	}
template <class T> SIMT_INLINE T atomicCAS(T *at, simt_same<T> compare, simt_same<T> value)
{
	if (__builtin_expect(!simt_my_turn, 0))
		simt_wait_turn((const void *)at);
	(void)simt_type_of<T>::value;
	T old = *at;
	if (!__builtin_memcmp(&old, &compare, sizeof old))
		*at = value;
	return old;
}
#else
#define SIMT_ATOMIC(name, op, result)                                                             \
	template <class T> SIMT_INLINE T name(T *at, simt_same<T> value)                          \
	{                                                                                         \
		return simt_value<T>(simt_atomic((void *)at,                                      \
						 SIMT_OP_TYPE(op, simt_type_of<T>::value),        \
						 simt_bits(value), 0, sizeof(T), 0));             \
	}
template <class T> SIMT_INLINE T atomicCAS(T *at, simt_same<T> compare, simt_same<T> value)
{
	return simt_value<T>(simt_atomic((void *)at,
					 SIMT_OP_TYPE(SIMT_ATOM_CAS, simt_type_of<T>::value),
					 simt_bits(value), simt_bits(compare), sizeof(T), 0));
}
#endif
SIMT_ATOMIC(atomicAdd, SIMT_ATOM_ADD, (T)(old + value))
SIMT_ATOMIC(atomicSub, SIMT_ATOM_SUB, (T)(old - value))
SIMT_ATOMIC(atomicMin, SIMT_ATOM_MIN, value < old ? value : old)
SIMT_ATOMIC(atomicMax, SIMT_ATOM_MAX, value > old ? value : old)
SIMT_ATOMIC(atomicExch, SIMT_ATOM_EXCH, value)
SIMT_ATOMIC(atomicAnd, SIMT_ATOM_AND, old & value)
SIMT_ATOMIC(atomicOr, SIMT_ATOM_OR, old | value)
SIMT_ATOMIC(atomicXor, SIMT_ATOM_XOR, old ^ value)
SIMT_ATOMIC(atomicInc, SIMT_ATOM_INC, old >= value ? 0 : old + 1)
SIMT_ATOMIC(atomicDec, SIMT_ATOM_DEC, old == 0 || old > value ? value : old - 1)

/* One device, one block at a time on it: every scope is the same. */
#define SIMT_SCOPES(name)                                                                         \
	template <class T> SIMT_INLINE T name##_block(T *at, simt_same<T> value)                  \
	{                                                                                         \
		return name(at, value);                                                           \
	}                                                                                         \
	template <class T> SIMT_INLINE T name##_system(T *at, simt_same<T> value)                 \
	{                                                                                         \
		return name(at, value);                                                           \
	}
SIMT_SCOPES(atomicAdd)
SIMT_SCOPES(atomicMin)
SIMT_SCOPES(atomicMax)
SIMT_SCOPES(atomicExch)
SIMT_SCOPES(atomicAnd)
SIMT_SCOPES(atomicOr)

/* Loads and stores with a hint. */
#define SIMT_LOAD(name)                                                                           \
	template <class T> SIMT_INLINE T name(const T *at)                                        \
	{                                                                                         \
		return *at;                                                                       \
	}
#define SIMT_STORE(name)                                                                          \
	template <class T> SIMT_INLINE void name(T *at, simt_same<T> value)                       \
	{                                                                                         \
		*at = value;                                                                      \
	}
SIMT_LOAD(__ldg)
SIMT_LOAD(__ldca)
SIMT_LOAD(__ldcg)
SIMT_LOAD(__ldcs)
SIMT_LOAD(__ldlu)
SIMT_LOAD(__ldcv)
SIMT_STORE(__stwb)
SIMT_STORE(__stcg)
SIMT_STORE(__stcs)
SIMT_STORE(__stwt)

/* Bits. */
SIMT_INLINE int __popc(unsigned x)
{
	return __builtin_popcount(x);
}
SIMT_INLINE int __popcll(unsigned long long x)
{
	return __builtin_popcountll(x);
}
SIMT_INLINE int __ffs(int x)
{
	return __builtin_ffs(x);
}
SIMT_INLINE int __ffsll(long long x)
{
	return __builtin_ffsll(x);
}
SIMT_INLINE int __clz(int x)
{
	return x ? __builtin_clz((unsigned)x) : 32;
}
SIMT_INLINE int __clzll(long long x)
{
	return x ? __builtin_clzll((unsigned long long)x) : 64;
}
SIMT_INLINE unsigned __brev(unsigned x)
{
	x = (x >> 1 & 0x55555555u) | (x & 0x55555555u) << 1;
	x = (x >> 2 & 0x33333333u) | (x & 0x33333333u) << 2;
	x = (x >> 4 & 0x0f0f0f0fu) | (x & 0x0f0f0f0fu) << 4;
	return __builtin_bswap32(x);
}
SIMT_INLINE unsigned long long __brevll(unsigned long long x)
{
	return (unsigned long long)__brev((unsigned)x) << 32 | __brev((unsigned)(x >> 32));
}
/* Bytes of y:x picked by the low three bits of each nibble of s; the fourth bit spreads a sign. */
SIMT_INLINE unsigned __byte_perm(unsigned x, unsigned y, unsigned s)
{
	unsigned long long both = (unsigned long long)y << 32 | x;
	unsigned result = 0;
	for (int i = 0; i < 4; i++) {
		unsigned pick = s >> 4 * i & 7;
		result |= (unsigned)(both >> 8 * pick & 0xff) << 8 * i;
	}
	return result;
}
SIMT_INLINE unsigned __funnelshift_l(unsigned low, unsigned high, unsigned shift)
{
	return (unsigned)(((unsigned long long)high << 32 | low) << (shift & 31) >> 32);
}
SIMT_INLINE unsigned __funnelshift_r(unsigned low, unsigned high, unsigned shift)
{
	return (unsigned)(((unsigned long long)high << 32 | low) >> (shift & 31));
}
SIMT_INLINE int __mulhi(int a, int b)
{
	return (int)((long long)a * b >> 32);
}
SIMT_INLINE unsigned __umulhi(unsigned a, unsigned b)
{
	return (unsigned)((unsigned long long)a * b >> 32);
}
SIMT_INLINE unsigned long long __umul64hi(unsigned long long a, unsigned long long b)
{
	return (unsigned long long)((unsigned __int128)a * b >> 64);
}
/* Four signed bytes times four, summed into c. */
SIMT_INLINE int __dp4a(int a, int b, int c)
{
	for (int i = 0; i < 32; i += 8)
		c += (int)(signed char)(a >> i) * (int)(signed char)(b >> i);
	return c;
}
SIMT_INLINE unsigned __usad(unsigned a, unsigned b, unsigned c)
{
	return (a > b ? a - b : b - a) + c;
}
SIMT_INLINE int __mul24(int a, int b)
{
	return (int)((unsigned)(a << 8 >> 8) * (unsigned)(b << 8 >> 8));
}
SIMT_INLINE unsigned __umul24(unsigned a, unsigned b)
{
	return (a & 0xffffffu) * (b & 0xffffffu);
}

/* The same bits, read as another type. */
#define SIMT_CAST(name, From, To)                                                                 \
	SIMT_INLINE To name(From from)                                                            \
	{                                                                                         \
		To to;                                                                            \
		__builtin_memcpy(&to, &from, sizeof to);                                          \
		return to;                                                                        \
	}
SIMT_CAST(__int_as_float, int, float)
SIMT_CAST(__uint_as_float, unsigned, float)
SIMT_CAST(__float_as_int, float, int)
SIMT_CAST(__float_as_uint, float, unsigned)
SIMT_CAST(__longlong_as_double, long long, double)
SIMT_CAST(__double_as_longlong, double, long long)
SIMT_INLINE int __double2hiint(double x)
{
	return (int)(__double_as_longlong(x) >> 32);
}
SIMT_INLINE int __double2loint(double x)
{
	return (int)__double_as_longlong(x);
}
SIMT_INLINE double __hiloint2double(int high, int low)
{
	return __longlong_as_double((long long)high << 32 | (unsigned)low);
}

/* Conversions. A device clamps what does not fit and turns NaN to 0 (to the smallest for 64
 * bits of double); x86 does neither, so both are spelt out. */
#define SIMT_TO_INT(name, From, To, low, high, round)                                             \
	SIMT_INLINE To name(From x)                                                               \
	{                                                                                         \
		From r = round(x);                                                                \
		if (x != x)                                                                       \
			return 0;                                                                 \
		return r <= (From)low ? low : r >= (From)high ? high : (To)r;                     \
	}
#define SIMT_TO_INTS(name, From, To, low, high, f)                                                \
	SIMT_TO_INT(name##_rn, From, To, low, high, __builtin_rint##f)                            \
	SIMT_TO_INT(name##_rz, From, To, low, high, __builtin_trunc##f)                           \
	SIMT_TO_INT(name##_rd, From, To, low, high, __builtin_floor##f)                           \
	SIMT_TO_INT(name##_ru, From, To, low, high, __builtin_ceil##f)
SIMT_TO_INTS(__float2int, float, int, (-2147483647 - 1), 2147483647, f)
SIMT_TO_INTS(__float2uint, float, unsigned, 0u, 4294967295u, f)
SIMT_TO_INTS(__float2ll, float, long long, (-9223372036854775807ll - 1), 9223372036854775807ll, f)
SIMT_TO_INTS(__float2ull, float, unsigned long long, 0ull, 18446744073709551615ull, f)
SIMT_TO_INTS(__double2int, double, int, (-2147483647 - 1), 2147483647, )
SIMT_TO_INTS(__double2uint, double, unsigned, 0u, 4294967295u, )
SIMT_TO_INTS(__double2ll, double, long long, (-9223372036854775807ll - 1), 9223372036854775807ll, )
#define SIMT_FROM(name, From, To)                                                                 \
	SIMT_INLINE To name(From x)                                                               \
	{                                                                                         \
		return (To)x;                                                                     \
	}
SIMT_FROM(__int2float_rn, int, float)
SIMT_FROM(__uint2float_rn, unsigned, float)
SIMT_FROM(__ll2float_rn, long long, float)
SIMT_FROM(__ull2float_rn, unsigned long long, float)
SIMT_FROM(__int2double_rn, int, double)
SIMT_FROM(__uint2double_rn, unsigned, double)
SIMT_FROM(__ll2double_rn, long long, double)
SIMT_FROM(__double2float_rn, double, float)

SIMT_INLINE void __nanosleep(unsigned)
{
}
SIMT_INLINE void __trap()
{
	simt_trap();
}

/* Where a pointer leads is a question of its address. */
extern "C" {
int simt_is_shared(const void *);
int simt_is_global(const void *);
int simt_is_constant(const void *);
}
SIMT_INLINE unsigned __isShared(const void *p)
{
	return (unsigned)simt_is_shared(p);
}
SIMT_INLINE unsigned __isGlobal(const void *p)
{
	return (unsigned)simt_is_global(p);
}
SIMT_INLINE unsigned __isConstant(const void *p)
{
	return (unsigned)simt_is_constant(p);
}

/* min and max, with CUDA's mixed forms. Without a branch, as on a device: in a program that counts
 * one would look like divergence. */
#ifdef SIMT_PLAIN
#define SIMT_CHOOSE(T, first, a, b) ((first) ? (T)(a) : (T)(b))
#else
#define SIMT_CHOOSE(T, first, a, b) ((T)(b) ^ (((T)(a) ^ (T)(b)) & -(T)(first)))
#endif
#define SIMT_MIN_MAX(A, B, T)                                                                     \
	SIMT_INLINE T min(A a, B b)                                                               \
	{                                                                                         \
		return SIMT_CHOOSE(T, (T)b < (T)a, b, a);                                         \
	}                                                                                         \
	SIMT_INLINE T max(A a, B b)                                                               \
	{                                                                                         \
		return SIMT_CHOOSE(T, (T)a < (T)b, b, a);                                         \
	}
#define SIMT_MIN_MAX_MIXED(A, B, T)                                                               \
	SIMT_MIN_MAX(A, B, T)                                                                     \
	SIMT_MIN_MAX(B, A, T)
SIMT_MIN_MAX(int, int, int)
SIMT_MIN_MAX(unsigned, unsigned, unsigned)
SIMT_MIN_MAX_MIXED(int, unsigned, unsigned)
SIMT_MIN_MAX(long, long, long)
SIMT_MIN_MAX(unsigned long, unsigned long, unsigned long)
SIMT_MIN_MAX_MIXED(long, unsigned long, unsigned long)
SIMT_MIN_MAX(long long, long long, long long)
SIMT_MIN_MAX(unsigned long long, unsigned long long, unsigned long long)
SIMT_MIN_MAX_MIXED(long long, unsigned long long, unsigned long long)
#define SIMT_MIN_MAX_FLOAT(A, B, T, f)                                                            \
	SIMT_INLINE T min(A a, B b)                                                               \
	{                                                                                         \
		return simt_fmin##f((T)a, (T)b);                                                        \
	}                                                                                         \
	SIMT_INLINE T max(A a, B b)                                                               \
	{                                                                                         \
		return simt_fmax##f((T)a, (T)b);                                                        \
	}
SIMT_MIN_MAX_FLOAT(float, float, float, f)
SIMT_MIN_MAX_FLOAT(double, double, double, )
SIMT_MIN_MAX_FLOAT(float, double, double, )
SIMT_MIN_MAX_FLOAT(double, float, double, )

#endif
