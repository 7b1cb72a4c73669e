// essays/bad.md#null_pointer:5: error: kernel 'kernel', block (0,0,0), thread (0,0,0) reads 4 bytes at 0x0, which is a null pointer
// nobody allocated this
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
	kernel<<<1, 32>>>(nullptr, out);
	cudaDeviceSynchronize();
	cudaFree(in);
	cudaFree(out);
}
