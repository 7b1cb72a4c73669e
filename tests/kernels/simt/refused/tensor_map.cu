// essays/bad.md#tensor_map:3:[0-9]*: error: needs a GPU: TMA (tensor maps)
#include <cuda.h>
__global__ void kernel(const __grid_constant__ CUtensorMap map, float *out)
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
