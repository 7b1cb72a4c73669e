/* What the runtime offers beyond loads and stores, each against its definition. One text for nvcc
 * and for the CPU; prints one line a mistake and a digest of all results. */
#include <cassert>
#include <cmath>
#include <cooperative_groups.h>
#include <cooperative_groups/reduce.h>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <cuda_pipeline.h>
#include <cuda_runtime.h>
#include <mma.h>

namespace cg = cooperative_groups;

static int mistakes;

static void expect(bool good, const char *what)
{
	if (!good) {
		printf("wrong: %s\n", what);
		mistakes++;
	}
}

template <class T> static T *device_array(size_t n)
{
	T *p = nullptr;
	expect(cudaMallocManaged(&p, n * sizeof *p) == cudaSuccess, "an allocation");
	memset((void *)p, 0, n * sizeof *p);
	return p;
}

static void finish()
{
	cudaError_t e = cudaDeviceSynchronize();
	expect(e == cudaSuccess && cudaGetLastError() == cudaSuccess, "a kernel's error");
}

/* Launches: templates with explicit and deduced arguments, overloads, defaults, lambdas. */
template <class T> __global__ void scale(T *y, const T *x, T by)
{
	y[threadIdx.x] = by * x[threadIdx.x];
}
template <int N, class T> __global__ void add(T *y, T v = T(5))
{
	y[threadIdx.x] += v * N;
}
__global__ void fill(float *a)
{
	a[threadIdx.x] = 1;
}
__global__ void fill(float *a, int k)
{
	a[threadIdx.x] = (float)k;
}
template <class F> __global__ void each(int n, F f)
{
	int i = blockIdx.x * blockDim.x + threadIdx.x;
	if (i < n)
		f(i);
}
struct Parameters {
	float factor[3];
	float *at;
};
__global__ void by_value(const Parameters p, const float *null)
{
	p.at[threadIdx.x] += p.factor[2] + (null == 0);
}

static void test_launches()
{
	float *x = device_array<float>(64), *y = device_array<float>(64);
	for (int i = 0; i < 32; i++)
		x[i] = (float)i;
	scale<<<1, 32>>>(y, x, 3.0f);
	scale<float><<<1, 32>>>(y, y, 2);
	finish();
	expect(y[5] == 30, "deduced template arguments");
	add<4><<<1, 32>>>(y, 0.5f);
	add<2, float><<<1, 32>>>(y);
	finish();
	expect(y[5] == 42, "default arguments");
	fill<<<1, 32>>>(y);
	finish();
	expect(y[5] == 1, "an overload");
	fill<<<1, 32>>>(y, 7);
	Parameters p = {{1, 2, 3}, y};
	by_value<<<dim3(1), dim3(32, 1, 1), 0, 0>>>(p, NULL);
	finish();
	expect(y[5] == 11, "a struct by value");
	each<<<2, 16>>>(32, [=] __device__(int i) { y[i] = 2 * x[i]; });
	finish();
	expect(y[31] == 62, "a lambda");
	cudaFree(x);
	cudaFree(y);
}

__global__ void indices(unsigned *out)
{
	unsigned block = blockIdx.x + gridDim.x * (blockIdx.y + gridDim.y * blockIdx.z);
	unsigned thread = threadIdx.x + blockDim.x * (threadIdx.y + blockDim.y * threadIdx.z);
	unsigned size = blockDim.x * blockDim.y * blockDim.z;
	out[block * size + thread] = block * 1000 + thread;
}

static void test_indices()
{
	unsigned *out = device_array<unsigned>(24 * 60);
	indices<<<dim3(2, 3, 4), dim3(5, 4, 3)>>>(out);
	finish();
	bool good = true;
	for (unsigned i = 0; i < 24 * 60; i++)
		good &= out[i] == i / 60 * 1000 + i % 60;
	expect(good, "indices in three dimensions");
	cudaFree(out);
}

/* Collectives of a warp. */
__global__ void collectives(unsigned *out)
{
	unsigned lane = threadIdx.x, all = 0xffffffffu, *at = out + lane;
	at[0 * 32] = __shfl_sync(all, lane * 3, 7);
	at[1 * 32] = __shfl_up_sync(all, lane, 3);
	at[2 * 32] = __shfl_down_sync(all, lane, 5, 8);
	at[3 * 32] = __shfl_xor_sync(all, lane, 9);
	at[4 * 32] = __ballot_sync(all, lane % 3 == 0);
	at[5 * 32] = (unsigned)__any_sync(all, lane == 31) + 2 * (unsigned)__all_sync(all, lane < 31);
	at[6 * 32] = __match_any_sync(all, lane / 5);
	at[7 * 32] = __reduce_add_sync(all, lane);
	at[8 * 32] = (unsigned)__reduce_min_sync(all, (int)lane - 9);
	at[9 * 32] = __reduce_max_sync(all, lane ^ 5);
	at[10 * 32] = __reduce_xor_sync(all, lane * 77);
	double wide = __shfl_sync(all, lane * 0.5, 31);
	at[11 * 32] = (unsigned)(wide * 2);
	if (lane & 1)
		at[12 * 32] = __activemask();
	else
		at[12 * 32] = __activemask();
	at[13 * 32] = lane < 16 ? __shfl_sync(0xffffu, lane, 3) : 99;
	at[14 * 32] = (unsigned)__syncthreads_count(lane < 5);
	at[15 * 32] = (unsigned)(__syncthreads_and(lane < 32) + 2 * __syncthreads_or(lane == 40));
}

static void test_collectives()
{
	unsigned *out = device_array<unsigned>(16 * 32);
	collectives<<<1, 32>>>(out);
	finish();
	unsigned *at = out;
	for (unsigned l = 0; l < 32; l++, at++) {
		unsigned same = 0, x = 0;
		for (unsigned k = 0; k < 32; k++) {
			same |= (unsigned)(k / 5 == l / 5) << k;
			x ^= k * 77;
		}
		expect(at[0] == 21, "__shfl_sync");
		expect(at[32] == (l < 3 ? l : l - 3), "__shfl_up_sync");
		expect(at[64] == (l % 8 + 5 < 8 ? l + 5 : l), "__shfl_down_sync with a width");
		expect(at[96] == (l ^ 9), "__shfl_xor_sync");
		expect(at[128] == 0x49249249u, "__ballot_sync");
		expect(at[160] == 1, "__any_sync and __all_sync");
		expect(at[192] == same, "__match_any_sync");
		expect(at[224] == 496, "__reduce_add_sync");
		expect((int)at[256] == -9, "__reduce_min_sync");
		expect(at[288] == 31, "__reduce_max_sync");
		expect(at[320] == x, "__reduce_xor_sync");
		expect(at[352] == 31, "a shuffle of 8 bytes");
		expect(at[384] == (l & 1 ? 0xaaaaaaaau : 0x55555555u), "__activemask");
		expect(at[416] == (l < 16 ? 3 : 99), "a shuffle of half a warp");
		expect(at[448] == 5, "__syncthreads_count");
		expect(at[480] == 1, "__syncthreads_and and __syncthreads_or");
	}
	cudaFree(out);
}

/* Atomics: types and operations; sums of floats come in block order. */
__global__ void atomics(int *i, unsigned *u, unsigned long long *l, float *f, double *d)
{
	unsigned n = blockIdx.x * blockDim.x + threadIdx.x;
	atomicAdd(i, (int)n - 100);
	atomicMin(i + 1, 5 - (int)n);
	atomicMax(i + 2, (int)n);
	atomicOr(u, 1u << n % 32);
	atomicXor(u + 1, n);
	atomicInc(u + 2, 99);
	atomicDec(u + 3, 1000);
	atomicAnd(u + 4, ~(1u << n % 7));
	atomicAdd(l, 1ull << 33);
	atomicAdd(f, 1.0f / (1 + n));
	atomicAdd(d, 1.0 / (1 + n));
	unsigned old = u[5], seen;
	do {
		seen = old;
		old = atomicCAS(u + 5, seen, seen + 2);
	} while (old != seen);
	if (threadIdx.x == 0)
		atomicExch(u + 6, n);
}

static void test_atomics()
{
	int *i = device_array<int>(3);
	unsigned *u = device_array<unsigned>(7);
	unsigned long long *l = device_array<unsigned long long>(1);
	float *f = device_array<float>(1);
	double *d = device_array<double>(1);
	u[4] = 0xffffffffu;
	atomics<<<16, 64>>>(i, u, l, f, d);
	finish();
	expect(i[0] == 1023 * 512 - 102400 && i[1] == 5 - 1023 && i[2] == 1023, "atomics on int");
	expect(u[0] == 0xffffffffu && u[1] == 0 && u[2] == 24 && u[4] == 0xffffff80u,
	       "atomics on unsigned");
	expect(u[3] == (1001 * 2 - 1024 % 1001) % 1001, "atomicDec");
	expect(u[5] == 2048 && u[6] == 15 * 64, "atomicCAS and atomicExch");
	expect(l[0] == 1024ull << 33, "atomics on 64 bits");
	float sum = 0;
	for (int n = 0; n < 1024; n++)
		sum += 1.0f / (1 + (unsigned)n);
#ifdef __SIMT_CPU__
	expect(f[0] == sum, "the order of a float's atomics");
#endif
	expect(fabs(f[0] - sum) < 1e-4 && fabs(d[0] - 7.50917567) < 1e-6, "atomics on float");
	cudaFree(i);
	cudaFree(u);
	cudaFree(l);
	cudaFree(f);
	cudaFree(d);
}

/* 16-bit formats: every value converts there and back, and operations round as from exact ones. */
__global__ void halves(const float *a, const float *b, unsigned short *out, int n)
{
	int i = blockIdx.x * blockDim.x + threadIdx.x;
	if (i >= n)
		return;
	__half x = __float2half(a[i]), y = __float2half(b[i]);
	__nv_bfloat16 u = __float2bfloat16(a[i]), v = __float2bfloat16(b[i]);
	out[i * 10 + 0] = __half_as_ushort(x + y);
	out[i * 10 + 1] = __half_as_ushort(x * y);
	out[i * 10 + 2] = __half_as_ushort(__hdiv(x, y));
	out[i * 10 + 3] = __half_as_ushort(__hfma(x, y, __float2half(a[i] * 0.37f)));
	out[i * 10 + 4] = __bfloat16_as_ushort(u + v);
	out[i * 10 + 5] = __bfloat16_as_ushort(u * v);
	out[i * 10 + 6] = __bfloat16_as_ushort(__hfma(u, v, u));
	__half2 p = __hfma2(__half2(x, y), __half2(y, x), __float2half2_rn(1.0f));
	out[i * 10 + 7] = __half_as_ushort(p.x);
	out[i * 10 + 8] = __half_as_ushort(x);
	out[i * 10 + 9] = __bfloat16_as_ushort(u);
}

/* Round a double to a format of `digits` digits and lowest exponent `low`, ties to even. */
static double rounded(double x, int digits, int low)
{
	if (x == 0 || !(x - x == 0))
		return x;
	int e;
	frexp(x, &e);
	if (e < low)
		e = low;
	return ldexp(rint(ldexp(x, digits - e)), e - digits);
}
static double half_value(unsigned short h)
{
	int e = h >> 10 & 31, m = h & 1023;
	double v = e == 31 ? (m ? NAN : INFINITY) : e ? ldexp(1024 + m, e - 25) : ldexp(m, -24);
	return h & 0x8000 ? -v : v;
}
static double bf_value(unsigned short h)
{
	uint32_t u = (uint32_t)h << 16;
	float f;
	memcpy(&f, &u, sizeof f);
	return f;
}
static double to_half(double x)
{
	double r = rounded(x, 11, -13);
	return fabs(r) >= 65536 ? copysign(INFINITY, r) : r;
}
static double to_bf(double x)
{
	return rounded(x, 8, -125);
}

static void test_halves()
{
	const int n = 1 << 14;
	float *a = device_array<float>(n), *b = device_array<float>(n);
	unsigned short *out = device_array<unsigned short>(10 * n);
	unsigned r = 12345;
	for (int i = 0; i < n; i++) {
		r = r * 1664525u + 1013904223u;
		a[i] = ldexpf((float)(r >> 8) / (1 << 23) - 1, (int)(r % 29) - 20);
		r = r * 1664525u + 1013904223u;
		b[i] = ldexpf((float)(r >> 8) / (1 << 23) - 1, (int)(r % 13) - 6);
	}
	halves<<<n / 128, 128>>>(a, b, out, n);
	finish();
	int bad[10] = {0};
	for (int i = 0; i < n; i++) {
		double x = to_half(a[i]), y = to_half(b[i]), z = to_half(a[i] * 0.37f);
		double u = to_bf(a[i]), v = to_bf(b[i]);
		double want[10] = {to_half(x + y),	to_half(x * y), to_half(x / y),
				   to_half(x * y + z),	to_bf(u + v),	to_bf(u * v),
				   to_bf(u * v + u),	to_half(x * y + 1), x,
				   u};
		for (int k = 0; k < 10; k++) {
			unsigned short h = out[i * 10 + k];
			bool bf = (k >= 4 && k <= 6) || k == 9;
			bad[k] += (bf ? bf_value(h) : half_value(h)) != want[k];
		}
	}
	static const char *const names[10] = {"half +", "half *", "half /", "half fma", "bf16 +",
					      "bf16 *", "bf16 fma", "half2 fma", "float to half",
					      "float to bf16"};
	for (int k = 0; k < 10; k++)
		expect(!bad[k], names[k]);
	int back = 0;
	for (unsigned h = 0; h < 65536; h++) {
		double v = half_value((unsigned short)h);
		__half x = __float2half((float)v);
		unsigned short bits;
		memcpy(&bits, &x, sizeof bits);
		back += v == v ? bits != h : bits != 0x7fff;
	}
	expect(!back, "half to float and back");
	cudaFree(a);
	cudaFree(b);
	cudaFree(out);
}

/* Cooperative groups. */
__global__ void groups(int *out)
{
	__shared__ int sums[8];
	cg::thread_block block = cg::this_thread_block();
	cg::thread_block_tile<16> tile = cg::tiled_partition<16>(block);
	int v = (int)block.thread_rank();
	int sum = cg::reduce(tile, v, cg::plus<int>());
	if (tile.thread_rank() == 0)
		sums[tile.meta_group_rank()] = sum;
	block.sync();
	if (block.thread_rank() < 8)
		out[block.thread_rank()] = sums[block.thread_rank()];
	if (v % 5 == 0) {
		cg::coalesced_group here = cg::coalesced_threads();
		if (here.thread_rank() == 0)
			out[8 + v / 32] = (int)here.size();
	}
	cg::thread_block_tile<32> warp = cg::tiled_partition<32>(block);
	unsigned votes = warp.ballot(v % 2);
	if (warp.thread_rank() == 0)
		out[12 + warp.meta_group_rank()] = (int)(votes >> 1 & 0xff);
}

static void test_groups()
{
	int *out = device_array<int>(16);
	groups<<<1, 128>>>(out);
	finish();
	for (int t = 0; t < 8; t++)
		expect(out[t] == 16 * (16 * t) + 120, "a tile's sum");
	expect(out[8] == 7 && out[9] == 6 && out[10] == 7 && out[11] == 6, "coalesced_threads");
	expect(out[12] == 0x55 && out[15] == 0x55, "a tile's ballot");
	cudaFree(out);
}

/* A product of 16 x 16 matrices of half. */
__global__ void product(const half *a, const half *b, float *c)
{
	using namespace nvcuda;
	wmma::fragment<wmma::matrix_a, 16, 16, 16, half, wmma::row_major> fa;
	wmma::fragment<wmma::matrix_b, 16, 16, 16, half, wmma::col_major> fb;
	wmma::fragment<wmma::accumulator, 16, 16, 16, float> fc;
	wmma::fill_fragment(fc, 0.5f);
	wmma::load_matrix_sync(fa, a, 16);
	wmma::load_matrix_sync(fb, b, 16);
	wmma::mma_sync(fc, fa, fb, fc);
	for (int i = 0; i < fc.num_elements; i++)
		fc.x[i] *= 2;
	wmma::store_matrix_sync(c, fc, 16, wmma::mem_row_major);
}

static void test_product()
{
	half *a = device_array<half>(256), *b = device_array<half>(256);
	float *c = device_array<float>(256);
	for (int i = 0; i < 256; i++) {
		a[i] = half((float)(i % 7 - 3));
		b[i] = half((float)(i % 5) * 0.25f);
	}
	product<<<1, 32>>>(a, b, c);
	finish();
	bool good = true;
	for (int i = 0; i < 16; i++)
		for (int j = 0; j < 16; j++) {
			float sum = 0.5f;
			for (int k = 0; k < 16; k++)
				sum += (float)a[i * 16 + k] * (float)b[j * 16 + k];
			good &= c[i * 16 + j] == 2 * sum;
		}
	expect(good, "wmma");
	cudaFree(a);
	cudaFree(b);
	cudaFree(c);
}

/* cp.async, dynamic shared memory in two types, constants, variables. */
__constant__ float weights[4] = {1, 2, 3, 4};
__device__ int visits;
__global__ void pipeline(const float *in, float *out)
{
	extern __shared__ __align__(16) float stage[];
	__pipeline_memcpy_async(stage + 4 * threadIdx.x, in + 4 * threadIdx.x, 16);
	__pipeline_commit();
	__pipeline_wait_prior(0);
	__syncthreads();
	out[threadIdx.x] = stage[threadIdx.x] * weights[threadIdx.x % 4];
	atomicAdd(&visits, 1);
}
__global__ void dynamic_ints(int *out)
{
	extern __shared__ int numbers[];
	numbers[threadIdx.x] = (int)threadIdx.x;
	__syncthreads();
	out[threadIdx.x] = numbers[blockDim.x - 1 - threadIdx.x];
}

static void test_memory()
{
	float *in = device_array<float>(128), *out = device_array<float>(128), w[4] = {4, 3, 2, 1};
	for (int i = 0; i < 128; i++)
		in[i] = (float)i;
	expect(cudaMemcpyToSymbol(weights, w, sizeof w) == cudaSuccess, "cudaMemcpyToSymbol");
	pipeline<<<1, 32, 512>>>(in, out);
	int *numbers = (int *)in, n = 0;
	dynamic_ints<<<1, 32, 128>>>(numbers);
	finish();
	expect(out[5] == 5 * 3.0f && out[31] == 31, "cp.async and constants");
	expect(numbers[3] == 28, "dynamic shared memory of another type");
	cudaMemcpyFromSymbol(&n, visits, sizeof n);
	expect(n == 32, "a device variable");
	int limit = 100 << 10;
	dynamic_ints<<<1, 32, 100 << 10>>>(numbers);
	expect(cudaGetLastError() == cudaErrorInvalidValue, "48 KiB without leave");
	expect(cudaFuncSetAttribute(dynamic_ints, cudaFuncAttributeMaxDynamicSharedMemorySize,
				    limit) == cudaSuccess,
	       "cudaFuncSetAttribute");
	dynamic_ints<<<1, 32, 100 << 10>>>(numbers);
	finish();
	expect(cudaFuncSetAttribute(dynamic_ints, cudaFuncAttributeMaxDynamicSharedMemorySize,
				    228 << 10) == cudaErrorInvalidValue,
	       "more than 227 KiB");
	cudaGetLastError();
	cudaFree(in);
	cudaFree(out);
}

/* Errors and their texts. */
static void test_errors()
{
	float *p = nullptr;
	fill<<<1, 2048>>>(p);
	expect(cudaPeekAtLastError() == cudaErrorInvalidConfiguration, "too many threads");
	expect(!strcmp(cudaGetErrorName(cudaGetLastError()), "cudaErrorInvalidConfiguration"),
	       "cudaGetErrorName");
	expect(cudaGetLastError() == cudaSuccess, "an error is told once");
	fill<<<0, 32>>>(p);
	expect(cudaGetLastError() == cudaErrorInvalidConfiguration, "an empty grid");
	expect(cudaMalloc(&p, (size_t)1 << 50) == cudaErrorMemoryAllocation, "out of memory");
	cudaGetLastError();
	cudaDeviceProp prop;
	expect(cudaGetDeviceProperties(&prop, 0) == cudaSuccess && prop.warpSize == 32 &&
		       prop.maxThreadsPerBlock == 1024,
	       "cudaGetDeviceProperties");
	cudaEvent_t from, to;
	float ms = -1;
	cudaEventCreate(&from);
	cudaEventCreate(&to);
	cudaEventRecord(from);
	cudaEventRecord(to);
	cudaEventSynchronize(to);
	expect(cudaEventElapsedTime(&ms, from, to) == cudaSuccess && ms >= 0, "events");
	cudaEventDestroy(from);
	cudaEventDestroy(to);
}

/* A device's printf comes in block order. */
__global__ void speak()
{
	if (threadIdx.x == 0)
		printf("block %u of %u\n", blockIdx.x, gridDim.x);
}

int main()
{
	test_launches();
	test_indices();
	test_collectives();
	test_atomics();
	test_halves();
	test_groups();
	test_product();
	test_memory();
	test_errors();
#ifdef __SIMT_CPU__
	speak<<<4, 32>>>();
	cudaDeviceSynchronize();
#endif
	printf("%d mistakes\n", mistakes);
	return mistakes != 0;
}
