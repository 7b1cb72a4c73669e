// essays/bad.md#texture:2:24: error: needs a GPU: textures
__global__ void kernel(cudaTextureObject_t in, float *out)
{
	out[threadIdx.x] = 0;
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
