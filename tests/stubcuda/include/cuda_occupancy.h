/* As much of CUDA's header as tests use, limited by threads alone. */
#ifndef STUB_CUDA_OCCUPANCY_H
#define STUB_CUDA_OCCUPANCY_H

#include <stddef.h>

enum { OCC_LIMIT_WARPS = 1, OCC_LIMIT_REGISTERS = 2, OCC_LIMIT_SHARED_MEMORY = 4, OCC_LIMIT_BLOCKS = 8 };
typedef enum { CUDA_OCC_SUCCESS, CUDA_OCC_ERROR } cudaOccError;
enum { PARTITIONED_GC_OFF, FUNC_SHMEM_LIMIT_OPTIN };

struct cudaOccDeviceProp {
	int computeMajor, computeMinor, maxThreadsPerBlock, maxThreadsPerMultiprocessor, regsPerBlock, regsPerMultiprocessor, warpSize;
	size_t sharedMemPerBlock, sharedMemPerMultiprocessor;
	int numSms;
	size_t sharedMemPerBlockOptin, reservedSharedMemPerBlock;
};

struct cudaOccFuncAttributes {
	int maxThreadsPerBlock, numRegs;
	size_t sharedSizeBytes;
	int partitionedGCConfig, shmemLimitConfig;
	size_t maxDynamicSharedSizeBytes;
	int numBlockBarriers;
};

struct cudaOccDeviceState {
	int unused;
};

struct cudaOccResult {
	int activeBlocksPerMultiprocessor;
	unsigned limitingFactors;
};

static inline cudaOccError cudaOccMaxActiveBlocksPerMultiprocessor(
	cudaOccResult *result, const cudaOccDeviceProp *device, const cudaOccFuncAttributes *, const cudaOccDeviceState *, int block, size_t)
{
	result->activeBlocksPerMultiprocessor = device->maxThreadsPerMultiprocessor / block;
	result->limitingFactors = OCC_LIMIT_WARPS;
	return CUDA_OCC_SUCCESS;
}

#endif
