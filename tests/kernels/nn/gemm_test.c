/* Products against three plain loops, bit for bit, on every vector width there is. */
#include "kernels/nn/gemm.h"

#include <math.h>
#include <stdlib.h>

#include "weft.h"

#include "kernels/nn/threads.h"

#include "tests/unit/test.h"
#include "tests/kernels/nn/near.h"

static const char *const widths[] = {"sse2", "avx2", "avx512"};

/* Run `check` on every width of this processor. */
static void on_every_width(void (*check)(void))
{
	const char *before = gemm_used();
	for (int i = 0; i < 3; i++)
		if (gemm_use(widths[i]))
			check();
	EXPECT(gemm_use(before));
}

/* Odd sizes around the edges of tiles (6 and 8 rows; 4 to 64 columns) and of blocks (128, 120, 1024). */
static const size_t shapes[][3] = {
	{1, 1, 1}, {2, 3, 4}, {5, 7, 3}, {6, 64, 16}, {7, 65, 17}, {8, 16, 128}, {9, 33, 129},
	{12, 4, 256}, {13, 82, 64}, {121, 31, 5}, {64, 128, 130}, {128, 16, 128}, {3, 1030, 9},
	{130, 100, 300}, {1, 64, 64}, {64, 1, 64}, {250, 260, 40},
};
#define SHAPES (sizeof shapes / sizeof shapes[0])

static void fill(weft_rng *rng, size_t n, real *x)
{
	for (size_t i = 0; i < n; i++)
		x[i] = (real)weft_normal(rng);
}

/* c = c + a * b, twice rounded: the store keeps a compiler of the test from fusing. */
static real step(real c, real a, real b)
{
	volatile real product = a * b;
	return c + product;
}

static void plain(size_t M, size_t N, size_t K, real *C, size_t stride, Matrix A, Matrix B,
                  enum product how)
{
	for (size_t i = 0; i < M; i++)
		for (size_t j = 0; j < N; j++) {
			real c = how == ACCUMULATE ? C[i * stride + j] : 0;
			for (size_t k = 0; k < K; k++)
				c = step(c, A.at[(ptrdiff_t)i * A.row + (ptrdiff_t)k * A.col],
				         B.at[(ptrdiff_t)k * B.row + (ptrdiff_t)j * B.col]);
			C[i * stride + j] = c;
		}
}

/* One shape, with A and B by rows or by columns; a margin of C must stay as it is. */
static void check_shape(const size_t *shape, int by_columns, enum product how)
{
	size_t M = shape[0], N = shape[1], K = shape[2], stride = N + 3;
	weft_rng rng = weft_seed(M * 31 + N * 7 + K);
	real *a = reals(M * K), *b = reals(K * N), *c = reals(M * stride), *want = reals(M * stride);
	fill(&rng, M * K, a);
	fill(&rng, K * N, b);
	fill(&rng, M * stride, c);
	memcpy(want, c, M * stride * sizeof *c);
	Matrix A = by_columns & 1 ? transposed(matrix(a, M)) : matrix(a, K);
	Matrix B = by_columns & 2 ? transposed(matrix(b, K)) : matrix(b, N);
	plain(M, N, K, want, stride, A, B, how);
	gemm(M, N, K, c, stride, A, B, how);
	EXPECT(!memcmp(c, want, M * stride * sizeof *c));
	free(a);
	free(b);
	free(c);
	free(want);
}

static void check_shapes(void)
{
	for (size_t s = 0; s < SHAPES; s++)
		for (int by_columns = 0; by_columns < 4; by_columns++) {
			check_shape(shapes[s], by_columns, OVERWRITE);
			check_shape(shapes[s], by_columns, ACCUMULATE);
		}
}

TEST(bits_are_those_of_three_plain_loops)
{
	on_every_width(check_shapes);
}

/* Past the size at which threads join. */
static void check_large(void)
{
	check_shape((size_t[]){200, 300, 170}, 0, OVERWRITE);
	check_shape((size_t[]){410, 90, 170}, 1, ACCUMULATE);
}

TEST(threads_leave_no_trace)
{
	EXPECT(thread_count() > 1);
	on_every_width(check_large);
}

TEST(named_products_transpose_as_they_say)
{
	enum { M = 5, N = 7, K = 3 };
	real a[M * K], b[K * N], c[M * N], want[M * N];
	weft_rng rng = weft_seed(1);
	fill(&rng, M * K, a);
	fill(&rng, K * N, b);
	matmul(M, N, K, c, a, b, OVERWRITE);
	plain(M, N, K, want, N, (Matrix){a, K, 1}, (Matrix){b, N, 1}, OVERWRITE);
	EXPECT(!memcmp(c, want, sizeof c));
	matmul_nt(M, N, K, c, a, b, ACCUMULATE);
	plain(M, N, K, want, N, (Matrix){a, K, 1}, (Matrix){b, 1, K}, ACCUMULATE);
	EXPECT(!memcmp(c, want, sizeof c));
	matmul_tn(M, N, K, c, a, b, OVERWRITE);
	plain(M, N, K, want, N, (Matrix){a, 1, M}, (Matrix){b, N, 1}, OVERWRITE);
	EXPECT(!memcmp(c, want, sizeof c));
}

/* |C - AB| <= K u |A||B|, with the exact product from double (long double for double). */
TEST(the_error_bound_of_the_header_holds)
{
	enum { M = 20, N = 20, K = 700 };
	real *a = reals(M * K), *b = reals(K * N), *c = reals(M * N);
	weft_rng rng = weft_seed(3);
	fill(&rng, M * K, a);
	fill(&rng, K * N, b);
	matmul(M, N, K, c, a, b, OVERWRITE);
	const double u = sizeof(real) == sizeof(float) ? 0x1p-24 : 0x1p-53;
	for (int i = 0; i < M; i++)
		for (int j = 0; j < N; j++) {
			long double exact = 0, size = 0;
			for (int k = 0; k < K; k++) {
				long double x = (long double)a[i * K + k] * (long double)b[k * N + j];
				exact += x;
				size += fabsl(x);
			}
			EXPECT(fabsl(c[i * N + j] - exact) <= K * u * size);
		}
	free(a);
	free(b);
	free(c);
}

TEST(empty_products_are_zero)
{
	real c[] = {1, 2, 3, 4}, none[1] = {5};
	gemm(0, 2, 2, c, 2, matrix(none, 2), matrix(none, 2), OVERWRITE);
	gemm(2, 2, 0, c, 2, matrix(none, 0), matrix(none, 2), ACCUMULATE);
	EXPECT(c[0] == 1 && c[1] == 2 && c[2] == 3 && c[3] == 4);
	gemm(2, 2, 0, c, 2, matrix(none, 0), matrix(none, 2), OVERWRITE);
	EXPECT(c[0] == 0 && c[1] == 0 && c[2] == 0 && c[3] == 0);
}

TEST(an_unknown_width_is_refused)
{
	const char *before = gemm_used();
	EXPECT(!gemm_use("mmx"));
	EXPECT(!gemm_use(""));
	EXPECT_STR(gemm_used(), before);
}

/* --- Threads --- */

enum { PIECES = 1000 };
static int done[PIECES];
static int inner[PIECES];

static void mark_inner(void *ctx, size_t piece)
{
	*(int *)ctx += (int)piece;
}

static void mark(void *ctx, size_t piece)
{
	done[piece] += *(int *)ctx;
	parallel(5, mark_inner, &inner[piece]);
}

TEST(every_piece_is_done_once)
{
	for (int round = 0; round < 50; round++) {
		int one = 1;
		memset(done, 0, sizeof done);
		memset(inner, 0, sizeof inner);
		parallel(PIECES, mark, &one);
		for (int i = 0; i < PIECES; i++) {
			EXPECT_INT(done[i], 1);
			EXPECT_INT(inner[i], 10);
		}
	}
}

int main(void)
{
	char name[] = "gemm_test", threads[] = "threads=3";
	nn_setup(2, (char *[]){name, threads});
	const struct CMUnitTest tests[] = {
		CASE(bits_are_those_of_three_plain_loops),
		CASE(threads_leave_no_trace),
		CASE(named_products_transpose_as_they_say),
		CASE(the_error_bound_of_the_header_holds),
		CASE(empty_products_are_zero),
		CASE(an_unknown_width_is_refused),
		CASE(every_piece_is_done_once),
	};
	return RUN(tests);
}
