// essays/bad.md#assertion:16: error: kernel 'kernel', block (1,0,0), thread (3,0,0): .*bad.md#assertion:6: .*: assertion 'in\[i\] == 0 && i != 35' failed
#include <cassert>
__global__ void kernel(const float *in, float *out)
{
	int i = blockIdx.x * blockDim.x + threadIdx.x;
	assert(in[i] == 0 && i != 35);
	out[i] = 1;
}

int main()
{
	float *in, *out;
	cudaMalloc(&in, 1024 * sizeof *in);
	cudaMalloc(&out, 1024 * sizeof *out);
	cudaMemset(in, 0, 1024 * sizeof *in);
	kernel<<<4, 32>>>(in, out);
	cudaDeviceSynchronize();
	cudaFree(in);
	cudaFree(out);
}
