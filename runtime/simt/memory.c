/* The device's memory: one arena at a fixed address, so that pointers, and what is printed of
 * them, repeat from run to run. Allocations are aligned as cudaMalloc's, have a red zone behind
 * them, and come lowest first, so the same calls always give the same addresses. */
#include "run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define ALIGNMENT 512ull
#define RED_ZONE  512ull

/* Sorted by address; freed ones stay until their place is used again, for reports. */
static struct allocation *list;
static size_t count, capacity;
static uint64_t top, arena_bytes;

/* Variables of the program that stand for device memory. */
extern char __start_simt_device[] __attribute__((weak)), __stop_simt_device[] __attribute__((weak));
extern char __start_simt_device_ro[] __attribute__((weak)),
	__stop_simt_device_ro[] __attribute__((weak));
extern char __start_simt_const[] __attribute__((weak)), __stop_simt_const[] __attribute__((weak));
extern char __start_simt_const_ro[] __attribute__((weak)),
	__stop_simt_const_ro[] __attribute__((weak));

static bool is_between(uint64_t at, const char *from, const char *to)
{
	return at >= (uint64_t)(uintptr_t)from && at < (uint64_t)(uintptr_t)to;
}

bool memory_is_arena(uint64_t at)
{
	return at - ARENA_BASE < ARENA_BYTES;
}

bool memory_is_device_variable(uint64_t at)
{
	return is_between(at, __start_simt_device, __stop_simt_device) ||
	       is_between(at, __start_simt_device_ro, __stop_simt_device_ro);
}

/* String literals and other constants of the program are the device's constant memory too. */
bool memory_is_constant(uint64_t at)
{
	return is_between(at, __start_simt_const, __stop_simt_const) ||
	       is_between(at, __start_simt_const_ro, __stop_simt_const_ro);
}

uint64_t memory_variables_from(void)
{
	return (uint64_t)(uintptr_t)__start_simt_device;
}

uint64_t memory_variables_to(void)
{
	return (uint64_t)(uintptr_t)__stop_simt_device;
}

/* Address space is reserved, not used. Where so much is not to be had, less is asked for. */
static void arena_make(void)
{
	for (uint64_t bytes = ARENA_BYTES; bytes >= 1u << 30; bytes /= 2) {
		void *at = mmap((void *)(uintptr_t)ARENA_BASE, bytes, PROT_READ | PROT_WRITE,
				MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE,
				-1, 0);
		if (at == (void *)(uintptr_t)ARENA_BASE) {
			arena_bytes = bytes;
			top = ARENA_BASE;
			return;
		}
		if (at != MAP_FAILED)
			munmap(at, bytes);
	}
	simt_fatal("cannot reserve address space for the device's memory");
}

/* The first index whose allocation begins above `at`. */
static size_t index_above(uint64_t at)
{
	size_t low = 0, high = count;
	while (low < high) {
		size_t middle = (low + high) / 2;
		if (list[middle].from <= at)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

const struct allocation *memory_find(uint64_t at)
{
	size_t i = index_above(at);
	return i ? &list[i - 1] : NULL;
}

uint64_t memory_top(void)
{
	return top;
}

static void insert(size_t i, struct allocation a)
{
	if (count == capacity) {
		capacity = capacity ? 2 * capacity : 64;
		list = realloc(list, capacity * sizeof *list);
		if (!list)
			simt_fatal("no memory for %zu allocations", capacity);
	}
	memmove(list + i + 1, list + i, (count - i) * sizeof *list);
	list[i] = a;
	count++;
}

static void drop(size_t i)
{
	count--;
	memmove(list + i, list + i + 1, (count - i) * sizeof *list);
}

/* Where `bytes` fit: the first gap between live allocations. */
static uint64_t find_gap(uint64_t bytes)
{
	uint64_t at = ARENA_BASE;
	for (size_t i = 0; i < count; i++) {
		if (!list[i].live)
			continue;
		if (list[i].from - at >= bytes && list[i].from > at)
			return at;
		at = (list[i].to + RED_ZONE + ALIGNMENT - 1) & ~(ALIGNMENT - 1);
	}
	return at;
}

int simt_malloc(void **out, size_t bytes, int managed, const char *file, int line);
int simt_malloc(void **out, size_t bytes, int managed, const char *file, int line)
{
	if (error_sticky())
		return error_sticky();
	if (!out)
		return error_set(1);
	*out = NULL;
	if (!bytes)
		return 0;
	if (!arena_bytes)
		arena_make();
	if (bytes > arena_bytes)
		return error_set(2);
	uint64_t need = ((bytes + ALIGNMENT - 1) & ~(ALIGNMENT - 1)) + RED_ZONE;
	uint64_t at = find_gap(need);
	if (at + need > ARENA_BASE + arena_bytes)
		return error_set(2);
	for (size_t i = count; i-- > 0;)
		if (!list[i].live && list[i].from < at + need && list[i].to + RED_ZONE > at)
			drop(i);
	insert(index_above(at),
	       (struct allocation){at, at + bytes, true, managed != 0, file, line});
	if (at + need > top)
		top = at + need;
	*out = (void *)(uintptr_t)at;
	return 0;
}

int cudaFree(void *p);
int cudaFree(void *p)
{
	if (error_sticky())
		return error_sticky();
	if (!p)
		return 0;
	size_t i = index_above((uint64_t)(uintptr_t)p);
	if (!i || list[i - 1].from != (uint64_t)(uintptr_t)p || !list[i - 1].live)
		return error_set(1);
	list[i - 1].live = false;
	/* Give the pages back: the next owner finds zeros here on every run. */
	uint64_t from = list[i - 1].from, bytes = list[i - 1].to - from;
	madvise((void *)(uintptr_t)((from + 4095) & ~4095ull),
		bytes > 8192 ? (bytes - 4096) & ~4095ull : 0, MADV_DONTNEED);
	return 0;
}

void memory_leaks(void (*tell)(const struct allocation *))
{
	for (size_t i = 0; i < count; i++)
		if (list[i].live)
			tell(&list[i]);
}

int simt_malloc_host(void **at, size_t bytes);
int simt_malloc_host(void **at, size_t bytes)
{
	*at = NULL;
	if (posix_memalign(at, 4096, bytes ? bytes : 1))
		return error_set(2);
	memset(*at, 0, bytes);
	return 0;
}

int cudaFreeHost(void *p);
int cudaFreeHost(void *p)
{
	free(p);
	return 0;
}

/* Whether [p, p + bytes) may be read or written as device memory; host pointers are not ours. */
static bool is_fine(const void *p, size_t bytes)
{
	uint64_t at = (uint64_t)(uintptr_t)p;
	if (!memory_is_arena(at))
		return at >= 4096;
	const struct allocation *a = memory_find(at);
	return a && a->live && at < a->to && bytes <= a->to - at;
}

static bool kind_fits(const void *to, const void *from, int kind)
{
	bool to_device = memory_is_arena((uint64_t)(uintptr_t)to) ||
			 memory_is_device_variable((uint64_t)(uintptr_t)to) ||
			 memory_is_constant((uint64_t)(uintptr_t)to);
	bool from_device = memory_is_arena((uint64_t)(uintptr_t)from) ||
			   memory_is_device_variable((uint64_t)(uintptr_t)from);
	switch (kind) {
	case 1:
		return to_device;
	case 2:
		return from_device;
	case 3:
		return to_device && from_device;
	default:
		return kind == 0 || kind == 4;
	}
}

int cudaMemcpy(void *to, const void *from, size_t bytes, int kind);
int cudaMemcpy(void *to, const void *from, size_t bytes, int kind)
{
	if (kind != 0)
		output_show();
	if (error_sticky())
		return error_sticky();
	if (!bytes)
		return 0;
	if (kind < 0 || kind > 4)
		return error_set(21);
	if (!is_fine(to, bytes) || !is_fine(from, bytes) || !kind_fits(to, from, kind))
		return error_set(1);
	memmove(to, from, bytes);
	return 0;
}

int cudaMemset(void *at, int value, size_t bytes);
int cudaMemset(void *at, int value, size_t bytes)
{
	if (error_sticky())
		return error_sticky();
	if (!is_fine(at, bytes))
		return error_set(1);
	memset(at, value, bytes);
	return 0;
}

int cudaMemcpy2D(void *to, size_t to_pitch, const void *from, size_t from_pitch, size_t width,
		 size_t height, int kind);
int cudaMemcpy2D(void *to, size_t to_pitch, const void *from, size_t from_pitch, size_t width,
		 size_t height, int kind)
{
	if (width > to_pitch || width > from_pitch)
		return error_set(12);
	for (size_t y = 0; y < height; y++) {
		int e = cudaMemcpy((char *)to + y * to_pitch, (const char *)from + y * from_pitch,
				   width, kind);
		if (e)
			return e;
	}
	return 0;
}

int cudaMemset2D(void *at, size_t pitch, int value, size_t width, size_t height);
int cudaMemset2D(void *at, size_t pitch, int value, size_t width, size_t height)
{
	if (width > pitch)
		return error_set(1);
	for (size_t y = 0; y < height; y++) {
		int e = cudaMemset((char *)at + y * pitch, value, width);
		if (e)
			return e;
	}
	return 0;
}

int simt_is_shared(const void *p);
int simt_is_shared(const void *p)
{
	return simt_worker && is_shared(simt_worker, (uint64_t)(uintptr_t)p);
}

int simt_is_global(const void *p);
int simt_is_global(const void *p)
{
	uint64_t at = (uint64_t)(uintptr_t)p;
	return memory_is_arena(at) || memory_is_device_variable(at);
}

int simt_is_constant(const void *p);
int simt_is_constant(const void *p)
{
	return memory_is_constant((uint64_t)(uintptr_t)p);
}
