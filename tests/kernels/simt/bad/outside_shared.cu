// essays/bad.md#outside_shared:6: error: kernel 'kernel', block (0,0,0), thread (16,0,0) writes 4 bytes outside of its shared memory (0 bytes static, 64 dynamic)
// the launch gives room for 16 floats
__global__ void kernel(const float *in, float *out)
{
	extern __shared__ float tile[];
	tile[threadIdx.x] = in[threadIdx.x];
	out[threadIdx.x] = tile[threadIdx.x];
}

int main()
{
	float *in, *out;
	cudaMalloc(&in, 1024 * sizeof *in);
	cudaMalloc(&out, 1024 * sizeof *out);
	cudaMemset(in, 0, 1024 * sizeof *in);
	kernel<<<1, 64, 64>>>(in, out);
	cudaDeviceSynchronize();
	cudaFree(in);
	cudaFree(out);
}
