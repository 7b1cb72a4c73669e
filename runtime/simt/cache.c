/* Counting: models of L1 and L2, off unless asked for.
 *
 *   SIMT_L1_KIB   size of L1; each block has its own, cold at its start. 4 ways
 *   SIMT_L2_MIB   size of L2; cold at the start of a launch. 16 ways
 *
 * Both: lines of 128 bytes in four sectors of 32, filled sector by sector, least recently used
 * line replaced. L1 writes through and does not keep what is written; L2 writes back and needs no
 * fill for a written sector. L2 sees the blocks one after another, in the order of their numbers,
 * whatever order they ran in: each block leaves a log of what passed its L1, and the logs are
 * played in order. These are models, never measurements: hardware runs many blocks at once and
 * its policies are its own. Atomics bypass L1. Variables of the program are not modelled. */
#include "count.h"

#include <stdlib.h>
#include <string.h>

enum { SECTORS_A_LINE = 4, L1_WAYS = 4, L2_WAYS = 16 };

struct way {
	uint64_t tag;           /* line + 1; 0 empty */
	uint64_t used;
	uint8_t valid, dirty;   /* a bit a sector */
};

/* The log of one block: sector * 2 + write, sectors counted from the arena's start. */
struct log {
	uint32_t *item;
	size_t n, cap;
	uint64_t block;
	struct log *next;
};

struct cache {
	struct way *ways;
	uint64_t sets, clock;
	uint64_t hits, misses, written_back;
	struct log log;
};

static struct cache l2;
static struct log *waiting;
static uint64_t next_block;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static long l1_kib(void)
{
	static long kib = -1;
	if (kib < 0)
		kib = option("SIMT_L1_KIB", 0, 0, 1 << 10);
	return kib;
}

static long l2_mib(void)
{
	static long mib = -1;
	if (mib < 0)
		mib = option("SIMT_L2_MIB", 0, 0, 1 << 10);
	return mib;
}

bool cache_wanted(void)
{
	return l1_kib() || l2_mib();
}

static void *must(void *p)
{
	if (!p)
		simt_fatal("no memory for a model of a cache");
	return p;
}

static void make(struct cache *c, uint64_t bytes, unsigned ways)
{
	c->sets = bytes / (128 * ways);
	if (bytes && !c->sets)
		c->sets = 1;
	if (c->sets)
		c->ways = must(calloc(c->sets * ways, sizeof *c->ways));
}

static void empty(struct cache *c, unsigned ways)
{
	if (c->sets)
		memset(c->ways, 0, c->sets * ways * sizeof *c->ways);
}

void cache_prepare(struct worker *w)
{
	w->l1 = must(calloc(1, sizeof *w->l1));
	make(w->l1, (uint64_t)l1_kib() << 10, L1_WAYS);
}

void cache_launch(void)
{
	if (!l2.ways)
		make(&l2, (uint64_t)l2_mib() << 20, L2_WAYS);
	empty(&l2, L2_WAYS);
	l2.clock = l2.hits = l2.misses = l2.written_back = 0;
	next_block = 0;
	for (int i = 0; i < simt_workers; i++)
		if (simt_crew[i].l1)
			simt_crew[i].l1->hits = simt_crew[i].l1->misses = 0;
}

/* The way that holds a line, or the one to use for it, emptied. */
static struct way *find_way(struct cache *c, uint64_t line, unsigned ways)
{
	struct way *set = c->ways + line * 0x9e3779b97f4a7c15ull % c->sets * ways, *oldest = set;
	for (unsigned i = 0; i < ways; i++) {
		if (set[i].tag == line + 1)
			return &set[i];
		if (set[i].used < oldest->used)
			oldest = &set[i];
	}
	c->written_back += (uint64_t)__builtin_popcount(oldest->dirty);
	*oldest = (struct way){.tag = line + 1};
	return oldest;
}

static void l2_access(uint64_t sector, bool write)
{
	struct way *way = find_way(&l2, sector / SECTORS_A_LINE, L2_WAYS);
	uint8_t bit = (uint8_t)(1u << sector % SECTORS_A_LINE);
	way->used = ++l2.clock;
	if (way->valid & bit || write)
		l2.hits++;
	else
		l2.misses++;
	way->valid |= bit;
	if (write)
		way->dirty |= bit;
}

/* True if L1 has it. */
static bool l1_access(struct cache *c, uint64_t sector, bool write)
{
	if (!c->sets)
		return false;
	uint8_t bit = (uint8_t)(1u << sector % SECTORS_A_LINE);
	if (write)
		return false;
	struct way *way = find_way(c, sector / SECTORS_A_LINE, L1_WAYS);
	way->used = ++c->clock;
	bool hit = way->valid & bit;
	way->valid |= bit;
	if (hit)
		c->hits++;
	else
		c->misses++;
	return hit;
}

static void append(struct log *l, uint32_t item)
{
	if (l->n == l->cap) {
		l->cap = l->cap ? 2 * l->cap : 1024;
		l->item = must(realloc(l->item, l->cap * sizeof *l->item));
	}
	l->item[l->n++] = item;
}

void cache_touch(struct worker *w, uint64_t sector, bool write)
{
	uint64_t i = sector - ARENA_BASE / 32;
	if (i >= ARENA_BYTES / 32 || l1_access(w->l1, i, write))
		return;
	if (l2.sets)
		append(&w->l1->log, (uint32_t)(i << 1 | write));
}

static void play(const struct log *l)
{
	for (size_t i = 0; i < l->n; i++)
		l2_access(l->item[i] >> 1, l->item[i] & 1);
	next_block++;
}

/* The log of the block that is next, taken from those that wait; null if it has not ended. */
static struct log *take_next(void)
{
	for (struct log **p = &waiting; *p; p = &(*p)->next)
		if ((*p)->block == next_block) {
			struct log *l = *p;
			*p = l->next;
			return l;
		}
	return NULL;
}

void cache_block_end(struct worker *w)
{
	struct log *l = &w->l1->log;
	empty(w->l1, L1_WAYS);
	if (!l2.sets)
		return;
	pthread_mutex_lock(&lock);
	if (w->block_number == next_block) {
		play(l);
		for (struct log *other; (other = take_next());) {
			play(other);
			free(other->item);
			free(other);
		}
	} else {
		struct log *kept = must(malloc(sizeof *kept));
		*kept = *l;
		kept->block = w->block_number;
		kept->next = waiting;
		waiting = kept;
		*l = (struct log){0};
	}
	l->n = 0;
	pthread_mutex_unlock(&lock);
}

struct cache_figures cache_end(void)
{
	struct cache_figures f = {.l2_hits = l2.hits, .l2_misses = l2.misses,
				  .l2_written_back = l2.written_back};
	for (uint64_t i = 0; i < l2.sets * L2_WAYS; i++)
		f.l2_written_back += (uint64_t)__builtin_popcount(l2.ways[i].dirty);
	for (int i = 0; i < simt_workers; i++)
		if (simt_crew[i].l1) {
			f.l1_hits += simt_crew[i].l1->hits;
			f.l1_misses += simt_crew[i].l1->misses;
		}
	return f;
}
