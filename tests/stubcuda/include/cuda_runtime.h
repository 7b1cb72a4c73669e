/* As much of CUDA's header as tests use. There is a GPU where the environment has STUB_GPU, its compute capability. */
#ifndef STUB_CUDA_RUNTIME_H
#define STUB_CUDA_RUNTIME_H

#include <stdio.h>
#include <stdlib.h>

#define __global__
#define __device__
#define __host__
#define __CUDACC_VER_MAJOR__ 99
#define __CUDACC_VER_MINOR__ 0
#define __CUDACC_VER_BUILD__ 1

/* Of a kernel's only thread. */
static const struct {
	int x, y, z;
} threadIdx = {0, 0, 0}, blockIdx = {0, 0, 0};

struct dim3 {
	unsigned x, y, z;
	dim3(unsigned a, unsigned b = 1, unsigned c = 1) : x(a), y(b), z(c) { }
};

typedef enum { cudaSuccess, cudaErrorNoDevice = 100 } cudaError_t;
enum cudaDeviceAttr { cudaDevAttrClockRate, cudaDevAttrMemoryClockRate };

struct cudaDeviceProp {
	char name[256];
	int major, minor, multiProcessorCount;
};

static inline cudaError_t cudaGetDeviceCount(int *n)
{
	*n = getenv("STUB_GPU") ? 1 : 0;
	return *n ? cudaSuccess : cudaErrorNoDevice;
}

static inline cudaError_t cudaGetDeviceProperties(struct cudaDeviceProp *p, int)
{
	const char *gpu = getenv("STUB_GPU");
	if (!gpu || sscanf(gpu, "%d.%d", &p->major, &p->minor) != 2)
		return cudaErrorNoDevice;
	snprintf(p->name, sizeof p->name, "Stand-in GPU");
	p->multiProcessorCount = 3;
	return cudaSuccess;
}

static inline cudaError_t cudaDriverGetVersion(int *version)
{
	*version = 99000;
	return cudaSuccess;
}

static inline cudaError_t cudaDeviceGetAttribute(int *value, enum cudaDeviceAttr which, int)
{
	*value = which == cudaDevAttrClockRate ? 1980000 : 2619000;
	return cudaSuccess;
}

#endif
