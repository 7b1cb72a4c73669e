// essays/bad.md#read_past_the_end:7: error: kernel 'kernel', block (0,0,0), thread (0,0,0) reads 4 bytes at 0x[0-9a-f]*, byte 4096 of the 4096 allocated at essays/bad.md#read_past_the_end:13
// i + 1 of the last i
__global__ void kernel(const float *in, float *out, int n)
{
	int i = blockIdx.x * blockDim.x + threadIdx.x;
	if (i < n)
		out[i] = in[i + 1] - in[i];
}

int main()
{
	float *in, *out;
	cudaMalloc(&in, 1024 * sizeof *in);
	cudaMalloc(&out, 1024 * sizeof *out);
	cudaMemset(in, 0, 1024 * sizeof *in);
	kernel<<<1, 1>>>(in + 1023, out, 1024);
	cudaDeviceSynchronize();
	cudaFree(in);
	cudaFree(out);
}
