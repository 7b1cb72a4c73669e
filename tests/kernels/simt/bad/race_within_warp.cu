// essays/bad.md#race_within_warp:10: error: kernel 'kernel', block (0,0,0), thread (1,0,0) reads shared memory at byte [0-9]* that thread (0,0,0) writes, and nothing orders the two: a race
// lanes of a warp need __syncwarp() too
__global__ void kernel(const float *in, float *out)
{
	__shared__ float tile[33];
	tile[threadIdx.x] = in[threadIdx.x];
	if (threadIdx.x == 0)
		tile[32] = 0;
	__syncwarp();
	tile[threadIdx.x] += tile[(threadIdx.x + 31) % 32];
	out[threadIdx.x] = tile[threadIdx.x];
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
