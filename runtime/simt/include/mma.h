/* <mma.h>: wmma, emulated.
 *
 * A fragment's elements lie over the lanes in an order that CUDA leaves open: here element i of
 * lane l of an R x C matrix is the one numbered 32 i + l, two at a time for types of 16 bits, row
 * by row in memory order. So a load is one access of consecutive lanes a step. The product is
 * computed once for the warp, when all lanes have come: each element of D is C plus the products
 * in order of k, in float (in int for bytes), rounded at each step; tensor cores promise less. */
#ifndef SIMT_MMA_H
#define SIMT_MMA_H

#include "cuda_bf16.h"
#include "cuda_fp16.h"

namespace nvcuda
{
namespace wmma
{

struct matrix_a;
struct matrix_b;
struct accumulator;
struct row_major;
struct col_major;
enum layout_t { mem_row_major, mem_col_major };
namespace precision
{
struct tf32;
}

template <class T> struct simt_storage {
	typedef T type;
};
template <> struct simt_storage<precision::tf32> {
	typedef float type;
};

/* Rows and columns of a fragment of an M x N x K product. */
template <class Use, int M, int N, int K> struct simt_shape;
template <int M, int N, int K> struct simt_shape<matrix_a, M, N, K> {
	enum { rows = M, columns = K };
};
template <int M, int N, int K> struct simt_shape<matrix_b, M, N, K> {
	enum { rows = K, columns = N };
};
template <int M, int N, int K> struct simt_shape<accumulator, M, N, K> {
	enum { rows = M, columns = N };
};

template <class Use, int M, int N, int K, class T, class Layout = void> struct fragment {
	typedef typename simt_storage<T>::type element_type;
	enum {
		rows = simt_shape<Use, M, N, K>::rows,
		columns = simt_shape<Use, M, N, K>::columns,
		num_elements = rows * columns / 32,
		by_columns = std::is_same<Layout, col_major>::value,
		/* neighbours in memory that one lane holds, and loads at once */
		pair = sizeof(element_type) == 2 && num_elements % 2 == 0 ? 2 : 1
	};
	element_type x[num_elements];
};

/* The number, in memory order, of element i of a lane. */
template <class F> SIMT_INLINE int simt_place(int i, int lane)
{
	return (i / F::pair * 32 + lane) * F::pair + i % F::pair;
}

template <class Use, int M, int N, int K, class T, class Layout, class V>
SIMT_INLINE void fill_fragment(fragment<Use, M, N, K, T, Layout> &f, V value)
{
	typedef fragment<Use, M, N, K, T, Layout> F;
	for (int i = 0; i < F::num_elements; i++)
		f.x[i] = (typename F::element_type)value;
}

/* Memory is read in lines of `length` elements, `stride` apart. */
template <class F, class E>
SIMT_INLINE void simt_load(F &f, const E *at, unsigned stride, int length)
{
	int lane = (int)(simt_thread_rank() % 32);
	__syncwarp();
	for (int i = 0; i < F::num_elements; i += F::pair) {
		int n = simt_place<F>(i, lane);
		const E *from = at + (size_t)(n / length) * stride + n % length;
		if (F::pair == 2) {
			simt_word4 both = *(const simt_word4 *)from;
			__builtin_memcpy((void *)&f.x[i], &both, sizeof both);
		} else {
			f.x[i] = *from;
		}
	}
}

template <class Use, int M, int N, int K, class T, class Layout, class E>
SIMT_INLINE void load_matrix_sync(fragment<Use, M, N, K, T, Layout> &f, const E *at, unsigned stride)
{
	typedef fragment<Use, M, N, K, T, Layout> F;
	simt_load(f, at, stride, F::by_columns ? F::rows : F::columns);
}

/* An accumulator learns its layout here: in memory order of rows, or of columns turned over. */
template <int M, int N, int K, class T, class E>
SIMT_INLINE void load_matrix_sync(fragment<accumulator, M, N, K, T> &f, const E *at, unsigned stride,
				  layout_t layout)
{
	typedef fragment<accumulator, M, N, K, T> F;
	int lane = (int)(simt_thread_rank() % 32);
	__syncwarp();
	for (int i = 0; i < F::num_elements; i++) {
		int n = simt_place<F>(i, lane), row = n / N, column = n % N;
		f.x[i] = layout == mem_row_major ? at[(size_t)row * stride + column]
						 : at[(size_t)column * stride + row];
	}
}

template <int M, int N, int K, class T, class E>
SIMT_INLINE void store_matrix_sync(E *at, const fragment<accumulator, M, N, K, T> &f,
				   unsigned stride, layout_t layout)
{
	typedef fragment<accumulator, M, N, K, T> F;
	int lane = (int)(simt_thread_rank() % 32);
	__syncwarp();
	for (int i = 0; i < F::num_elements; i++) {
		int n = simt_place<F>(i, lane), row = n / N, column = n % N;
		at[layout == mem_row_major ? (size_t)row * stride + column
					   : (size_t)column * stride + row] = f.x[i];
	}
}

SIMT_INLINE float __float_to_tf32(float f)
{
	return simt_bits_float(simt_round_shift(simt_float_bits(f), 13) << 13);
}

/* What the 32 lanes bring to a product. */
template <class A, class B, class C> struct simt_operands {
	const A *a;
	const B *b;
	const C *c;
	C *d;
};

template <class E> struct simt_wide {
	typedef float type;
};
template <> struct simt_wide<signed char> {
	typedef int type;
};
template <> struct simt_wide<unsigned char> {
	typedef int type;
};
template <> struct simt_wide<double> {
	typedef double type;
};

/* The whole matrix of a fragment, from its lanes. */
template <class F, class W>
static inline void simt_collect(W *matrix, const F *const lanes[32])
{
	for (int l = 0; l < 32; l++)
		for (int i = 0; i < F::num_elements; i++) {
			int n = simt_place<F>(i, l), row, column;
			if (F::by_columns) {
				row = n % F::rows;
				column = n / F::rows;
			} else {
				row = n / F::columns;
				column = n % F::columns;
			}
			matrix[row * F::columns + column] = (W)lanes[l]->x[i];
		}
}

template <class A, class B, class C> static void simt_multiply(void *const pointer[32], unsigned)
{
	typedef simt_operands<A, B, C> operands;
	typedef typename simt_wide<typename A::element_type>::type W;
	enum { M = A::rows, K = A::columns, N = B::columns };
	const A *a[32];
	const B *b[32];
	const C *c[32];
	W am[M * K], bm[K * N], cm[M * N];
	for (int l = 0; l < 32; l++) {
		const operands *o = (const operands *)pointer[l];
		a[l] = o->a;
		b[l] = o->b;
		c[l] = o->c;
	}
	simt_collect<A, W>(am, a);
	simt_collect<B, W>(bm, b);
	simt_collect<C, W>(cm, c);
	for (int i = 0; i < M; i++)
		for (int j = 0; j < N; j++)
			for (int k = 0; k < K; k++)
				cm[i * N + j] += am[i * K + k] * bm[k * N + j];
	for (int l = 0; l < 32; l++)
		for (int i = 0; i < C::num_elements; i++)
			((const operands *)pointer[l])->d->x[i] =
				(typename C::element_type)cm[simt_place<C>(i, l)];
}

template <int M, int N, int K, class TA, class LA, class TB, class LB, class TC>
SIMT_INLINE void mma_sync(fragment<accumulator, M, N, K, TC> &d,
			  const fragment<matrix_a, M, N, K, TA, LA> &a,
			  const fragment<matrix_b, M, N, K, TB, LB> &b,
			  const fragment<accumulator, M, N, K, TC> &c)
{
	typedef fragment<matrix_a, M, N, K, TA, LA> A;
	typedef fragment<matrix_b, M, N, K, TB, LB> B;
	typedef fragment<accumulator, M, N, K, TC> C;
	simt_note_tensor(2 * M * N * K / 32);
	simt_operands<A, B, C> mine = {&a, &b, &c, &d};
	simt_meet(SIMT_GATHER, 0xffffffffu, (uint64_t)(uintptr_t)&mine,
		  (int64_t)(uintptr_t)&simt_multiply<A, B, C>, 32);
}

} // namespace wmma
} // namespace nvcuda

#endif
