// essays/bad.md#deadlock:7: error: kernel 'kernel', block (0,0,0), thread (0,0,0) waits in __shfl_down_sync for thread 16 of its mask 0xffffffff, which waits in __syncthreads at essays/bad.md#deadlock:9: a deadlock
// a full mask in half of a warp
__global__ void kernel(const float *in, float *out)
{
	float v = in[threadIdx.x];
	if (threadIdx.x < 16)
		v += __shfl_down_sync(0xffffffffu, v, 8);
	else
		__syncthreads();
	out[threadIdx.x] = v;
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
