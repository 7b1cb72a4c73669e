// essays/bad.md#too_much_dynamic:18: error: kernel 'kernel' cannot be launched with a grid of (1,1,1), blocks of (32,1,1) and 128 + 49152 bytes of shared memory
// beyond 48 KiB together needs cudaFuncSetAttribute()
__global__ void kernel(const float *in, float *out)
{
	extern __shared__ float big[];
	__shared__ float tile[32];
	tile[threadIdx.x] = big[threadIdx.x] = in[threadIdx.x];
	__syncthreads();
	out[threadIdx.x] = tile[threadIdx.x ^ 1] + big[threadIdx.x ^ 1];
}

int main()
{
	float *in, *out;
	cudaMalloc(&in, 1024 * sizeof *in);
	cudaMalloc(&out, 1024 * sizeof *out);
	cudaMemset(in, 0, 1024 * sizeof *in);
	kernel<<<1, 32, 48 * 1024>>>(in, out);
	cudaDeviceSynchronize();
	cudaFree(in);
	cudaFree(out);
}
