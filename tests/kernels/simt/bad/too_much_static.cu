// essays/bad.md#too_much_static:3:1: error: a kernel reaches 65536 bytes of static shared memory; 49152 are all a block can have
__global__ void kernel(const float *in, float *out)
{
	__shared__ float big[128][128];
	big[threadIdx.x][threadIdx.x] = in[threadIdx.x];
	__syncthreads();
	out[threadIdx.x] = big[threadIdx.x ^ 1][threadIdx.x ^ 1];
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
