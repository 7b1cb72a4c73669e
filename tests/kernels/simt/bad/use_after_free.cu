// essays/bad.md#use_after_free:5: error: kernel 'kernel', block (0,0,0), thread (0,0,0) reads 4 bytes at 0x[0-9a-f]*, byte 0 of 256 allocated at essays/bad.md#use_after_free:15 and freed since
// freed before the launch
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
	float *gone;
	cudaMalloc(&gone, 256);
	cudaFree(gone);
	kernel<<<1, 32>>>(gone, out);
	cudaDeviceSynchronize();
	cudaFree(in);
	cudaFree(out);
}
