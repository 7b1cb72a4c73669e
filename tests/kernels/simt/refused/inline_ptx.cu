// essays/bad.md#inline_ptx:4:2: error: needs a GPU: inline PTX
__global__ void kernel(const float *in, float *out)
{
	asm volatile("bar.sync 0;");
	out[threadIdx.x] = in[threadIdx.x];
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
