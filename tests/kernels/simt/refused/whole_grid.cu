// essays/bad.md#whole_grid:5:22: error: needs a GPU: synchronising a whole grid
#include <cooperative_groups.h>
__global__ void kernel(const float *in, float *out)
{
	cooperative_groups::this_grid().sync();
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
