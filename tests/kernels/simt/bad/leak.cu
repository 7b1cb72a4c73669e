// essays/bad.md#leak:10: error: 4096 bytes of device memory allocated here are never freed
__global__ void kernel(float *out)
{
	out[threadIdx.x] = 0;
}

int main()
{
	float *out;
	cudaMalloc(&out, 4096);
	kernel<<<1, 32>>>(out);
	cudaDeviceSynchronize();
}
