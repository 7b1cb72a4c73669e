// essays/bad.md#cluster:2:17: error: needs a GPU: thread block clusters
__global__ void __cluster_dims__(2, 1, 1) kernel(const float *in, float *out)
{
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
