// essays/bad.md#device_clock:4:[0-9]*: error: needs a GPU: a device's clock
__global__ void kernel(const float *in, float *out)
{
	long long t = clock64();
	out[threadIdx.x] = (float)t;
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
