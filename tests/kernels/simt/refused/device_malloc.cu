// essays/bad.md#device_malloc:4:[0-9]*: error: needs a GPU: memory allocated by a kernel
__global__ void kernel(const float *in, float *out)
{
	float *own = (float *)malloc(64);
	out[threadIdx.x] = own[0];
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
