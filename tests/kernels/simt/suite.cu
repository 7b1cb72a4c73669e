/* The kernels every CUDA text begins with, each against a reference in double and, where the
 * program counts, against what its memory traffic must be by pencil and paper. One text for nvcc
 * and for the CPU; the last line is a digest of all output bits. */
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <cuda_runtime.h>
#include <vector>

#ifndef __SIMT_CPU__
static int simt_counting()
{
	return 0;
}
static uint64_t simt_count(const char *)
{
	return 0;
}
#endif

typedef unsigned long long count;
static int mistakes, checks;
static uint64_t digest = 1469598103934665603u;

/* A figure of the last launch. */
static void counts(const char *kernel, const char *figure, count want)
{
	if (!simt_counting())
		return;
	count got = simt_count(figure);
	checks++;
	if (got != want) {
		printf("%s: %s is %llu, should be %llu\n", kernel, figure, got, want);
		mistakes++;
	}
}

static void near(const char *kernel, const std::vector<float> &got,
		 const std::vector<double> &want, double tolerance)
{
	for (size_t i = 0; i < want.size(); i++)
		if (!(fabs(got[i] - want[i]) <= tolerance * (1 + fabs(want[i])))) {
			printf("%s: element %zu is %.9g, should be %.9g\n", kernel, i, got[i],
			       want[i]);
			mistakes++;
			return;
		}
	const unsigned char *c = (const unsigned char *)got.data();
	for (size_t i = 0; i < got.size() * sizeof(float); i++)
		digest = (digest ^ c[i]) * 1099511628211u;
}

/* An array on the device. */
template <class T> struct Device {
	T *at;
	size_t n;
	explicit Device(size_t size) : at(nullptr), n(size)
	{
		cudaMalloc(&at, n * sizeof(T));
		cudaMemset(at, 0, n * sizeof(T));
	}
	explicit Device(const std::vector<T> &v) : at(nullptr), n(v.size())
	{
		cudaMalloc(&at, n * sizeof(T));
		cudaMemcpy(at, v.data(), n * sizeof(T), cudaMemcpyHostToDevice);
	}
	~Device()
	{
		cudaFree(at);
	}
	operator T *()
	{
		return at;
	}
	std::vector<T> read()
	{
		std::vector<T> v(n);
		cudaError_t e = cudaMemcpy(v.data(), at, n * sizeof(T), cudaMemcpyDeviceToHost);
		if (e != cudaSuccess || cudaGetLastError() != cudaSuccess) {
			printf("%s\n", cudaGetErrorString(e));
			mistakes++;
		}
		return v;
	}
};

static std::vector<float> random_floats(size_t n, unsigned seed)
{
	std::vector<float> v(n);
	for (float &x : v) {
		seed = seed * 1664525u + 1013904223u;
		x = (float)(seed >> 8) / 8388608.0f - 1;
	}
	return v;
}

/* Streams. */
__global__ void vector_add(const float *a, const float *b, float *c, int n)
{
	int i = blockIdx.x * blockDim.x + threadIdx.x;
	if (i < n)
		c[i] = a[i] + b[i];
}
__global__ void vector_add4(const float4 *a, const float4 *b, float4 *c, int n)
{
	int i = blockIdx.x * blockDim.x + threadIdx.x;
	if (i < n) {
		float4 x = a[i], y = b[i];
		c[i] = make_float4(x.x + y.x, x.y + y.y, x.z + y.z, x.w + y.w);
	}
}
__global__ void strided_copy(const float *a, float *b, int n, int stride)
{
	int i = (blockIdx.x * blockDim.x + threadIdx.x) * stride;
	if (i < n)
		b[i] = a[i];
}

static void test_streams()
{
	const int n = 1 << 15;
	const count warps = n / 32;
	std::vector<float> ha = random_floats(n, 1), hb = random_floats(n, 2);
	std::vector<double> want(n);
	for (int i = 0; i < n; i++)
		want[i] = (double)ha[i] + hb[i];
	Device<float> a(ha), b(hb), c(n);
	vector_add<<<n / 256, 256>>>(a, b, c, n);
	counts("vector_add", "loads", 2 * warps);
	counts("vector_add", "load_sectors", 8 * warps);
	counts("vector_add", "store_sectors", 4 * warps);
	counts("vector_add", "distinct_load_sectors", 2 * n / 8);
	counts("vector_add", "distinct_store_sectors", n / 8);
	counts("vector_add", "flops32", n);
	near("vector_add", c.read(), want, 1e-6);
	vector_add4<<<n / 1024, 256>>>((float4 *)a.at, (float4 *)b.at, (float4 *)c.at, n / 4);
	counts("vector_add4", "loads", warps / 2);
	counts("vector_add4", "load_sectors", 8 * warps);
	counts("vector_add4", "store_sectors", 4 * warps);
	counts("vector_add4", "load_bytes", 8 * n);
	near("vector_add4", c.read(), want, 1e-6);
	for (int stride = 1; stride <= 32; stride *= 2) {
		strided_copy<<<n / stride / 256 + 1, 256>>>(a, c, n, stride);
		count each = stride < 8 ? 4 * (count)stride : 32;
		counts("strided_copy", "load_sectors", warps / stride * each);
		counts("strided_copy", "store_sectors", warps / stride * each);
	}
}

/* Transposes of n x n. */
__global__ void transpose_naive(const float *in, float *out, int n)
{
	int x = blockIdx.x * 32 + threadIdx.x, y = blockIdx.y * 32 + threadIdx.y;
	for (int j = 0; j < 32; j += 8)
		out[x * n + y + j] = in[(y + j) * n + x];
}
template <int PITCH> __global__ void transpose_shared(const float *in, float *out, int n)
{
	__shared__ float tile[32][PITCH];
	int x = blockIdx.x * 32 + threadIdx.x, y = blockIdx.y * 32 + threadIdx.y;
	for (int j = 0; j < 32; j += 8)
		tile[threadIdx.y + j][threadIdx.x] = in[(y + j) * n + x];
	__syncthreads();
	x = blockIdx.y * 32 + threadIdx.x;
	y = blockIdx.x * 32 + threadIdx.y;
	for (int j = 0; j < 32; j += 8)
		out[(y + j) * n + x] = tile[threadIdx.x][threadIdx.y + j];
}

static void test_transposes()
{
	const int n = 128;
	const count requests = n * n / 32, blocks = n * n / 1024;
	std::vector<float> h = random_floats(n * n, 3);
	std::vector<double> want(n * n);
	for (int i = 0; i < n; i++)
		for (int j = 0; j < n; j++)
			want[j * n + i] = h[i * n + j];
	Device<float> in(h), out(n * n);
	dim3 grid(n / 32, n / 32), block(32, 8);
	transpose_naive<<<grid, block>>>(in, out, n);
	counts("transpose_naive", "load_sectors", 4 * requests);
	counts("transpose_naive", "store_sectors", 32 * requests);
	near("transpose_naive", out.read(), want, 0);
	transpose_shared<32><<<grid, block>>>(in, out, n);
	counts("transpose_shared", "store_sectors", 4 * requests);
	counts("transpose_shared", "shared_store_conflicts", 0);
	counts("transpose_shared", "shared_load_conflicts", 31 * requests);
	counts("transpose_shared", "shared_load_wavefronts", 32 * requests);
	counts("transpose_shared", "barriers", blocks);
	near("transpose_shared", out.read(), want, 0);
	transpose_shared<33><<<grid, block>>>(in, out, n);
	counts("transpose_padded", "shared_load_conflicts", 0);
	counts("transpose_padded", "store_sectors", 4 * requests);
	near("transpose_padded", out.read(), want, 0);
}

/* Reductions. */
__global__ void reduce_tree(const float *a, float *out)
{
	extern __shared__ float part[];
	unsigned t = threadIdx.x;
	part[t] = a[blockIdx.x * blockDim.x + t];
	__syncthreads();
	for (unsigned d = blockDim.x / 2; d; d /= 2) {
		if (t < d)
			part[t] += part[t + d];
		__syncthreads();
	}
	if (t == 0)
		out[blockIdx.x] = part[0];
}
__global__ void reduce_shuffle(const float *a, float *out, int n)
{
	__shared__ float part[32];
	float s = 0;
	for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += gridDim.x * blockDim.x)
		s += a[i];
	for (int d = 16; d; d /= 2)
		s += __shfl_down_sync(0xffffffffu, s, d);
	if (threadIdx.x % 32 == 0)
		part[threadIdx.x / 32] = s;
	__syncthreads();
	if (threadIdx.x < 32) {
		s = threadIdx.x < blockDim.x / 32 ? part[threadIdx.x] : 0.0f;
		for (int d = 16; d; d /= 2)
			s += __shfl_down_sync(0xffffffffu, s, d);
		if (threadIdx.x == 0)
			atomicAdd(out, s);
	}
}

static void test_reductions()
{
	const int n = 1 << 14, blocks = 16;
	std::vector<float> h = random_floats(n, 4);
	std::vector<double> want(n / 256), all(1);
	for (int i = 0; i < n; i++) {
		want[i / 256] += h[i];
		all[0] += h[i];
	}
	Device<float> a(h), out(n / 256), total(1);
	reduce_tree<<<n / 256, 256, 256 * sizeof(float)>>>(a, out);
	/* 8 steps with 4, 2, 1, 1, 1, 1, 1, 1 warps; two loads and a store each */
	counts("reduce_tree", "barriers", 9 * n / 256);
	counts("reduce_tree", "shared_loads", (2 * 12 + 1) * n / 256);
	counts("reduce_tree", "shared_stores", (8 + 12) * n / 256);
	counts("reduce_tree", "shared_load_conflicts", 0);
	counts("reduce_tree", "flops32", 255 * n / 256);
	near("reduce_tree", out.read(), want, 1e-5);
	reduce_shuffle<<<blocks, 256>>>(a, total, n);
	counts("reduce_shuffle", "load_sectors", n / 8);
	counts("reduce_shuffle", "collectives", blocks * (8 + 1) * 5);
	counts("reduce_shuffle", "barriers", blocks);
	counts("reduce_shuffle", "atomics", blocks);
	counts("reduce_shuffle", "shared_stores", blocks * 8);
	counts("reduce_shuffle", "shared_loads", blocks);
	near("reduce_shuffle", total.read(), all, 1e-5);
}

/* An inclusive scan of each block, by doubling. */
__global__ void scan(const float *in, float *out)
{
	__shared__ float s[2][256];
	int t = threadIdx.x, from = 0;
	s[0][t] = in[blockIdx.x * 256 + t];
	__syncthreads();
	for (int d = 1; d < 256; d *= 2) {
		float v = s[from][t];
		if (t >= d)
			v += s[from][t - d];
		s[1 - from][t] = v;
		from = 1 - from;
		__syncthreads();
	}
	out[blockIdx.x * 256 + t] = s[from][t];
}

static void test_scan()
{
	const int n = 4096;
	const count blocks = n / 256;
	std::vector<float> h = random_floats(n, 5);
	std::vector<double> want(n);
	for (int i = 0; i < n; i++)
		want[i] = h[i] + (i % 256 ? want[i - 1] : 0);
	Device<float> in(h), out(n);
	scan<<<blocks, 256>>>(in, out);
	counts("scan", "barriers", 9 * blocks);
	/* each of 8 steps: 8 warps read their own; those with a lane t >= d read the other */
	counts("scan", "shared_loads", blocks * (8 * 8 + (8 + 8 + 8 + 8 + 8 + 7 + 6 + 4) + 8));
	counts("scan", "shared_stores", blocks * (8 + 8 * 8));
	counts("scan", "flops32", blocks * (8 * 256 - 255));
	near("scan", out.read(), want, 1e-5);
}

/* A histogram of 64 bins, first in shared memory. */
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

static void test_histogram()
{
	const int n = 1 << 14;
	std::vector<unsigned> h(n);
	std::vector<double> want(64);
	unsigned x = 6;
	for (unsigned &v : h) {
		x = x * 1664525u + 1013904223u;
		v = x >> 16;
		want[v & 63]++;
	}
	Device<unsigned> a(h);
	Device<int> bins(64);
	histogram<<<n / 256, 256>>>(a, n, bins);
	counts("histogram", "shared_atomics", n / 32);
	counts("histogram", "atomics", n / 256 * 2);
	counts("histogram", "atomic_sectors", n / 256 * 8);
	std::vector<int> got = bins.read();
	near("histogram", std::vector<float>(got.begin(), got.end()), want, 0);
}

/* A sparse matrix in rows, one thread a row: the warp takes as long as its longest row. */
__global__ void spmv(const int *row, const int *column, const float *value, const float *x,
		     float *y, int n)
{
	int r = blockIdx.x * blockDim.x + threadIdx.x;
	if (r >= n)
		return;
	float sum = 0;
	for (int k = row[r], end = row[r + 1]; k < end; k++)
		sum += value[k] * x[column[k]];
	y[r] = sum;
}

static void test_spmv()
{
	const int n = 2048;
	std::vector<int> row(n + 1), column;
	std::vector<float> value, hx = random_floats(n, 7);
	std::vector<double> want(n);
	count steps = 0, nonzeros = 0;
	for (int r = 0; r < n; r++) {
		row[r] = (int)column.size();
		for (int k = 0; k < 1 + r * 7 % 11; k++) {
			column.push_back((r * 13 + k * 37) % n);
			value.push_back((float)(k + 1) * 0.25f);
			want[r] += (double)value.back() * hx[column.back()];
		}
		nonzeros += 1 + r * 7 % 11;
	}
	row[n] = (int)column.size();
	for (int w = 0; w < n; w += 32) {
		int longest = 0;
		for (int r = w; r < w + 32; r++)
			longest = row[r + 1] - row[r] > longest ? row[r + 1] - row[r] : longest;
		steps += longest;
	}
	Device<int> drow(row), dcolumn(column);
	Device<float> dvalue(value), x(hx), y(n);
	spmv<<<n / 128, 128>>>(drow, dcolumn, dvalue, x, y, n);
	counts("spmv", "loads", 3 * steps + 2 * n / 32);
	counts("spmv", "load_lanes", 3 * nonzeros + 2 * n);
	counts("spmv", "stores", n / 32);
	counts("spmv", "flops32", 2 * nonzeros);
	near("spmv", y.read(), want, 1e-5);
}

/* Matrix products: a thread an element; tiles in shared memory; a thread 4 x 4 elements. */
__global__ void matmul_naive(const float *a, const float *b, float *c, int n)
{
	int row = blockIdx.y * blockDim.y + threadIdx.y, col = blockIdx.x * blockDim.x + threadIdx.x;
	float sum = 0;
	for (int k = 0; k < n; k++)
		sum += a[row * n + k] * b[k * n + col];
	c[row * n + col] = sum;
}
__global__ void matmul_tiled(const float *a, const float *b, float *c, int n)
{
	__shared__ float as[16][16], bs[16][16];
	int x = threadIdx.x, y = threadIdx.y;
	int row = blockIdx.y * 16 + y, col = blockIdx.x * 16 + x;
	float sum = 0;
	for (int t = 0; t < n; t += 16) {
		as[y][x] = a[row * n + t + x];
		bs[y][x] = b[(t + y) * n + col];
		__syncthreads();
		for (int k = 0; k < 16; k++)
			sum += as[y][k] * bs[k][x];
		__syncthreads();
	}
	c[row * n + col] = sum;
}
__global__ void matmul_registers(const float *a, const float *b, float *c, int n)
{
	__shared__ float as[64][16], bs[16][64];
	int t = threadIdx.x, x = t % 16, y = t / 16;
	float sum[4][4] = {};
	for (int k0 = 0; k0 < n; k0 += 16) {
		for (int i = 0; i < 4; i++) {
			as[y + 16 * i][x] = a[(blockIdx.y * 64 + y + 16 * i) * n + k0 + x];
			bs[t / 64 + 4 * i][t % 64] =
				b[(k0 + t / 64 + 4 * i) * n + blockIdx.x * 64 + t % 64];
		}
		__syncthreads();
		for (int k = 0; k < 16; k++) {
			float u[4], v[4];
			for (int i = 0; i < 4; i++) {
				u[i] = as[y + 16 * i][k];
				v[i] = bs[k][x + 16 * i];
			}
			for (int i = 0; i < 4; i++)
				for (int j = 0; j < 4; j++)
					sum[i][j] += u[i] * v[j];
		}
		__syncthreads();
	}
	for (int i = 0; i < 4; i++)
		for (int j = 0; j < 4; j++)
			c[(blockIdx.y * 64 + y + 16 * i) * n + blockIdx.x * 64 + x + 16 * j] =
				sum[i][j];
}

static void test_matmul()
{
	const int n = 64;
	const count warps = n * n / 32;
	std::vector<float> ha = random_floats(n * n, 8), hb = random_floats(n * n, 9);
	std::vector<double> want(n * n);
	for (int i = 0; i < n; i++)
		for (int j = 0; j < n; j++)
			for (int k = 0; k < n; k++)
				want[i * n + j] += (double)ha[i * n + k] * hb[k * n + j];
	Device<float> a(ha), b(hb), c(n * n);
	matmul_naive<<<dim3(n / 16, n / 16), dim3(16, 16)>>>(a, b, c, n);
	/* a warp is two rows of 16: two sectors of a, two of b, which both rows share */
	counts("matmul_naive", "loads", warps * n * 2);
	counts("matmul_naive", "load_sectors", warps * n * (2 + 2));
	counts("matmul_naive", "flops32", 2ull * n * n * n);
	near("matmul_naive", c.read(), want, 1e-5);
	matmul_tiled<<<dim3(n / 16, n / 16), dim3(16, 16)>>>(a, b, c, n);
	counts("matmul_tiled", "load_sectors", warps * (n / 16) * (4 + 4));
	counts("matmul_tiled", "shared_loads", warps * n * 2);
	counts("matmul_tiled", "barriers", 2ull * (n / 16) * (n / 16) * (n / 16));
	counts("matmul_tiled", "shared_load_conflicts", 0);
	near("matmul_tiled", c.read(), want, 1e-5);
	matmul_registers<<<1, 256>>>(a, b, c, n);
	counts("matmul_registers", "loads", 8ull * (n / 16) * 8);
	counts("matmul_registers", "shared_loads", 8ull * n * 8);
	counts("matmul_registers", "flops32", 2ull * n * n * n);
	near("matmul_registers", c.read(), want, 1e-5);
}

/* Rows, one warp each: softmax and layer norm. */
__global__ void softmax(const float *in, float *out, int n)
{
	int row = blockIdx.x * blockDim.y + threadIdx.y, lane = threadIdx.x;
	float most = -INFINITY, sum = 0;
	for (int j = lane; j < n; j += 32)
		most = fmaxf(most, in[row * n + j]);
	for (int d = 16; d; d /= 2)
		most = fmaxf(most, __shfl_xor_sync(0xffffffffu, most, d));
	for (int j = lane; j < n; j += 32)
		sum += expf(in[row * n + j] - most);
	for (int d = 16; d; d /= 2)
		sum += __shfl_xor_sync(0xffffffffu, sum, d);
	for (int j = lane; j < n; j += 32)
		out[row * n + j] = expf(in[row * n + j] - most) / sum;
}
__global__ void layer_norm(const float *in, const float *gain, float *out, int n)
{
	int row = blockIdx.x * blockDim.y + threadIdx.y, lane = threadIdx.x;
	float sum = 0, squares = 0;
	for (int j = lane; j < n; j += 32)
		sum += in[row * n + j];
	for (int d = 16; d; d /= 2)
		sum += __shfl_xor_sync(0xffffffffu, sum, d);
	float mean = sum / n;
	for (int j = lane; j < n; j += 32) {
		float x = in[row * n + j] - mean;
		squares += x * x;
	}
	for (int d = 16; d; d /= 2)
		squares += __shfl_xor_sync(0xffffffffu, squares, d);
	float scale = rsqrtf(squares / n + 1e-5f);
	for (int j = lane; j < n; j += 32)
		out[row * n + j] = (in[row * n + j] - mean) * scale * gain[j];
}

static void test_rows()
{
	const int rows = 64, n = 128;
	const count chunks = (count)rows * n / 32;
	std::vector<float> h = random_floats(rows * n, 10), g = random_floats(n, 11);
	std::vector<double> soft(rows * n), norm(rows * n);
	for (int r = 0; r < rows; r++) {
		const float *x = &h[r * n];
		double sum = 0, mean = 0, squares = 0;
		for (int j = 0; j < n; j++) {
			sum += exp((double)x[j]);
			mean += x[j] / (double)n;
		}
		for (int j = 0; j < n; j++)
			squares += (x[j] - mean) * (x[j] - mean) / n;
		for (int j = 0; j < n; j++) {
			soft[r * n + j] = exp((double)x[j]) / sum;
			norm[r * n + j] = (x[j] - mean) / sqrt(squares + 1e-5) * g[j];
		}
	}
	Device<float> in(h), gain(g), out(rows * n);
	softmax<<<rows / 4, dim3(32, 4)>>>(in, out, n);
	counts("softmax", "loads", 3 * chunks);
	counts("softmax", "load_sectors", 12 * chunks);
	counts("softmax", "collectives", rows * 10);
	counts("softmax", "special", 2 * 32 * chunks);
	counts("softmax", "distinct_load_sectors", chunks * 4);
	near("softmax", out.read(), soft, 1e-6);
	layer_norm<<<rows / 4, dim3(32, 4)>>>(in, gain, out, n);
	counts("layer_norm", "load_sectors", 16 * chunks);
	counts("layer_norm", "store_sectors", 4 * chunks);
	near("layer_norm", out.read(), norm, 1e-5);
}

/* Attention of one head, d = 64: three kernels through memory, and one that keeps tiles of K and
 * V in shared memory and its softmax running. */
enum { D = 64, T = 64, C = 8 };
__global__ void scores(const float *q, const float *k, float *s, int n, float scale)
{
	int at = blockIdx.x * blockDim.x + threadIdx.x, i = at / n, j = at % n;
	float sum = 0;
	for (int c = 0; c < D; c++)
		sum += q[i * D + c] * k[j * D + c];
	s[i * n + j] = sum * scale;
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

static void test_attention()
{
	const int n = 128;
	const count N = n, w = N * N / 32, b = N / T;
	const float scale = 0.125f;
	std::vector<float> hq = random_floats(n * D, 12), hk = random_floats(n * D, 13),
			   hv = random_floats(n * D, 14);
	std::vector<double> want(n * D), row(n);
	for (int i = 0; i < n; i++) {
		double sum = 0;
		for (int j = 0; j < n; j++) {
			row[j] = 0;
			for (int c = 0; c < D; c++)
				row[j] += (double)hq[i * D + c] * hk[j * D + c];
			row[j] = exp(row[j] * scale);
			sum += row[j];
		}
		for (int j = 0; j < n; j++)
			for (int c = 0; c < D; c++)
				want[i * D + c] += row[j] / sum * hv[j * D + c];
	}
	Device<float> q(hq), k(hk), v(hv), s(n * n), p(n * n), o(n * D);
	scores<<<n * n / 256, 256>>>(q, k, s, n, scale);
	counts("scores", "loads", w * D * 2);
	counts("scores", "load_sectors", w * D * (1 + 32));
	counts("scores", "store_sectors", w * 4);
	counts("scores", "distinct_load_sectors", 2 * N * D / 8);
	counts("scores", "flops32", N * N * (2 * D + 1));
	softmax<<<n / 4, dim3(32, 4)>>>(s, p, n);
	counts("softmax", "load_sectors", 3 * w * 4);
	values<<<n * D / 256, 256>>>(p, v, o, n);
	counts("values", "load_sectors", N * D / 32 * N * (1 + 4));
	counts("values", "store_sectors", N * D / 8);
	near("attention", o.read(), want, 1e-5);
	flash<<<n / T, T>>>(q, k, v, o, n, scale);
	counts("flash", "load_sectors", N * D / 8 * (1 + 2 * b));
	counts("flash", "store_sectors", N * D / 8);
	counts("flash", "shared_stores", b * (256 + 256 * b));
	counts("flash", "shared_loads", b * (256 + 16384 * b));
	counts("flash", "shared_load_conflicts", 0);
	counts("flash", "shared_store_conflicts", 0);
	counts("flash", "barriers", b * (3 + 2 * b));
	counts("flash", "distinct_load_sectors", 3 * N * D / 8);
	near("flash", o.read(), want, 1e-5);
}

/* Divergence: an if and an else in a loop; an inner loop of uneven length; half a warp that meets
 * by itself before all go on; a function called from both arms. */
__global__ void two_arms(const float *a, const float *b, float *o)
{
	float s = 0;
	int t = threadIdx.x;
	for (int i = 0; i < 8; i++) {
		s += a[i * 32 + t];
		if ((i + t) & 1)
			s += b[i * 32 + t];
		else
			s -= b[i * 32 + t + 512];
	}
	o[t] = s;
}
__global__ void uneven(const float *a, float *o)
{
	float s = 0;
	int t = threadIdx.x;
	for (int i = 0; i < 4; i++)
		for (int j = 0; j < 1 + ((i + t) & 3); j++)
			s += a[(i * 4 + j) * 32 + t];
	o[t] = s;
}
__global__ void half_meets(const float *a, float *o)
{
	int t = threadIdx.x;
	float s = a[t];
	for (int i = 0; i < 4; i++) {
		if (t < 16)
			s += __shfl_down_sync(0x0000ffffu, s, 1, 16);
		s += a[32 + i * 32 + t];
	}
	o[t] = s;
}
__device__ __noinline__ float read_twice(const float *a, int t)
{
	return a[t] + a[t + 32];
}
__global__ void calls(const float *a, float *o)
{
	int t = threadIdx.x;
	float s;
	if (t & 1)
		s = read_twice(a, t);
	else
		s = -read_twice(a + 64, t);
	o[t] = s + a[t + 128];
}

static void test_divergence()
{
	std::vector<float> h = random_floats(2048, 15);
	Device<float> a(h), o(32);
	std::vector<double> want(32);
	two_arms<<<1, 32>>>(a, a, o);
	counts("two_arms", "loads", 24);
	for (int t = 0; t < 32; t++) {
		want[t] = 0;
		for (int i = 0; i < 8; i++)
			want[t] += (double)h[i * 32 + t] + ((i + t) & 1 ? h[i * 32 + t]
									  : -h[i * 32 + t + 512]);
	}
	near("two_arms", o.read(), want, 1e-5);
	uneven<<<1, 32>>>(a, o);
	counts("uneven", "loads", 16);
	counts("uneven", "load_lanes", 32 * 10);
	for (int t = 0; t < 32; t++) {
		want[t] = 0;
		for (int i = 0; i < 4; i++)
			for (int j = 0; j < 1 + ((i + t) & 3); j++)
				want[t] += h[(i * 4 + j) * 32 + t];
	}
	near("uneven", o.read(), want, 1e-5);
	half_meets<<<1, 32>>>(a, o);
	counts("half_meets", "loads", 5);
	counts("half_meets", "collectives", 4);
	o.read();
	calls<<<1, 32>>>(a, o);
	counts("calls", "loads", 5);
	counts("calls", "load_lanes", 96);
	for (int t = 0; t < 32; t++)
		want[t] = (t & 1 ? (double)h[t] + h[t + 32] : -(double)h[t + 64] - h[t + 96]) +
			  h[t + 128];
	near("calls", o.read(), want, 1e-5);
}

int main()
{
	test_streams();
	test_transposes();
	test_reductions();
	test_scan();
	test_histogram();
	test_spmv();
	test_matmul();
	test_rows();
	test_attention();
	test_divergence();
	printf("%d counts, %d mistakes, bits %016llx\n", checks, mistakes, (count)digest);
	return mistakes != 0;
}
