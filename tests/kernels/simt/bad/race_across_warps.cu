// essays/bad.md#race_across_warps:8: error: kernel 'kernel', block (0,0,0), thread (32,0,0) reads shared memory at byte [0-9]* that thread (0,0,0) writes at essays/bad.md#race_across_warps:9, and nothing orders the two: a race
// a barrier is missing before the neighbour's value is read
__global__ void kernel(const float *in, float *out)
{
	__shared__ float tile[64];
	tile[threadIdx.x] = 0;
	__syncthreads();
	float next = tile[threadIdx.x ^ 32];
	tile[threadIdx.x] = next;
	out[threadIdx.x] = in[threadIdx.x];
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
