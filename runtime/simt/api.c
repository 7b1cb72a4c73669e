/* The runtime calls: errors, the device, streams, events, occupancy. The numbers are an H200's
 * where a program may ask for them; its limits bind. */
#include "run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { OK = 0, INVALID_VALUE = 1, OUT_OF_MEMORY = 2, INVALID_DEVICE = 101, INVALID_HANDLE = 400 };

static const struct error_row {
	int number;
	const char *name, *text;
} errors[] = {
	{0, "cudaSuccess", "no error"},
	{1, "cudaErrorInvalidValue", "invalid argument"},
	{2, "cudaErrorMemoryAllocation", "out of memory"},
	{3, "cudaErrorInitializationError", "initialization error"},
	{9, "cudaErrorInvalidConfiguration", "invalid configuration argument"},
	{12, "cudaErrorInvalidPitchValue", "invalid pitch argument"},
	{13, "cudaErrorInvalidSymbol", "invalid device symbol"},
	{17, "cudaErrorInvalidDevicePointer", "invalid device pointer"},
	{21, "cudaErrorInvalidMemcpyDirection", "invalid copy direction for memcpy"},
	{98, "cudaErrorInvalidDeviceFunction", "invalid device function"},
	{100, "cudaErrorNoDevice", "no CUDA-capable device is detected"},
	{101, "cudaErrorInvalidDevice", "invalid device ordinal"},
	{400, "cudaErrorInvalidResourceHandle", "invalid resource handle"},
	{600, "cudaErrorNotReady", "device not ready"},
	{700, "cudaErrorIllegalAddress", "an illegal memory access was encountered"},
	{701, "cudaErrorLaunchOutOfResources", "too many resources requested for launch"},
	{702, "cudaErrorLaunchTimeout", "the launch timed out and was terminated"},
	{710, "cudaErrorAssert", "device-side assert triggered"},
	{715, "cudaErrorIllegalInstruction", "an illegal instruction was encountered"},
	{716, "cudaErrorMisalignedAddress", "misaligned address"},
	{719, "cudaErrorLaunchFailure", "unspecified launch failure"},
	{800, "cudaErrorNotPermitted", "operation not permitted"},
	{801, "cudaErrorNotSupported", "operation not supported"},
	{999, "cudaErrorUnknown", "unknown error"},
};

static const struct error_row *find_error(int number)
{
	for (size_t i = 0; i < sizeof errors / sizeof *errors; i++)
		if (errors[i].number == number)
			return &errors[i];
	return NULL;
}

const char *cudaGetErrorName(int error);
const char *cudaGetErrorName(int error)
{
	const struct error_row *e = find_error(error);
	return e ? e->name : "unrecognized error code";
}

const char *cudaGetErrorString(int error);
const char *cudaGetErrorString(int error)
{
	const struct error_row *e = find_error(error);
	return e ? e->text : "unrecognized error code";
}

int cudaGetLastError(void);
int cudaGetLastError(void)
{
	return error_take(true);
}

int cudaPeekAtLastError(void);
int cudaPeekAtLastError(void)
{
	return error_take(false);
}

/* The device. Attributes by CUDA's numbers; cudaDeviceProp is filled from the same rows. */
static const struct attribute {
	int number, value;
} attributes[] = {
	{1, 1024},        {2, 1024},   {3, 1024},   {4, 64},    {5, 2147483647}, {6, 65535},
	{7, 65535},       {8, 49152},  {9, 65536},  {10, 32},   {12, 65536},     {13, 1980000},
	{16, 132},        {36, 3201000}, {37, 6144}, {38, 62914560}, {39, 2048}, {75, 9},
	{76, 0},          {81, 233472}, {82, 65536}, {83, 1},    {95, 0},         {97, 232448},
	{106, 32},
};

static int attribute(int number, int *value)
{
	for (size_t i = 0; i < sizeof attributes / sizeof *attributes; i++)
		if (attributes[i].number == number) {
			*value = attributes[i].value;
			return OK;
		}
	return error_set(INVALID_VALUE);
}

int cudaDeviceGetAttribute(int *value, int which, int device);
int cudaDeviceGetAttribute(int *value, int which, int device)
{
	return device ? error_set(INVALID_DEVICE) : attribute(which, value);
}

/* As in host.h. */
struct device_prop {
	char name[256];
	size_t total_global, shared_block;
	int regs_block, warp;
	size_t mem_pitch;
	int threads_block, threads_dim[3], grid[3];
	size_t total_const;
	int major, minor;
	int processors, integrated, map_host;
	int concurrent_kernels, engines, unified, bus_width, l2;
	int threads_processor;
	size_t shared_processor, shared_optin, shared_reserved;
	int regs_processor, managed, concurrent_managed, pageable;
	int cooperative, blocks_processor;
};

int cudaGetDeviceProperties(struct device_prop *p, int device);
int cudaGetDeviceProperties(struct device_prop *p, int device)
{
	if (device)
		return error_set(INVALID_DEVICE);
	*p = (struct device_prop){
		.name = "weft SIMT runtime (CPU, limits of an H200)",
		.total_global = ARENA_BYTES, .shared_block = 48 << 10,
		.regs_block = 65536, .warp = 32, .mem_pitch = 2147483647,
		.threads_block = 1024, .threads_dim = {1024, 1024, 64},
		.grid = {2147483647, 65535, 65535}, .total_const = 65536,
		.major = 9, .minor = 0, .processors = 132, .map_host = 1,
		.concurrent_kernels = 1, .engines = 3, .unified = 1, .bus_width = 6144,
		.l2 = 62914560, .threads_processor = 2048, .shared_processor = 228 << 10,
		.shared_optin = 227 << 10, .shared_reserved = 1024, .regs_processor = 65536,
		.managed = 1, .concurrent_managed = 1, .blocks_processor = 32,
	};
	return OK;
}

int cudaGetDeviceCount(int *);
int cudaGetDeviceCount(int *n)
{
	*n = 1;
	return OK;
}

int cudaSetDevice(int);
int cudaSetDevice(int device)
{
	return device ? error_set(INVALID_DEVICE) : OK;
}

int cudaGetDevice(int *);
int cudaGetDevice(int *device)
{
	*device = 0;
	return OK;
}

int cudaDeviceSynchronize(void);
int cudaDeviceSynchronize(void)
{
	output_show();
	return error_sticky();
}

int cudaDeviceReset(void);
int cudaDeviceReset(void)
{
	output_show();
	return error_sticky();
}

int cudaRuntimeGetVersion(int *);
int cudaRuntimeGetVersion(int *version)
{
	*version = 13000;
	return OK;
}

int cudaDriverGetVersion(int *);
int cudaDriverGetVersion(int *version)
{
	*version = 13000;
	return OK;
}

int cudaMemGetInfo(size_t *, size_t *);
int cudaMemGetInfo(size_t *left, size_t *total)
{
	uint64_t used = memory_top() ? memory_top() - ARENA_BASE : 0;
	*total = ARENA_BYTES;
	*left = ARENA_BYTES - used;
	return OK;
}

struct pointer_attributes {
	int type, device;
	void *on_device, *on_host;
};

int cudaPointerGetAttributes(struct pointer_attributes *, const void *);
int cudaPointerGetAttributes(struct pointer_attributes *out, const void *p)
{
	uint64_t at = (uint64_t)(uintptr_t)p;
	const struct allocation *a = memory_is_arena(at) ? memory_find(at) : NULL;
	bool ours = a && a->live && at < a->to;
	*out = (struct pointer_attributes){
		.type = !ours ? 0 : a->managed ? 3 : 2,
		.device = ours ? 0 : -2,
		.on_device = ours ? (void *)(uintptr_t)at : NULL,
		.on_host = ours && !a->managed ? NULL : (void *)(uintptr_t)at,
	};
	return OK;
}

/* Streams are numbers; all are the same one. */
int cudaStreamCreateWithFlags(void **, unsigned);
int cudaStreamCreateWithFlags(void **stream, unsigned flags)
{
	static uintptr_t next = 16;
	(void)flags;
	*stream = (void *)next++;
	return OK;
}

int cudaStreamDestroy(void *);
int cudaStreamDestroy(void *stream)
{
	return stream ? OK : error_set(INVALID_HANDLE);
}

int cudaStreamSynchronize(void *);
int cudaStreamSynchronize(void *stream)
{
	(void)stream;
	return cudaDeviceSynchronize();
}

int cudaStreamQuery(void *);
int cudaStreamQuery(void *stream)
{
	(void)stream;
	return error_sticky();
}

struct event_time {
	struct timespec at;
	bool recorded;
};

int cudaEventCreateWithFlags(struct event_time **, unsigned);
int cudaEventCreateWithFlags(struct event_time **event, unsigned flags)
{
	(void)flags;
	*event = calloc(1, sizeof **event);
	return *event ? OK : error_set(OUT_OF_MEMORY);
}

int cudaEventDestroy(struct event_time *);
int cudaEventDestroy(struct event_time *event)
{
	if (!event)
		return error_set(INVALID_HANDLE);
	free(event);
	return OK;
}

int simt_event_record(struct event_time *);
int simt_event_record(struct event_time *event)
{
	if (!event)
		return error_set(INVALID_HANDLE);
	clock_gettime(CLOCK_MONOTONIC, &event->at);
	event->recorded = true;
	return error_sticky();
}

int cudaEventSynchronize(struct event_time *);
int cudaEventSynchronize(struct event_time *event)
{
	return event ? cudaDeviceSynchronize() : error_set(INVALID_HANDLE);
}

int cudaEventQuery(struct event_time *);
int cudaEventQuery(struct event_time *event)
{
	return event ? error_sticky() : error_set(INVALID_HANDLE);
}

int cudaEventElapsedTime(float *, struct event_time *, struct event_time *);
int cudaEventElapsedTime(float *ms, struct event_time *from, struct event_time *to)
{
	if (!from || !to || !from->recorded || !to->recorded)
		return error_set(INVALID_HANDLE);
	*ms = (float)((double)(to->at.tv_sec - from->at.tv_sec) * 1e3 +
		      (double)(to->at.tv_nsec - from->at.tv_nsec) * 1e-6);
	return error_sticky();
}

struct func_attributes {
	size_t shared, constant, local;
	int threads, regs, ptx, binary, dynamic;
};

int simt_func_attributes(struct func_attributes *, const void *);
int simt_func_attributes(struct func_attributes *out, const void *kernel)
{
	size_t allowed = kernel_allowed_bytes(kernel), fixed = kernel_static_bytes(kernel);
	*out = (struct func_attributes){
		.shared = fixed,
		.threads = MAX_THREADS,
		.regs = 32,
		.ptx = 90,
		.binary = 90,
		.dynamic = (int)(allowed ? allowed : SIMT_STATIC_LIMIT - fixed),
	};
	return OK;
}

/* Blocks of a processor by threads, blocks and shared memory (1 KiB of it a block is reserved,
 * and it is given out in units of 128 bytes); registers are ptxas' business. */
int simt_occupancy(int *, const void *, int, size_t);
int simt_occupancy(int *blocks, const void *kernel, int threads, size_t dynamic)
{
	if (threads < 1 || threads > MAX_THREADS)
		return error_set(INVALID_VALUE);
	int warps = (threads + WARP - 1) / WARP, most = 64 / warps;
	size_t shared = (kernel_static_bytes(kernel) + dynamic + 1024 + 127) & ~(size_t)127;
	if (shared > (228u << 10))
		most = 0;
	else if ((size_t)most > (228u << 10) / shared)
		most = (int)((228u << 10) / shared);
	*blocks = most > 32 ? 32 : most;
	return OK;
}

int simt_host_func(void (*)(void *), void *);
int simt_host_func(void (*fn)(void *), void *data)
{
	fn(data);
	return error_sticky();
}
