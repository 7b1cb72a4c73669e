/* One arena holds all of an essay; nothing in it is freed piece by piece. */
#ifndef WEFT_ARENA_H
#define WEFT_ARENA_H

#include <stddef.h>

/* Pass `struct arena *` to a function whose result must outlive the call;
 * pass `struct arena` (a copy) as scratch: whatever the callee takes from
 * the copy is given back when it returns. Never pass an arena and a copy of
 * the same arena to one call: results and scratch would overlap. */
struct arena {
	char *at, *end;
};

#define NEW(a, type)     NEWS(a, type, 1)
#define NEWS(a, type, n) ((type *)arena_alloc(a, sizeof(type), _Alignof(type), n))

/* An arena over `size` bytes of address space, taken from the system only as
 * it is used. Lives until the process ends or arena_unmap(). */
struct arena arena_map(size_t size);
/* Give an arena's whole mapping back; `whole` is the value arena_map() returned. */
void arena_unmap(struct arena whole);

/* `count` zeroed objects. Never fails: running out is fatal. */
void *arena_alloc(struct arena *a, size_t size, size_t align, size_t count);

#endif
