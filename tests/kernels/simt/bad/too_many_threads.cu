// essays/bad.md#too_many_threads:13: error: kernel 'kernel' cannot be launched with a grid of (1,1,1), blocks of (64,32,1) and 0 + 0 bytes of shared memory
__global__ void kernel(const float *in, float *out)
{
	out[threadIdx.x] = in[threadIdx.x];
}

int main()
{
	float *in, *out;
	cudaMalloc(&in, 1024 * sizeof *in);
	cudaMalloc(&out, 1024 * sizeof *out);
	cudaMemset(in, 0, 1024 * sizeof *in);
	kernel<<<1, dim3(64, 32)>>>(in, out);
	cudaDeviceSynchronize();
	cudaFree(in);
	cudaFree(out);
}
