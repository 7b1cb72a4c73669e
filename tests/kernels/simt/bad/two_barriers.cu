// essays/bad.md#two_barriers:7: error: kernel 'kernel', block (0,0,0), thread (0,0,0) waits at this barrier while thread (32,0,0) waits at the one at essays/bad.md#two_barriers:10
// half of the block waits here, half there
__global__ void kernel(const float *in, float *out)
{
	if (threadIdx.x < 32) {
		out[threadIdx.x] = 1;
		__syncthreads();
	} else {
		out[threadIdx.x] = in[threadIdx.x];
		__syncthreads();
	}
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
