/* One arena holds all of an essay. The sanitizer build leaves a poisoned gap
 * between objects, so that an overrun inside the arena is still caught. */
#include "arena.h"

#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

#include "diag.h"

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
enum { GAP = 16 };
#else
#define ASAN_POISON_MEMORY_REGION(at, size)   ((void)0)
#define ASAN_UNPOISON_MEMORY_REGION(at, size) ((void)0)
enum { GAP = 0 };
#endif

struct arena arena_map(size_t size)
{
	char *at = mmap(NULL, size, PROT_READ | PROT_WRITE,
	                MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (at == MAP_FAILED)
		fatal("reserve %zu bytes of address space:", size);
	ASAN_POISON_MEMORY_REGION(at, size);
	return (struct arena){at, at + size};
}

void arena_unmap(struct arena whole)
{
	ASAN_UNPOISON_MEMORY_REGION(whole.at, (size_t)(whole.end - whole.at));
	munmap(whole.at, (size_t)(whole.end - whole.at));
}

void *arena_alloc(struct arena *a, size_t size, size_t align, size_t count)
{
	size_t pad = -(uintptr_t)a->at & (align - 1);
	size_t room = (size_t)(a->end - a->at);
	if (pad + GAP > room || (size && count > (room - pad - GAP) / size))
		fatal("arena exhausted: %zu objects of %zu bytes", count, size);
	char *p = a->at + pad;
	a->at = p + count * size + GAP;
	ASAN_UNPOISON_MEMORY_REGION(p, count * size);
	return memset(p, 0, count * size);
}
