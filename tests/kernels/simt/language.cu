/* What the rewriter must leave alone, and what it must find: shapes of C++ around device code. */
#include <cstdio>
#include <cuda_runtime.h>
#include <vector>

#define INDEX (blockIdx.x * blockDim.x + threadIdx.x)
#define LAUNCH(kernel, n, ...) kernel<<<((n) + 63) / 64, 64>>>(__VA_ARGS__)

template <class T, int N> struct Pair {
	T v[N];
	int n;
	__host__ __device__ Pair() : v{T(1), T(2)}, n{N} {}
	__host__ __device__ explicit Pair(T x) : n(N)
	{
		for (int i = 0; i < N; i++)
			v[i] = x;
	}
	__device__ T operator()(int i) const
	{
		return v[i % n];
	}
	__device__ __forceinline__ Pair &operator+=(const Pair &o)
	{
		for (int i = 0; i < N; ++i)
			v[i] += o.v[i];
		return *this;
	}
	__device__ auto sum() const -> T
	{
		T s = 0;
		for (T x : v)
			s += x;
		return s;
	}
};

static __device__ inline float3 operator+(const float3 &a, const float3 &b)
{
	return make_float3(a.x + b.x, a.y + b.y, a.z + b.z);
}

namespace scope
{
/* not the runtime's exp */
__device__ float exp(float x)
{
	return x + 1;
}
} // namespace scope

__host__ __device__ constexpr int square(int x)
{
	return x * x;
}

enum class Kind { first, second };

__constant__ int table[square(2)] = {1, 2, 3, 4};
__constant__ const float fixed_table[2] = {0.5f, 0.25f};
__device__ float scratch[4];
extern __shared__ float whole_text[];

template <class T, Kind K> __global__ void __launch_bounds__(64) shapes(T *out, int n)
{
	__shared__ alignas(16) T tile[64];
	static __shared__ T other[64];
	struct Local {
		T a, b;
	} local = {T(1), T(2)};
	T list[] = {T(3), T(4)}, *p = list;
	const int i = INDEX;
	Pair<T, 2> pair, more(T(1));
	pair += more;
	auto twice = [&](T x) { return x * 2; };
	switch (threadIdx.x & 3) {
	case 0:
		tile[threadIdx.x] = twice(pair(0));
		break;
	case 1: {
		tile[threadIdx.x] = local.a + local.b;
		break;
	}
	default:
		tile[threadIdx.x] = p[threadIdx.x & 1];
	}
	__syncthreads();
	do
		other[threadIdx.x] = tile[63 - threadIdx.x];
	while (false);
	__syncthreads();
	if (i < n)
		if (K == Kind::first)
			out[i] = other[threadIdx.x] + pair.sum();
		else
			out[i] = other[threadIdx.x] - T(table[i & 3]);
	else
		return;
	for (int k = 0; k < 2; k++)
		__syncwarp(), out[i] += T(k);
}

__global__ void with_text(float *out)
{
	whole_text[threadIdx.x] = fixed_table[threadIdx.x & 1];
	__syncthreads();
	float3 v = make_float3(1, 2, 3) + make_float3(whole_text[threadIdx.x ^ 1], 0, 0);
	out[threadIdx.x] = v.x + scope::exp(v.y) + std::exp(0.0f) + ::expf(0.0f);
	if (threadIdx.x < 4)
		scratch[threadIdx.x] = v.z;
	const char *text = R"(threadIdx.x <<< "quoted" >>>)";
	if (text[0] == 't' && '"' == 34 && 1'000 == 1000)
		out[threadIdx.x] += 1;
}

template <class T> struct Runner {
	std::vector<T> result;
	void run(int n)
	{
		T *out = nullptr;
		cudaMalloc(&out, n * sizeof(T));
		dim3 gridDim(2), blockDim(64);  /* names of the device, here the host's own */
		shapes<T, Kind::first><<<gridDim, blockDim, 0, 0>>>(out, n);
		LAUNCH((shapes<T, Kind::second>), n, out, n / 2);
		result.resize(n);
		cudaMemcpy(result.data(), out, n * sizeof(T), cudaMemcpyDeviceToHost);
		cudaFree(out);
	}
};

int main()
{
	Runner<float> f;
	Runner<int> i;
	f.run(128);
	i.run(128);
	float *out;
	cudaMallocManaged(&out, 64 * sizeof *out);
	auto kernel = with_text;
	kernel<<<1, 64, 64 * sizeof(float)>>>(out);
	cudaDeviceSynchronize();
	double sum = 0;
	for (int k = 0; k < 128; k++)
		sum += f.result[k] * (k + 1) + i.result[k] * (k + 3);
	for (int k = 0; k < 64; k++)
		sum += out[k] * k;
	float last;
	cudaMemcpyFromSymbol(&last, scratch, sizeof last, 3 * sizeof last);
	printf("%.9g %g %s\n", sum, last, cudaGetErrorName(cudaGetLastError()));
	cudaFree(out);
	return 0;
}
