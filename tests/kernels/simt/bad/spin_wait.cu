// essays/bad.md#spin_wait:6: error: kernel 'kernel', block (0,0,0), thread (0,0,0) has not got on for 2 s: does it wait for another block or thread?
// blocks may run one after another: the first waits for ever
__global__ void kernel(volatile int *arrived)
{
	atomicAdd((int *)arrived, 1);
	while (*arrived < (int)gridDim.x)
		;
}

int main()
{
	int *flag;
	cudaMalloc(&flag, sizeof *flag);
	cudaMemset(flag, 0, sizeof *flag);
	kernel<<<2, 1>>>(flag);
	cudaFree(flag);
	cudaDeviceSynchronize();
}
