// essays/bad.md#cub:2:[0-9]*: error: needs a GPU: CUB
#include <cub/cub.cuh>
__global__ void kernel(const float *in, float *out)
{
}

int main()
{
	float *in, *out;
	cudaMalloc(&in, 1024 * sizeof *in);
	cudaMalloc(&out, 1024 * sizeof *out);
	cudaMemset(in, 0, 1024 * sizeof *in);
	kernel<<<1, 32>>>(in, out);
	cudaDeviceSynchronize();
	cudaFree(in);
	cudaFree(out);
}
