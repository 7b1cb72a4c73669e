/* What programs that count keep, and what they derive from it.
 *
 * Everything is kept a site: a place in the program's text. The figures of a launch and of a line
 * of the essay are sums over sites, made when the launch has ended, so the hot path adds to one
 * small struct an access. A request is one access of one warp, whatever number of its lanes take
 * part. */
#ifndef SIMT_COUNT_H
#define SIMT_COUNT_H

#include "run.h"

enum space { SPACE_GLOBAL, SPACE_SHARED, SPACE_CONSTANT, SPACES, SPACE_OTHER };

struct tally {
	uint64_t requests, lanes;
	uint64_t sectors;       /* global: 32-byte sectors asked for */
	uint64_t wavefronts;    /* shared: passes over the banks */
	uint64_t ideal;         /* shared: passes that conflict-free addresses would have taken */
};

/* Totals of one worker for one launch; tally[site * SPACES + space]. A block's site counts its
 * steps as requests, a barrier's and a collective's likewise. */
struct totals {
	struct tally *tally;
	uint64_t async_copies, async_bytes;     /* of threads, not warps */
	uint64_t tensor_flops;
	uint64_t partial_steps; /* blocks entered by only some of the warp's live lanes */
};

static inline size_t site_number(const struct site *s)
{
	return (size_t)(s - __start_simt_sites);
}

static inline size_t site_count(void)
{
	return __start_simt_sites ? (size_t)(__stop_simt_sites - __start_simt_sites) : 0;
}

static inline struct tally *tally_of(struct worker *w, const struct site *s, enum space space)
{
	return &w->totals->tally[site_number(s) * SPACES + space];
}

/* One access of a warp: the addresses of the lanes that take part. */
struct access {
	const struct site *site;
	const uint64_t *address;
	const uint8_t *lane;    /* their numbers in the warp, rising */
	int n;
	bool strided;           /* all 32 lanes, each `stride` bytes after the one before */
	int64_t stride;
};

/* Count it, in whatever spaces its addresses lie. space.c */
void space_access(struct worker *, const struct access *);
/* Forget which sectors were touched; then how many distinct ones a launch has read or written. */
void space_launch(void);
uint64_t space_distinct(bool written);

/* Caches, where the environment asks for models of them. cache.c */
bool cache_wanted(void);
void cache_prepare(struct worker *);
void cache_launch(void);
void cache_touch(struct worker *, uint64_t sector, bool write);
void cache_block_end(struct worker *);
struct cache_figures {
	uint64_t l1_hits, l1_misses, l2_hits, l2_misses, l2_written_back;
};
struct cache_figures cache_end(void);

#endif
