// essays/bad.md#absent_source:8: error: kernel 'kernel', block (0,0,0), thread (0,0,0) takes a value from lane 16 of its warp (thread 16), which takes no part in the shuffle
// the upper lanes have left already
__global__ void kernel(const float *in, float *out)
{
	if (threadIdx.x >= 16)
		return;
	float v = in[threadIdx.x];
	v += __shfl_down_sync(0x0000ffffu, v, 16);
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
