// essays/bad.md#write_past_the_end:7: error: kernel 'kernel', block (0,0,0), thread (100,0,0) writes 4 bytes at 0x[0-9a-f]*, byte 400 of the 400 allocated at essays/bad.md#write_past_the_end:17
// <= for <
__global__ void kernel(const float *in, float *out, int n)
{
	int i = blockIdx.x * blockDim.x + threadIdx.x;
	if (i <= n)
		out[i] = in[i];
}

int main()
{
	float *in, *out;
	cudaMalloc(&in, 1024 * sizeof *in);
	cudaMalloc(&out, 1024 * sizeof *out);
	cudaMemset(in, 0, 1024 * sizeof *in);
	float *small;
	cudaMalloc(&small, 400);
	kernel<<<1, 128>>>(in, small, 100);
	cudaFree(small);
	cudaDeviceSynchronize();
	cudaFree(in);
	cudaFree(out);
}
