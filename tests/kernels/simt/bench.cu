/* The time of small kernels and of attention, each beside scalar C on the same data, whose bits
 * they must give. Best of some runs; SIMT_WORKERS says on how many cores.
 *
 *   bench [n of attention] [runs] [cpu]    columns: kernel, milliseconds, C's, ratio
 *
 * With `cpu` the times are of all cores together, which on a busy machine says more. */
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <cuda_runtime.h>

enum { N = 1 << 20, SIDE = 512, M = 256, D = 64, T = 64, C = 8 };
static int runs = 5, mistakes;
static clockid_t watch = CLOCK_MONOTONIC;

__global__ void vector_add(const float *a, const float *b, float *c, int n)
{
	int i = blockIdx.x * blockDim.x + threadIdx.x;
	if (i < n)
		c[i] = a[i] + b[i];
}
__global__ void saxpy(const float *x, float *y, int n, float s)
{
	int i = blockIdx.x * blockDim.x + threadIdx.x;
	if (i < n)
		y[i] = s * x[i] + y[i];
}
__global__ void stencil(const float *a, float *c, int n)
{
	int i = blockIdx.x * blockDim.x + threadIdx.x;
	if (i > 0 && i < n - 1)
		c[i] = 0.25f * a[i - 1] + 0.5f * a[i] + 0.25f * a[i + 1];
}
__global__ void matmul(const float *a, const float *b, float *c, int n)
{
	int row = blockIdx.y * blockDim.y + threadIdx.y, col = blockIdx.x * blockDim.x + threadIdx.x;
	float sum = 0;
	for (int k = 0; k < n; k++)
		sum += a[row * n + k] * b[k * n + col];
	c[row * n + col] = sum;
}
__global__ void transpose(const float *in, float *out, int n)
{
	__shared__ float tile[32][33];
	int x = blockIdx.x * 32 + threadIdx.x, y = blockIdx.y * 32 + threadIdx.y;
	for (int j = 0; j < 32; j += 8)
		tile[threadIdx.y + j][threadIdx.x] = in[(y + j) * n + x];
	__syncthreads();
	x = blockIdx.y * 32 + threadIdx.x;
	y = blockIdx.x * 32 + threadIdx.y;
	for (int j = 0; j < 32; j += 8)
		out[(y + j) * n + x] = tile[threadIdx.x][threadIdx.y + j];
}
__global__ void histogram(const unsigned *a, int n, int *bins)
{
	__shared__ int own[64];
	if (threadIdx.x < 64)
		own[threadIdx.x] = 0;
	__syncthreads();
	int i = blockIdx.x * blockDim.x + threadIdx.x;
	if (i < n)
		atomicAdd(&own[a[i] & 63], 1);
	__syncthreads();
	if (threadIdx.x < 64)
		atomicAdd(&bins[threadIdx.x], own[threadIdx.x]);
}
__global__ void scores(const float *q, const float *k, float *s, int n, float scale)
{
	int at = blockIdx.x * blockDim.x + threadIdx.x, i = at / n, j = at % n;
	float sum = 0;
	for (int c = 0; c < D; c++)
		sum += q[i * D + c] * k[j * D + c];
	s[i * n + j] = sum * scale;
}
__global__ void softmax(float *s, int n)
{
	int row = (blockIdx.x * blockDim.x + threadIdx.x) / 32, lane = threadIdx.x % 32;
	float most = -INFINITY, sum = 0;
	for (int j = lane; j < n; j += 32)
		most = fmaxf(most, s[row * n + j]);
	for (int d = 16; d; d /= 2)
		most = fmaxf(most, __shfl_xor_sync(0xffffffffu, most, d));
	for (int j = lane; j < n; j += 32) {
		float e = expf(s[row * n + j] - most);
		s[row * n + j] = e;
		sum += e;
	}
	for (int d = 16; d; d /= 2)
		sum += __shfl_xor_sync(0xffffffffu, sum, d);
	for (int j = lane; j < n; j += 32)
		s[row * n + j] = s[row * n + j] / sum;
}
__global__ void values(const float *p, const float *v, float *o, int n)
{
	int at = blockIdx.x * blockDim.x + threadIdx.x, i = at / D, c = at % D;
	float sum = 0;
	for (int j = 0; j < n; j++)
		sum += p[i * n + j] * v[j * D + c];
	o[i * D + c] = sum;
}
__global__ void flash(const float *q, const float *k, const float *v, float *o, int n, float scale)
{
	__shared__ float ks[T][D + 1];
	__shared__ float vs[T][D];
	int t = threadIdx.x;
	float own[D], acc[D], most = -INFINITY, sum = 0;
	q += (size_t)blockIdx.x * T * D;
	o += (size_t)blockIdx.x * T * D;
	for (int r = 0; r < T; r++)
		ks[r][t] = q[r * D + t];
	__syncthreads();
	for (int c = 0; c < D; c++) {
		own[c] = ks[t][c] * scale;
		acc[c] = 0;
	}
	for (int tile = 0; tile < n; tile += T) {
		__syncthreads();
		for (int r = 0; r < T; r++) {
			ks[r][t] = k[(tile + r) * D + t];
			vs[r][t] = v[(tile + r) * D + t];
		}
		__syncthreads();
		for (int j0 = 0; j0 < T; j0 += C) {
			float s[C], high = most;
			for (int j = 0; j < C; j++) {
				float x = 0;
				for (int c = 0; c < D; c++)
					x += own[c] * ks[j0 + j][c];
				s[j] = x;
				high = fmaxf(high, x);
			}
			float shrink = expf(most - high);
			sum *= shrink;
			most = high;
			for (int c = 0; c < D; c++)
				acc[c] *= shrink;
			for (int j = 0; j < C; j++) {
				float p = expf(s[j] - most);
				sum += p;
				for (int c = 0; c < D; c++)
					acc[c] += p * vs[j0 + j][c];
			}
		}
	}
	__syncthreads();
	for (int c = 0; c < D; c++)
		ks[t][c] = acc[c] / sum;
	__syncthreads();
	for (int r = 0; r < T; r++)
		o[r * D + t] = ks[r][t];
}

/* The same in C. */
#define PLAIN_C static __attribute__((noinline)) void
PLAIN_C c_vector_add(const float *a, const float *b, float *c, int n)
{
	for (int i = 0; i < n; i++)
		c[i] = a[i] + b[i];
}
PLAIN_C c_saxpy(const float *x, float *y, int n, float s)
{
	for (int i = 0; i < n; i++)
		y[i] = s * x[i] + y[i];
}
PLAIN_C c_stencil(const float *a, float *c, int n)
{
	for (int i = 1; i < n - 1; i++)
		c[i] = 0.25f * a[i - 1] + 0.5f * a[i] + 0.25f * a[i + 1];
}
PLAIN_C c_matmul(const float *a, const float *b, float *c, int n)
{
	for (int i = 0; i < n; i++)
		for (int j = 0; j < n; j++) {
			float sum = 0;
			for (int k = 0; k < n; k++)
				sum += a[i * n + k] * b[k * n + j];
			c[i * n + j] = sum;
		}
}
PLAIN_C c_transpose(const float *in, float *out, int n)
{
	for (int i = 0; i < n; i++)
		for (int j = 0; j < n; j++)
			out[j * n + i] = in[i * n + j];
}
PLAIN_C c_histogram(const unsigned *a, int n, int *bins)
{
	for (int i = 0; i < n; i++)
		bins[a[i] & 63]++;
}
PLAIN_C c_scores(const float *q, const float *k, float *s, int n, float scale)
{
	for (int i = 0; i < n; i++)
		for (int j = 0; j < n; j++) {
			float sum = 0;
			for (int c = 0; c < D; c++)
				sum += q[i * D + c] * k[j * D + c];
			s[i * n + j] = sum * scale;
		}
}
PLAIN_C c_values(const float *p, const float *v, float *o, int n)
{
	for (int i = 0; i < n; i++)
		for (int c = 0; c < D; c++) {
			float sum = 0;
			for (int j = 0; j < n; j++)
				sum += p[i * n + j] * v[j * D + c];
			o[i * D + c] = sum;
		}
}

static double now()
{
	timespec t;
	clock_gettime(watch, &t);
	return t.tv_sec + 1e-9 * t.tv_nsec;
}

/* Time a statement: the best of `runs`, in seconds, with `out` cleared before each. */
#define BEST(seconds, out, bytes, ...)                                                            \
	do {                                                                                      \
		seconds = 1e9;                                                                    \
		for (int run = 0; run < runs; run++) {                                            \
			memset(out, 0, bytes);                                                    \
			double from = now();                                                      \
			__VA_ARGS__;                                                              \
			double taken = now() - from;                                              \
			seconds = taken < seconds ? taken : seconds;                              \
		}                                                                                 \
	} while (0)

static void row(const char *name, double ours, double c, bool same)
{
	printf("%-12s %10.3f", name, ours * 1e3);
	if (c > 0)
		printf(" %10.3f %8.2f%s", c * 1e3, ours / c, same ? "" : "  other bits");
	printf("\n");
	mistakes += !same;
}

#define COMPARE(name, out, c_out, bytes, kernel, c)                                               \
	do {                                                                                      \
		double ours, theirs;                                                              \
		BEST(ours, out, bytes, kernel);                                                   \
		BEST(theirs, c_out, bytes, c);                                                    \
		row(name, ours, theirs, !memcmp(out, c_out, bytes));                              \
	} while (0)

static void fill(float *a, size_t n, unsigned seed)
{
	for (size_t i = 0; i < n; i++) {
		seed = seed * 1664525u + 1013904223u;
		a[i] = (float)(seed >> 8) / 8388608.0f - 1;
	}
}

static void small_kernels()
{
	float *a, *b, *c, *e;
	cudaMallocManaged(&a, N * sizeof(float));
	cudaMallocManaged(&b, N * sizeof(float));
	cudaMallocManaged(&c, N * sizeof(float));
	cudaMallocManaged(&e, N * sizeof(float));
	fill(a, N, 1);
	fill(b, N, 2);
	const int grid = N / 256;
	COMPARE("vector_add", c, e, N * 4, (vector_add<<<grid, 256>>>(a, b, c, N)),
		c_vector_add(a, b, e, N));
	COMPARE("saxpy", c, e, N * 4, (saxpy<<<grid, 256>>>(a, c, N, 2.5f)), c_saxpy(a, e, N, 2.5f));
	COMPARE("stencil", c, e, N * 4, (stencil<<<grid, 256>>>(a, c, N)), c_stencil(a, e, N));
	COMPARE("matmul", c, e, M * M * 4,
		(matmul<<<dim3(M / 16, M / 16), dim3(16, 16)>>>(a, b, c, M)), c_matmul(a, b, e, M));
	COMPARE("transpose", c, e, SIDE * SIDE * 4,
		(transpose<<<dim3(SIDE / 32, SIDE / 32), dim3(32, 8)>>>(a, c, SIDE)),
		c_transpose(a, e, SIDE));
	COMPARE("histogram", c, e, 256,
		(histogram<<<grid, 256>>>((unsigned *)a, N, (int *)c)),
		c_histogram((unsigned *)a, N, (int *)e));
	cudaFree(a);
	cudaFree(b);
	cudaFree(c);
	cudaFree(e);
}

static void attention(int n)
{
	float *q, *k, *v, *s, *o, *e;
	size_t bytes = (size_t)n * D * sizeof(float);
	cudaMallocManaged(&q, bytes);
	cudaMallocManaged(&k, bytes);
	cudaMallocManaged(&v, bytes);
	cudaMallocManaged(&o, bytes);
	cudaMallocManaged(&s, (size_t)n * n * sizeof(float));
	cudaMallocManaged(&e, (size_t)n * n * sizeof(float));
	fill(q, (size_t)n * D, 3);
	fill(k, (size_t)n * D, 4);
	fill(v, (size_t)n * D, 5);
	COMPARE("scores", s, e, (size_t)n * n * 4,
		(scores<<<n * n / 256, 256>>>(q, k, s, n, 0.125f)), c_scores(q, k, e, n, 0.125f));
	double seconds;
	BEST(seconds, o, 4, (softmax<<<n / 8, 256>>>(s, n)));
	row("softmax", seconds, 0, true);
	COMPARE("values", o, e, bytes, (values<<<n * D / 256, 256>>>(s, v, o, n)),
		c_values(s, v, e, n));
	BEST(seconds, o, bytes, (flash<<<n / T, T>>>(q, k, v, o, n, 0.125f)));
	row("flash", seconds, 0, true);
}

int main(int argc, char **argv)
{
	int n = argc > 1 ? atoi(argv[1]) : 1024;
	runs = argc > 2 ? atoi(argv[2]) : 5;
	if (argc > 3 && !strcmp(argv[3], "cpu"))
		watch = CLOCK_PROCESS_CPUTIME_ID;
	printf("%-12s %10s %10s %8s\n", "kernel", "ms", "C ms", "ratio");
	small_kernels();
	attention(n);
	return mistakes != 0;
}
