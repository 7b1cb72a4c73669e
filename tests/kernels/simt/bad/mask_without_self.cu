// essays/bad.md#mask_without_self:5: error: kernel 'kernel', block (0,0,0), thread (16,0,0) waits in __any_sync, whose mask 0x0000ffff does not name it
// a mask of the lower lanes, called by all
__global__ void kernel(const float *in, float *out)
{
	out[threadIdx.x] = __any_sync(0x0000ffffu, in[threadIdx.x] > 0);
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
