// essays/bad.md#race_of_writers:6: error: kernel 'kernel', block (0,0,0), thread (1,0,0) writes shared memory at byte [0-9]* that thread (0,0,0) writes, and nothing orders the two: a race
// the last to write wins, whoever that is
__global__ void kernel(const float *in, float *out)
{
	__shared__ unsigned winner;
	winner = threadIdx.x;
	__syncthreads();
	out[threadIdx.x] = in[winner];
}

int main()
{
	float *in, *out;
	cudaMalloc(&in, 1024 * sizeof *in);
	cudaMalloc(&out, 1024 * sizeof *out);
	cudaMemset(in, 0, 1024 * sizeof *in);
	kernel<<<1, 64>>>(in, out);
	cudaDeviceSynchronize();
	cudaFree(in);
	cudaFree(out);
}
