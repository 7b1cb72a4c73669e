// essays/bad.md#before_the_beginning:5: error: kernel 'kernel', block (0,0,0), thread (0,0,0) reads 4 bytes at 0x[0-9a-f]*, byte 4604 of the 4096 allocated at .*
// the left neighbour of the first
__global__ void kernel(const float *in, float *out)
{
	out[threadIdx.x] = in[(int)threadIdx.x - 1];
}

int main()
{
	float *in, *out;
	cudaMalloc(&in, 1024 * sizeof *in);
	cudaMalloc(&out, 1024 * sizeof *out);
	cudaMemset(in, 0, 1024 * sizeof *in);
	kernel<<<1, 32>>>(out, in);
	cudaDeviceSynchronize();
	cudaFree(in);
	cudaFree(out);
}
