/* Checking: every load and store of a kernel is looked at before it happens.
 *
 * An access must be aligned and lie in memory the kernel may touch: a live allocation, a device
 * variable, its own shared memory, its stack and arguments, constants. Shared memory must have
 * been written before it is read, and two threads may touch the same byte, one of them writing,
 * only if something orders them: a barrier of the block, or between lanes of a warp a collective
 * that both took part in. That order is kept exactly, as vector clocks: each lane counts the
 * collectives it has passed and knows, of its 31 neighbours, the last count it is ordered after.
 * A byte remembers its last writer and up to four readers, so of a crowd of readers that race
 * with one writer some may go unnamed, but not all. Two writes of the same value are no mistake.
 *
 * The first report of a launch ends it, as an error does on a device. */
#include "run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { READERS = 4 };

/* Who touched a byte, and when; thread is 1 + its number, so that zero is nobody. */
struct touch {
	uint16_t thread;
	bool atomic;
	uint32_t clock;
	const struct site *site;
};
struct cell {
	uint32_t interval;      /* of the block's barriers; older touches are ordered before now */
	bool written;           /* since the block began */
	struct touch writer, reader[READERS];
};

struct shadow {
	struct cell *cells;     /* a byte of shared memory each */
	uint32_t interval, first_interval;
	uint32_t (*clock)[WARP];        /* of each thread: what it knows of its warp's lanes */
};

/* A store whose value is known only once it has happened: two threads that write the same are
 * fine, so the verdict waits for the next event. */
static struct {
	bool waits;
	uint64_t address;
	unsigned size;
	unsigned char old[16];
	struct touch mine, other;
	struct simt_dim index;
} pending;

static int reports;

void simt_check_load(void *address, const struct site *);
void simt_check_store(void *address, const struct site *);

extern char __executable_start[], _end[];

void check_prepare(struct worker *w)
{
	if (!w->shadow) {
		w->shadow = calloc(1, sizeof *w->shadow);
		if (w->shadow) {
			w->shadow->cells = calloc(w->shared_bytes, sizeof(struct cell));
			w->shadow->clock = calloc(MAX_THREADS, sizeof *w->shadow->clock);
		}
		if (!w->shadow || !w->shadow->cells || !w->shadow->clock)
			simt_fatal("no memory for checking");
	}
}

void check_block(struct worker *w)
{
	struct shadow *s = w->shadow;
	s->first_interval = ++s->interval;
	memset(s->clock, 0, MAX_THREADS * sizeof *s->clock);
	for (unsigned i = 0; i < MAX_THREADS; i++)
		s->clock[i][i % WARP] = 1;
	pending.waits = false;
}

static unsigned number_of(const struct worker *w, const struct lane *l)
{
	return (unsigned)(l - w->lanes);
}

/* Report at a site and end the block. */
#define REPORT(error, site, ...)                                                                  \
	do {                                                                                      \
		reports++;                                                                        \
		block_fail(error, site, __VA_ARGS__);                                             \
	} while (0)

static const char *verb(const struct site *s)
{
	return s->kind == SITE_LOAD ? "reads" : s->kind == SITE_STORE ? "writes" : "updates";
}

static bool is_ordered(const struct worker *w, const struct touch *before, unsigned thread)
{
	unsigned other = before->thread - 1u;
	if (other == thread)
		return true;
	if (other / WARP != thread / WARP)
		return false;
	return w->shadow->clock[thread][other % WARP] >= before->clock;
}

static void race(struct worker *w, const struct touch *mine, const struct simt_dim index,
		 const struct touch *other, uint64_t address)
{
	const struct lane *l = &w->lanes[other->thread - 1];
	char line[128] = "";
	if (other->site->line != mine->site->line)
		snprintf(line, sizeof line, " at %s:%u", site_file(other->site), other->site->line);
	REPORT(719, mine->site,
	       "block (%u,%u,%u), thread (%u,%u,%u) %s shared memory at byte %llu that thread "
	       "(%u,%u,%u) %s%s, and nothing orders the two: a race",
	       w->block.x, w->block.y, w->block.z, index.x, index.y, index.z, verb(mine->site),
	       (unsigned long long)(address - w->shared_from), l->index.x, l->index.y, l->index.z,
	       verb(other->site), line);
}

/* The store that waited has happened: if it changed what another thread had written, tell. */
static void settle_pending(struct worker *w)
{
	if (!pending.waits)
		return;
	pending.waits = false;
	if (memcmp((const void *)(uintptr_t)pending.address, pending.old, pending.size))
		race(w, &pending.mine, pending.index, &pending.other, pending.address);
}

static void add_reader(const struct worker *w, struct cell *c, struct touch mine)
{
	unsigned thread = mine.thread - 1u, at = READERS - 1;
	for (unsigned i = 0; i < READERS; i++)
		if (!c->reader[i].thread || is_ordered(w, &c->reader[i], thread)) {
			at = i;
			break;
		}
	c->reader[at] = mine;
}

/* Returns the touch that races with mine, or null. */
static const struct touch *find_race(const struct worker *w, const struct cell *c,
				     const struct touch *mine, bool write)
{
	unsigned thread = mine->thread - 1u;
	if (c->writer.thread && !(c->writer.atomic && mine->atomic) &&
	    !is_ordered(w, &c->writer, thread))
		return &c->writer;
	for (unsigned i = 0; write && i < READERS; i++)
		if (c->reader[i].thread && !is_ordered(w, &c->reader[i], thread))
			return &c->reader[i];
	return NULL;
}

static void check_byte(struct worker *w, uint64_t address, struct touch mine, unsigned size)
{
	struct shadow *s = w->shadow;
	struct cell *c = &s->cells[address - w->shared_from];
	bool write = mine.site->kind != SITE_LOAD;
	if (c->interval < s->first_interval)
		*c = (struct cell){0};
	if (c->interval != s->interval) {
		c->interval = s->interval;
		c->writer.thread = 0;
		for (int i = 0; i < READERS; i++)
			c->reader[i].thread = 0;
	}
	if (mine.site->kind != SITE_STORE && !c->written) {
		REPORT(719, mine.site, "%s reads %u bytes of shared memory at byte %llu that no "
				       "thread has written",
		       lane_place(w, w->lane), size,
		       (unsigned long long)(address - w->shared_from));
		return;
	}
	const struct touch *other = find_race(w, c, &mine, write);
	if (other && other->site->kind == SITE_STORE && mine.site->kind == SITE_STORE) {
		if (!pending.waits) {
			pending.waits = true;
			pending.mine = mine;
			pending.other = *other;
			pending.index = w->lane->index;
		}
	} else if (other) {
		race(w, &mine, w->lane->index, other, address);
	}
	if (write) {
		c->written = true;
		c->writer = mine;
		for (int i = 0; i < READERS; i++)
			c->reader[i].thread = 0;
	} else {
		add_reader(w, c, mine);
	}
}

/* Whether the kernel has that much shared memory there. */
static bool is_own_shared(const struct worker *w, uint64_t address, unsigned size)
{
	uint64_t tp = w->shared_from, dynamic = (uint64_t)(uintptr_t)simt_dynamic;
#ifdef __x86_64__
	__asm__("movq %%fs:0, %0" : "=r"(tp));
#endif
	for (unsigned i = 0; i < simt_now.nshared; i++) {
		uint64_t from = tp + (uint64_t)(int64_t)simt_now.shared[i].offset;
		if (address >= from && address + size <= from + simt_now.shared[i].bytes)
			return true;
	}
	return address >= dynamic && address + size <= dynamic + simt_now.what.dynamic_bytes;
}

static void check_shared(struct worker *w, uint64_t address, unsigned size,
			 const struct site *site)
{
	if (!is_own_shared(w, address, size)) {
		REPORT(700, site, "%s %s %u bytes outside of its shared memory (%zu bytes static, "
				  "%zu dynamic)",
		       lane_place(w, w->lane), verb(site), size, simt_now.static_bytes,
		       simt_now.what.dynamic_bytes);
		return;
	}
	unsigned thread = number_of(w, w->lane);
	struct touch mine = {(uint16_t)(thread + 1), site->kind == SITE_ATOMIC,
			     w->shadow->clock[thread][thread % WARP], site};
	pending.address = address;
	pending.size = size < sizeof pending.old ? size : sizeof pending.old;
	memcpy(pending.old, (const void *)(uintptr_t)address, pending.size);
	for (unsigned i = 0; i < size; i++)
		check_byte(w, address + i, mine, size);
}

static void check_arena(struct worker *w, uint64_t address, unsigned size, const struct site *site)
{
	const struct allocation *a = memory_find(address);
	if (a && a->live && address + size <= a->to)
		return;
	const char *place = lane_place(w, w->lane);
	if (!a) {
		REPORT(700, site, "%s %s %u bytes at 0x%llx, before all allocations", place,
		       verb(site), size, (unsigned long long)address);
		return;
	}
	unsigned long long bytes = a->to - a->from;
	if (!a->live && address < a->to) {
		REPORT(700, site, "%s %s %u bytes at 0x%llx, byte %llu of %llu allocated at %s:%d "
				  "and freed since",
		       place, verb(site), size, (unsigned long long)address,
		       (unsigned long long)(address - a->from), bytes, a->file, a->line);
		return;
	}
	REPORT(700, site, "%s %s %u bytes at 0x%llx, byte %llu of the %llu allocated at %s:%d", place,
	       verb(site), size, (unsigned long long)address,
	       (unsigned long long)(address - a->from), bytes, a->file, a->line);
}

static bool is_between(uint64_t at, const void *from, uint64_t bytes)
{
	return at - (uint64_t)(uintptr_t)from < bytes;
}

/* Addresses that are neither the arena's nor shared. */
static void check_other(struct worker *w, uint64_t address, unsigned size, const struct site *site)
{
	uint64_t stacks = (uint64_t)MAX_THREADS * (STACK_BYTES + GUARD_BYTES);
	if (is_between(address, w->stacks, stacks) || memory_is_device_variable(address) ||
	    is_between(address, simt_now.what.closure, simt_now.what.closure_size))
		return;
	if (memory_is_constant(address) ||
	    is_between(address, __executable_start, (uint64_t)(_end - __executable_start))) {
		if (site->kind == SITE_LOAD)
			return;
		REPORT(700, site, "%s %s %u bytes of %s at 0x%llx", lane_place(w, w->lane),
		       verb(site), size,
		       memory_is_constant(address) ? "constant memory" : "a variable of the host",
		       (unsigned long long)address);
		return;
	}
	REPORT(700, site, "%s %s %u bytes at 0x%llx, which is %s", lane_place(w, w->lane), verb(site),
	       size, (unsigned long long)address,
	       address < 65536 ? "a null pointer" : "no memory of the device");
}

void check_access(uint64_t address, unsigned size, const struct site *site)
{
	struct worker *w = simt_worker;
	if (!w || !w->lane)
		return;
	settle_pending(w);
	w->lane->site = site;
	unsigned align = size & (size - 1) ? 4 : size;
	if (address % align && !is_between(address, w->stacks, (uint64_t)MAX_THREADS *
								       (STACK_BYTES + GUARD_BYTES)))
		REPORT(716, site, "%s %s %u bytes at 0x%llx, which is not a multiple of %u",
		       lane_place(w, w->lane), verb(site), size, (unsigned long long)address,
		       align);
	else if (is_shared(w, address))
		check_shared(w, address, size, site);
	else if (memory_is_arena(address))
		check_arena(w, address, size, site);
	else
		check_other(w, address, size, site);
}

void simt_check_load(void *address, const struct site *site)
{
	check_access((uint64_t)(uintptr_t)address, site->size, site);
}

void simt_check_store(void *address, const struct site *site)
{
	check_access((uint64_t)(uintptr_t)address, site->size, site);
}

/* All that have not ended wait at a barrier: it should be the same one. */
void check_barrier(struct worker *w)
{
	settle_pending(w);
	const struct lane *first = NULL;
	for (unsigned i = 0; i < w->threads && !w->abandoned; i++) {
		const struct lane *l = &w->lanes[i];
		if (l->state != LANE_WAITS)
			continue;
		if (!first)
			first = l;
		if (!l->site || !first->site ||
		    (l->site->line == first->site->line && l->site->file == first->site->file))
			continue;
		char place[160];
		snprintf(place, sizeof place, "%s", lane_place(w, first));
		REPORT(719, first->site,
		       "%s waits at this barrier while thread (%u,%u,%u) waits at the one at %s:%u",
		       place, l->index.x, l->index.y, l->index.z, site_file(l->site),
		       l->site->line);
	}
	w->shadow->interval++;
}

/* Lanes of a warp meet: each is now ordered after all that the others had passed. */
void check_meet(struct worker *w, unsigned w0, unsigned group)
{
	settle_pending(w);
	uint32_t most[WARP] = {0};
	uint32_t(*clock)[WARP] = w->shadow->clock + w0;
	for (unsigned i = 0; i < WARP; i++)
		for (unsigned k = 0; group >> i & 1 && k < WARP; k++)
			if (clock[i][k] > most[k])
				most[k] = clock[i][k];
	for (unsigned i = 0; i < WARP; i++)
		if (group >> i & 1) {
			memcpy(clock[i], most, sizeof most);
			clock[i][i]++;
		}
}

void check_shuffle(struct worker *w, const struct lane *l, unsigned source, unsigned group)
{
	if (w->abandoned || group >> source & 1)
		return;
	unsigned w0 = number_of(w, l) / WARP * WARP;
	REPORT(719, l->site,
	       "%s takes a value from lane %u of its warp (thread %u), which takes no part in the "
	       "shuffle",
	       lane_place(w, l), source, w0 + source);
}

void check_block_end(struct worker *w)
{
	settle_pending(w);
}

/* A refused launch is a mistake if the program does not ask for the error before its next launch
 * or its end. */
static char unasked[512];

static void tell_unasked(void)
{
	if (!*unasked)
		return;
	fputs(unasked, stderr);
	*unasked = '\0';
	reports++;
}

void check_launch(const struct simt_launch *l, size_t static_bytes)
{
	tell_unasked();
	snprintf(unasked, sizeof unasked,
		 "%s:%d: error: kernel '%s' cannot be launched with a grid of (%u,%u,%u), blocks of "
		 "(%u,%u,%u) and %zu + %zu bytes of shared memory\n",
		 l->file, l->line, l->name, l->grid.x, l->grid.y, l->grid.z, l->block.x,
		 l->block.y, l->block.z, static_bytes, l->dynamic_bytes);
}

void check_asked(void)
{
	*unasked = '\0';
}

static void tell_leak(const struct allocation *a)
{
	fprintf(stderr, "%s:%d: error: %llu bytes of device memory allocated here are never freed\n",
		a->file, a->line, (unsigned long long)(a->to - a->from));
	reports++;
}

bool check_finish(void)
{
	tell_unasked();
	if (simt_mode == MODE_CHECK && !error_sticky())
		memory_leaks(tell_leak);
	return reports == 0;
}
