// essays/bad.md#never_written:9: error: kernel 'kernel', block (0,0,0), thread (0,0,0) reads 4 bytes of shared memory at byte [0-9]* that no thread has written
// only the even ones are filled
__global__ void kernel(const float *in, float *out)
{
	__shared__ float tile[64];
	if (threadIdx.x % 2 == 0)
		tile[threadIdx.x] = in[threadIdx.x];
	__syncthreads();
	out[threadIdx.x] = tile[threadIdx.x ^ 1];
}

int main()
{
	float *in, *out;
	cudaMalloc(&in, 1024 * sizeof *in);
	cudaMalloc(&out, 1024 * sizeof *out);
	cudaMemset(in, 0, 1024 * sizeof *in);
	kernel<<<1, 64>>>(in, out);
	cudaDeviceSynchronize();
	cudaFree(in);
	cudaFree(out);
}
