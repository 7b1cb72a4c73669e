// essays/bad.md#nested_launch:5:12: error: needs a GPU: a launch from device code (dynamic parallelism)
__global__ void inner(float *out) { out[threadIdx.x] = 1; }
__global__ void kernel(const float *in, float *out)
{
	     inner<<<1, 32>>>(out);
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
