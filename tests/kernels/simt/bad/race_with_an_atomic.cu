// essays/bad.md#race_with_an_atomic:9: error: kernel 'kernel', block (0,0,0), thread (32,0,0) updates shared memory at byte [0-9]* that thread (0,0,0) reads at essays/bad.md#race_with_an_atomic:11, and nothing orders the two: a race
// atomics do not order the plain read that follows
__global__ void kernel(const float *in, float *out)
{
	__shared__ int total;
	if (threadIdx.x == 0)
		total = 0;
	__syncthreads();
	atomicAdd(&total, 1);
	if (__any_sync(0xffffffffu, threadIdx.x == 0))
		out[threadIdx.x] = total + in[threadIdx.x];
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
