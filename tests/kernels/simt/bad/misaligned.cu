// essays/bad.md#misaligned:5: error: kernel 'kernel', block (0,0,0), thread (0,0,0) reads 16 bytes at 0x[0-9a-f]*, which is not a multiple of 16
// a float4 must lie on 16 bytes
__global__ void kernel(const float *in, float *out)
{
	float4 v = *(const float4 *)(in + 1);
	out[threadIdx.x] = v.x;
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
