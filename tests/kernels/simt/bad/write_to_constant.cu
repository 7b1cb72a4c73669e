// essays/bad.md#write_to_constant:6: error: kernel 'kernel', block (0,0,0), thread (0,0,0) writes 4 bytes of constant memory at 0x[0-9a-f]*
__constant__ float table[32];
__global__ void kernel(const float *in, float *out)
{
	float *way_round = (float *)table;
	way_round[threadIdx.x] = in[threadIdx.x];
	out[threadIdx.x] = table[threadIdx.x];
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
