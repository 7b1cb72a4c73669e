/* The runtime calls that essays use, as CUDA 13 declares them.
 *
 * There is one device, an H200 by its limits, and one stream: a launch has ended when it returns,
 * and what a device would do later has already been done. Errors carry the real numbers and
 * texts. An error of a kernel (a failed assertion, an illegal address) stays, as on a device; an
 * error of a call is forgotten once cudaGetLastError() has told it. */
#ifndef SIMT_HOST_H
#define SIMT_HOST_H

#include <stddef.h>
#include "core.h"
#include "types.h"

#define CUDART_VERSION 13000
#define CUDART_CB

typedef enum cudaError {
	cudaSuccess = 0,
	cudaErrorInvalidValue = 1,
	cudaErrorMemoryAllocation = 2,
	cudaErrorInitializationError = 3,
	cudaErrorInvalidConfiguration = 9,
	cudaErrorInvalidPitchValue = 12,
	cudaErrorInvalidSymbol = 13,
	cudaErrorInvalidDevicePointer = 17,
	cudaErrorInvalidMemcpyDirection = 21,
	cudaErrorInvalidDeviceFunction = 98,
	cudaErrorNoDevice = 100,
	cudaErrorInvalidDevice = 101,
	cudaErrorInvalidResourceHandle = 400,
	cudaErrorNotReady = 600,
	cudaErrorIllegalAddress = 700,
	cudaErrorLaunchOutOfResources = 701,
	cudaErrorLaunchTimeout = 702,
	cudaErrorAssert = 710,
	cudaErrorIllegalInstruction = 715,
	cudaErrorMisalignedAddress = 716,
	cudaErrorLaunchFailure = 719,
	cudaErrorNotPermitted = 800,
	cudaErrorNotSupported = 801,
	cudaErrorUnknown = 999
} cudaError_t;

enum cudaMemcpyKind {
	cudaMemcpyHostToHost,
	cudaMemcpyHostToDevice,
	cudaMemcpyDeviceToHost,
	cudaMemcpyDeviceToDevice,
	cudaMemcpyDefault
};

enum cudaDeviceAttr {
	cudaDevAttrMaxThreadsPerBlock = 1,
	cudaDevAttrMaxBlockDimX = 2,
	cudaDevAttrMaxBlockDimY = 3,
	cudaDevAttrMaxBlockDimZ = 4,
	cudaDevAttrMaxGridDimX = 5,
	cudaDevAttrMaxGridDimY = 6,
	cudaDevAttrMaxGridDimZ = 7,
	cudaDevAttrMaxSharedMemoryPerBlock = 8,
	cudaDevAttrTotalConstantMemory = 9,
	cudaDevAttrWarpSize = 10,
	cudaDevAttrMaxRegistersPerBlock = 12,
	cudaDevAttrClockRate = 13,
	cudaDevAttrMultiProcessorCount = 16,
	cudaDevAttrMemoryClockRate = 36,
	cudaDevAttrGlobalMemoryBusWidth = 37,
	cudaDevAttrL2CacheSize = 38,
	cudaDevAttrMaxThreadsPerMultiProcessor = 39,
	cudaDevAttrComputeCapabilityMajor = 75,
	cudaDevAttrComputeCapabilityMinor = 76,
	cudaDevAttrMaxSharedMemoryPerMultiprocessor = 81,
	cudaDevAttrMaxRegistersPerMultiprocessor = 82,
	cudaDevAttrManagedMemory = 83,
	cudaDevAttrCooperativeLaunch = 95,
	cudaDevAttrMaxSharedMemoryPerBlockOptin = 97,
	cudaDevAttrMaxBlocksPerMultiprocessor = 106
};

struct cudaDeviceProp {
	char name[256];
	size_t totalGlobalMem, sharedMemPerBlock;
	int regsPerBlock, warpSize;
	size_t memPitch;
	int maxThreadsPerBlock, maxThreadsDim[3], maxGridSize[3];
	size_t totalConstMem;
	int major, minor;
	int multiProcessorCount, integrated, canMapHostMemory;
	int concurrentKernels, asyncEngineCount, unifiedAddressing, memoryBusWidth, l2CacheSize;
	int maxThreadsPerMultiProcessor;
	size_t sharedMemPerMultiprocessor, sharedMemPerBlockOptin, reservedSharedMemPerBlock;
	int regsPerMultiprocessor, managedMemory, concurrentManagedAccess, pageableMemoryAccess;
	int cooperativeLaunch, maxBlocksPerMultiProcessor;
};

struct cudaFuncAttributes {
	size_t sharedSizeBytes, constSizeBytes, localSizeBytes;
	int maxThreadsPerBlock, numRegs, ptxVersion, binaryVersion;
	int maxDynamicSharedSizeBytes;
};
enum cudaFuncAttribute {
	cudaFuncAttributeMaxDynamicSharedMemorySize = 8,
	cudaFuncAttributePreferredSharedMemoryCarveout = 9
};
enum cudaFuncCache {
	cudaFuncCachePreferNone,
	cudaFuncCachePreferShared,
	cudaFuncCachePreferL1,
	cudaFuncCachePreferEqual
};
enum cudaMemoryType {
	cudaMemoryTypeUnregistered,
	cudaMemoryTypeHost,
	cudaMemoryTypeDevice,
	cudaMemoryTypeManaged
};
struct cudaPointerAttributes {
	enum cudaMemoryType type;
	int device;
	void *devicePointer, *hostPointer;
};
enum {
	cudaStreamDefault = 0, cudaStreamNonBlocking = 1,
	cudaEventDefault = 0, cudaEventBlockingSync = 1, cudaEventDisableTiming = 2,
	cudaHostAllocDefault = 0, cudaHostAllocPortable = 1, cudaHostAllocMapped = 2,
	cudaHostAllocWriteCombined = 4,
	cudaMemAttachGlobal = 1, cudaMemAttachHost = 2,
	cudaSharedmemCarveoutMaxShared = 100,
	cudaCpuDeviceId = -1
};

typedef struct CUstream_st *cudaStream_t;
typedef struct CUevent_st *cudaEvent_t;
#define cudaStreamLegacy ((cudaStream_t)1)
#define cudaStreamPerThread ((cudaStream_t)2)

extern "C" {
cudaError_t cudaGetLastError(void);
cudaError_t cudaPeekAtLastError(void);
const char *cudaGetErrorName(cudaError_t);
const char *cudaGetErrorString(cudaError_t);

cudaError_t cudaGetDeviceCount(int *);
cudaError_t cudaSetDevice(int);
cudaError_t cudaGetDevice(int *);
cudaError_t cudaGetDeviceProperties(struct cudaDeviceProp *, int device);
cudaError_t cudaDeviceGetAttribute(int *, enum cudaDeviceAttr, int device);
cudaError_t cudaDeviceSynchronize(void);
cudaError_t cudaDeviceReset(void);
cudaError_t cudaRuntimeGetVersion(int *);
cudaError_t cudaDriverGetVersion(int *);
cudaError_t cudaMemGetInfo(size_t *free_bytes, size_t *total);

/* Memory. Host and managed memory is malloc's and the arena's; device memory is read by the host
 * only through cudaMemcpy on a device, so a program that cheats works here and not there. */
cudaError_t simt_malloc(void **at, size_t bytes, int managed, const char *file, int line);
cudaError_t simt_malloc_host(void **at, size_t bytes);
cudaError_t cudaFree(void *);
cudaError_t cudaFreeHost(void *);
cudaError_t cudaMemcpy(void *to, const void *from, size_t bytes, enum cudaMemcpyKind);
cudaError_t cudaMemset(void *at, int value, size_t bytes);
cudaError_t cudaMemcpy2D(void *to, size_t to_pitch, const void *from, size_t from_pitch,
			 size_t width, size_t height, enum cudaMemcpyKind);
cudaError_t cudaMemset2D(void *at, size_t pitch, int value, size_t width, size_t height);
cudaError_t cudaPointerGetAttributes(struct cudaPointerAttributes *, const void *);

/* Streams and events. Times are of this machine, and so belong in measured programs only. */
cudaError_t cudaStreamCreateWithFlags(cudaStream_t *, unsigned flags);
cudaError_t cudaStreamDestroy(cudaStream_t);
cudaError_t cudaStreamSynchronize(cudaStream_t);
cudaError_t cudaStreamQuery(cudaStream_t);
cudaError_t cudaEventCreateWithFlags(cudaEvent_t *, unsigned flags);
cudaError_t cudaEventDestroy(cudaEvent_t);
cudaError_t simt_event_record(cudaEvent_t);
cudaError_t cudaEventSynchronize(cudaEvent_t);
cudaError_t cudaEventQuery(cudaEvent_t);
cudaError_t cudaEventElapsedTime(float *ms, cudaEvent_t from, cudaEvent_t to);

/* Kernels, by address. */
cudaError_t simt_func_attributes(struct cudaFuncAttributes *, const void *kernel);
cudaError_t simt_func_allow_shared(const void *kernel, int bytes);
cudaError_t simt_occupancy(int *blocks, const void *kernel, int block_threads, size_t dynamic);
cudaError_t simt_host_func(void (*fn)(void *), void *);
}

/* An allocation remembers its place, for what is said of it later. */
#define SIMT_PLACE const char *file = __builtin_FILE(), int line = __builtin_LINE()
template <class T> static inline cudaError_t cudaMalloc(T **at, size_t bytes, SIMT_PLACE)
{
	return simt_malloc((void **)at, bytes, 0, file, line);
}
template <class T>
static inline cudaError_t cudaMallocManaged(T **at, size_t bytes, unsigned = cudaMemAttachGlobal,
					    SIMT_PLACE)
{
	return simt_malloc((void **)at, bytes, 1, file, line);
}
template <class T> static inline cudaError_t cudaMallocHost(T **at, size_t bytes, unsigned = 0)
{
	return simt_malloc_host((void **)at, bytes);
}
template <class T> static inline cudaError_t cudaHostAlloc(T **at, size_t bytes, unsigned)
{
	return simt_malloc_host((void **)at, bytes);
}
template <class T>
static inline cudaError_t cudaMallocAsync(T **at, size_t bytes, cudaStream_t, SIMT_PLACE)
{
	return simt_malloc((void **)at, bytes, 0, file, line);
}
static inline cudaError_t cudaFreeAsync(void *at, cudaStream_t)
{
	return cudaFree(at);
}
template <class T>
static inline cudaError_t cudaMallocPitch(T **at, size_t *pitch, size_t width, size_t height,
					  SIMT_PLACE)
{
	*pitch = (width + 511) & ~(size_t)511;
	return simt_malloc((void **)at, *pitch * height, 0, file, line);
}
static inline cudaError_t cudaMemcpyAsync(void *to, const void *from, size_t bytes,
					  enum cudaMemcpyKind kind, cudaStream_t = 0)
{
	return cudaMemcpy(to, from, bytes, kind);
}
static inline cudaError_t cudaMemsetAsync(void *at, int value, size_t bytes, cudaStream_t = 0)
{
	return cudaMemset(at, value, bytes);
}
static inline cudaError_t cudaMemPrefetchAsync(const void *, size_t, int, cudaStream_t = 0)
{
	return cudaSuccess;
}

/* A __device__ or __constant__ variable is its own address. */
template <class T> static inline cudaError_t cudaGetSymbolAddress(void **at, const T &symbol)
{
	*at = (void *)&symbol;
	return cudaSuccess;
}
template <class T> static inline cudaError_t cudaGetSymbolSize(size_t *bytes, const T &symbol)
{
	*bytes = sizeof symbol;
	return cudaSuccess;
}
template <class T>
static inline cudaError_t cudaMemcpyToSymbol(const T &symbol, const void *from, size_t bytes,
					     size_t offset = 0,
					     enum cudaMemcpyKind kind = cudaMemcpyHostToDevice)
{
	if (offset > sizeof symbol || bytes > sizeof symbol - offset)
		return cudaErrorInvalidValue;
	return cudaMemcpy((char *)&symbol + offset, from, bytes, kind);
}
template <class T>
static inline cudaError_t cudaMemcpyFromSymbol(void *to, const T &symbol, size_t bytes,
					       size_t offset = 0,
					       enum cudaMemcpyKind kind = cudaMemcpyDeviceToHost)
{
	if (offset > sizeof symbol || bytes > sizeof symbol - offset)
		return cudaErrorInvalidValue;
	return cudaMemcpy(to, (const char *)&symbol + offset, bytes, kind);
}
template <class T>
static inline cudaError_t cudaMemcpyToSymbolAsync(const T &symbol, const void *from, size_t bytes,
						  size_t offset, enum cudaMemcpyKind kind,
						  cudaStream_t = 0)
{
	return cudaMemcpyToSymbol(symbol, from, bytes, offset, kind);
}

static inline cudaError_t cudaStreamCreate(cudaStream_t *stream)
{
	return cudaStreamCreateWithFlags(stream, 0);
}
static inline cudaError_t cudaStreamCreateWithPriority(cudaStream_t *stream, unsigned flags, int)
{
	return cudaStreamCreateWithFlags(stream, flags);
}
static inline cudaError_t cudaStreamWaitEvent(cudaStream_t, cudaEvent_t, unsigned = 0)
{
	return cudaSuccess;
}
static inline cudaError_t cudaLaunchHostFunc(cudaStream_t, void (*fn)(void *), void *data)
{
	return simt_host_func(fn, data);
}
static inline cudaError_t cudaEventCreate(cudaEvent_t *event, unsigned flags = 0)
{
	return cudaEventCreateWithFlags(event, flags);
}
static inline cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t = 0)
{
	return simt_event_record(event);
}
static inline cudaError_t cudaProfilerStart()
{
	return cudaSuccess;
}
static inline cudaError_t cudaProfilerStop()
{
	return cudaSuccess;
}

template <class F>
static inline cudaError_t cudaFuncGetAttributes(struct cudaFuncAttributes *out, F *kernel)
{
	return simt_func_attributes(out, (const void *)kernel);
}
template <class F>
static inline cudaError_t cudaFuncSetAttribute(F *kernel, enum cudaFuncAttribute what, int value)
{
	if (what == cudaFuncAttributeMaxDynamicSharedMemorySize)
		return simt_func_allow_shared((const void *)kernel, value);
	return what == cudaFuncAttributePreferredSharedMemoryCarveout ? cudaSuccess
								      : cudaErrorInvalidValue;
}
template <class F> static inline cudaError_t cudaFuncSetCacheConfig(F *, enum cudaFuncCache)
{
	return cudaSuccess;
}
static inline cudaError_t cudaDeviceSetCacheConfig(enum cudaFuncCache)
{
	return cudaSuccess;
}

/* Occupancy. Registers are unknown without ptxas, so these answer for 32 a thread: a bound. */
template <class F>
static inline cudaError_t cudaOccupancyMaxActiveBlocksPerMultiprocessor(int *blocks, F *kernel,
									 int threads, size_t dynamic)
{
	return simt_occupancy(blocks, (const void *)kernel, threads, dynamic);
}
template <class F>
static inline cudaError_t cudaOccupancyMaxPotentialBlockSize(int *min_grid, int *threads, F *kernel,
							      size_t dynamic = 0, int limit = 0)
{
	int best = 0, of = 0, top = limit > 0 && limit < 1024 ? limit : 1024;
	for (int t = top / 32 * 32; t >= 32; t -= 32) {
		int blocks = 0;
		cudaError_t e = simt_occupancy(&blocks, (const void *)kernel, t, dynamic);
		if (e != cudaSuccess)
			return e;
		if (blocks * t > best) {
			best = blocks * t;
			of = t;
		}
	}
	*threads = of;
	*min_grid = of ? best / of * 132 : 0;
	return cudaSuccess;
}

#endif
