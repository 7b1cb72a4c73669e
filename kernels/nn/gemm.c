/* Blocks that fit the caches around tiles that fit the registers (Goto and van
 * de Geijn, Anatomy of High-Performance Matrix Multiplication, 2008): a block
 * of B is packed into panels as wide as a tile, once for all rows of A.
 *
 * A block of k continues the sums that the last one left in C, so that blocking
 * leaves no trace in the bits. */
#include "gemm.h"

#include <assert.h>
#include <string.h>

#include "threads.h"
#include "vec.h"

/* --- Tiles --- */

#define BYTES 16
#define TARGET
#define TILE sse2_large
#define ROWS 6
#define VECTORS 2
#include "gemm_tile.h"
#define TILE sse2_small
#define ROWS 8
#define VECTORS 1
#include "gemm_tile.h"
#undef BYTES
#undef TARGET

#ifdef __x86_64__

#define BYTES 32
#define TARGET __attribute__((target("avx2")))
#define TILE avx2_large
#define ROWS 6
#define VECTORS 2
#include "gemm_tile.h"
#define TILE avx2_small
#define ROWS 8
#define VECTORS 1
#include "gemm_tile.h"
#undef BYTES
#undef TARGET

#define BYTES 64
#define TARGET __attribute__((target("avx512f")))
#define TILE avx512_large
#define ROWS 6
#define VECTORS 4
#include "gemm_tile.h"
#define TILE avx512_medium
#define ROWS 8
#define VECTORS 2
#include "gemm_tile.h"
#define TILE avx512_small
#define ROWS 8
#define VECTORS 1
#include "gemm_tile.h"
#undef BYTES
#undef TARGET

#endif

struct tile {
	size_t rows, cols;
	void (*run)(size_t K, real *C, size_t stride, Matrix A, const real *panel);
};

/* Vectors of one kind, their tiles from narrow to wide. */
struct simd {
	const char *name;
	int ntiles;
	struct tile tile[3];
};

#define LANES(bytes) ((bytes) / sizeof(real))

/* From best to plainest; the last always works. */
static const struct simd simds[] = {
#ifdef __x86_64__
	{"avx512", 3, {{8, 1 * LANES(64), avx512_small},
	               {8, 2 * LANES(64), avx512_medium},
	               {6, 4 * LANES(64), avx512_large}}},
	{"avx2", 2, {{8, 1 * LANES(32), avx2_small}, {6, 2 * LANES(32), avx2_large}}},
#endif
	{"sse2", 2, {{8, 1 * LANES(16), sse2_small}, {6, 2 * LANES(16), sse2_large}}},
};

#define NSIMDS (sizeof simds / sizeof simds[0])

static const struct simd *in_use;       /* one a process; NULL until first asked */

static bool is_there(const struct simd *s)
{
#ifdef __x86_64__
	__builtin_cpu_init();
	if (!strcmp(s->name, "avx512"))
		return __builtin_cpu_supports("avx512f");
	if (!strcmp(s->name, "avx2"))
		return __builtin_cpu_supports("avx2");
#endif
	return s == &simds[NSIMDS - 1];
}

/* --- Blocks --- */

#define BLOCK_K 128     /* a panel of 128 x 64 floats is 32 KB: the first cache */
#define BLOCK_M 120     /* a multiple of every tile's rows */
#define BLOCK_N 1024    /* a multiple of every tile's columns */
#define MAX_ROWS 8
#define MAX_COLS 64

/* Copies of blocks, one set a thread. The slack is the padding of the last panel. */
static _Thread_local _Alignas(64) real b_copy[BLOCK_K * (BLOCK_N + MAX_COLS)];
static _Thread_local _Alignas(64) real a_copy[BLOCK_K * MAX_ROWS];

static size_t smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* The narrowest tile that holds n columns, or the widest. */
static const struct tile *tile_for(const struct simd *s, size_t n)
{
	int t = 0;
	while (t < s->ntiles - 1 && s->tile[t].cols < n)
		t++;
	return &s->tile[t];
}

static Matrix block(Matrix m, size_t i, size_t j)
{
	m.at += (ptrdiff_t)i * m.row + (ptrdiff_t)j * m.col;
	return m;
}

/* to[k, width] = B[k, n], zeros beyond n. */
static void pack_panel(real *to, size_t width, size_t K, size_t n, Matrix B)
{
	if (n < width)
		memset(to, 0, K * width * sizeof(real));
	if (B.col == 1) {
		for (size_t k = 0; k < K; k++)
			memcpy(to + k * width, B.at + (ptrdiff_t)k * B.row, n * sizeof(real));
		return;
	}
	for (size_t j = 0; j < n; j++) {
		const real *from = B.at + (ptrdiff_t)j * B.col;
		for (size_t k = 0; k < K; k++)
			to[k * width + j] = from[(ptrdiff_t)k * B.row];
	}
}

/* to[k, rows] = A[m, k] transposed, zeros beyond m. */
static void pack_rows(real *to, size_t rows, size_t K, size_t m, Matrix A)
{
	for (size_t k = 0; k < K; k++) {
		const real *from = A.at + (ptrdiff_t)k * A.col;
		for (size_t r = 0; r < m; r++)
			to[k * rows + r] = from[(ptrdiff_t)r * A.row];
		for (size_t r = m; r < rows; r++)
			to[k * rows + r] = 0;
	}
}

/* A tile at the edge of C: m x n of it are real. */
static void run_edge(const struct tile *t, size_t K, size_t m, size_t n, real *C, size_t stride,
                     Matrix A, const real *panel)
{
	_Alignas(64) real whole[MAX_ROWS * MAX_COLS] = {0};
	for (size_t r = 0; r < m; r++)
		memcpy(whole + r * t->cols, C + r * stride, n * sizeof(real));
	t->run(K, whole, t->cols, A, panel);
	for (size_t r = 0; r < m; r++)
		memcpy(C + r * stride, whole + r * t->cols, n * sizeof(real));
}

/* C[M, n] += A[M, K] panel, for a panel as wide as the tile. */
static void run_panel(const struct tile *t, size_t M, size_t K, size_t n, real *C, size_t stride,
                      Matrix A, const real *panel)
{
	for (size_t i = 0; i < M; i += t->rows) {
		size_t m = smaller(M - i, t->rows);
		Matrix a = block(A, i, 0);
		if (m < t->rows) {
			pack_rows(a_copy, t->rows, K, m, a);
			a = (Matrix){a_copy, 1, (ptrdiff_t)t->rows};
		}
		if (m == t->rows && n == t->cols)
			t->run(K, C + i * stride, stride, a, panel);
		else
			run_edge(t, K, m, n, C + i * stride, stride, a, panel);
	}
}

/* The panels of B[K, n] one after the other, as run_block() reads them. */
static void pack(size_t K, size_t n, Matrix B)
{
	real *to = b_copy;
	for (size_t j = 0; j < n; ) {
		const struct tile *t = tile_for(in_use, n - j);
		pack_panel(to, t->cols, K, smaller(n - j, t->cols), block(B, 0, j));
		to += K * t->cols;
		j += t->cols;
	}
}

/* C[M, N] += A[M, K] times the packed B[K, N]. */
static void run_block(size_t M, size_t N, size_t K, real *C, size_t stride, Matrix A)
{
	const real *panel = b_copy;
	for (size_t j = 0; j < N; ) {
		const struct tile *t = tile_for(in_use, N - j);
		run_panel(t, M, K, smaller(N - j, t->cols), C + j, stride, A, panel);
		panel += K * t->cols;
		j += t->cols;
	}
}

/* One thread's share: C[M, N] += A B, block by block. */
static void multiply(size_t M, size_t N, size_t K, real *C, size_t stride, Matrix A, Matrix B)
{
	for (size_t j = 0; j < N; j += BLOCK_N) {
		size_t nb = smaller(N - j, BLOCK_N);
		for (size_t k = 0; k < K; k += BLOCK_K) {
			size_t kb = smaller(K - k, BLOCK_K);
			pack(kb, nb, block(B, k, j));
			for (size_t i = 0; i < M; i += BLOCK_M)
				run_block(smaller(M - i, BLOCK_M), nb, kb, C + i * stride + j,
				          stride, block(A, i, k));
		}
	}
}

/* A product cut along M or N, never K. Who adds to a piece also clears it: then its lines are in the
 * caches of the processor that works on it. */
struct job {
	size_t M, N, K;
	real *C;
	size_t stride;
	Matrix A, B;
	enum product how;
	size_t rows, cols;      /* of a piece */
};

static void run_job(void *ctx, size_t piece)
{
	const struct job *job = ctx;
	size_t across = (job->N + job->cols - 1) / job->cols;
	size_t i = piece / across * job->rows;
	size_t j = piece % across * job->cols;
	size_t m = smaller(job->M - i, job->rows), n = smaller(job->N - j, job->cols);
	real *C = job->C + i * job->stride + j;
	for (size_t r = 0; job->how == OVERWRITE && r < m; r++)
		memset(C + r * job->stride, 0, n * sizeof *C);
	multiply(m, n, job->K, C, job->stride, block(job->A, i, 0), block(job->B, 0, j));
}

/* n in equal pieces for `threads`, each a multiple of `unit` but the last. */
static size_t share(size_t n, size_t threads, size_t unit)
{
	size_t each = (n + threads - 1) / threads;
	return (each + unit - 1) / unit * unit;
}

/* Operations below which waking a thread takes longer than the work. */
#define WORTH_A_THREAD 3e6

/* Does the compiler fuse a product into a sum? (1 + e)^2 - (1 + 2e) is 0 when the square is rounded,
 * and e^2 when it is not. */
static bool is_fused(void)
{
	const real e = sizeof(real) == sizeof(float) ? 0x1p-13f : 0x1p-27;
	const real a[] = {-1, 1 + e};
	const real b[] = {1 + 2 * e, 1 + e};
	real c = 0;
	multiply(1, 1, 2, &c, 1, matrix(a, 2), matrix(b, 1));
	return c != 0;
}

/* To measure what fused products would gain, -DNN_FUSED permits them. */
#ifdef NN_FUSED
static const bool may_fuse = true;
#else
static const bool may_fuse = false;
#endif

bool gemm_use(const char *name)
{
	for (size_t i = 0; i < NSIMDS; i++)
		if (!strcmp(simds[i].name, name) && is_there(&simds[i])) {
			in_use = &simds[i];
			if (!may_fuse && is_fused())
				nn_quit("kernels/nn is compiled with fused multiply-add; it wants "
				        "-ffp-contract=off");
			return true;
		}
	return false;
}

static void choose(void)
{
	for (size_t i = 0; !in_use; i++)
		gemm_use(simds[i].name);
}

const char *gemm_used(void)
{
	if (!in_use)
		choose();
	return in_use->name;
}

void gemm(size_t M, size_t N, size_t K, real *C, size_t stride, Matrix A, Matrix B,
          enum product how)
{
	assert(stride >= N);
	if (!in_use)
		choose();
	if (!M || !N)
		return;
	struct job job = {M, N, K, C, stride, A, B, how, M, N};
	size_t threads = (size_t)thread_count();
	if (2.0 * (double)M * (double)N * (double)K < WORTH_A_THREAD)
		threads = 1;
	if (N >= M)
		job.cols = share(N, threads, MAX_COLS);
	else
		job.rows = share(M, threads, 24);       /* whole tiles of every kind */
	parallel(((M + job.rows - 1) / job.rows) * ((N + job.cols - 1) / job.cols), run_job, &job);
}

void matmul(size_t M, size_t N, size_t K, real *C, const real *A, const real *B, enum product how)
{
	gemm(M, N, K, C, N, matrix(A, K), matrix(B, N), how);
}

void matmul_nt(size_t M, size_t N, size_t K, real *C, const real *A, const real *B,
               enum product how)
{
	gemm(M, N, K, C, N, matrix(A, K), transposed(matrix(B, K)), how);
}

void matmul_tn(size_t M, size_t N, size_t K, real *C, const real *A, const real *B,
               enum product how)
{
	gemm(M, N, K, C, N, transposed(matrix(A, M)), matrix(B, N), how);
}
