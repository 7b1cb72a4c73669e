// essays/bad.md#big_locals:6: error: kernel 'kernel', block (0,0,0), thread (0,0,0): local variables do not fit into 64 KiB of stack
__global__ void kernel(const float *in, float *out, int n)
{
	volatile float much[32768];
	for (int i = 0; i < n; i++)
		much[i] = in[i % 32];
	out[threadIdx.x] = much[n - 1];
}

int main()
{
	float *in, *out;
	cudaMalloc(&in, 1024 * sizeof *in);
	cudaMalloc(&out, 1024 * sizeof *out);
	cudaMemset(in, 0, 1024 * sizeof *in);
	kernel<<<1, 32>>>(in, out, 32768);
	cudaDeviceSynchronize();
	cudaFree(in);
	cudaFree(out);
}
