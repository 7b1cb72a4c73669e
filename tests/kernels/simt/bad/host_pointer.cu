// essays/bad.md#host_pointer:5: error: kernel 'kernel', block (0,0,0), thread (0,0,0) reads 4 bytes at 0x[0-9a-f]*, which is no memory of the device
// the host's array, where its copy was meant
__global__ void kernel(const float *in, float *out)
{
	out[threadIdx.x] = in[threadIdx.x];
}

int main()
{
	float *in, *out;
	cudaMalloc(&in, 1024 * sizeof *in);
	cudaMalloc(&out, 1024 * sizeof *out);
	cudaMemset(in, 0, 1024 * sizeof *in);
	float mine[32] = {0};
	kernel<<<1, 32>>>(mine, out);
	cudaDeviceSynchronize();
	cudaFree(in);
	cudaFree(out);
}
