/* Counting: from what each lane did to what its warp did.
 *
 * Lanes run one after another, but a warp's lanes mostly do the same thing. So the first lane of
 * a warp that runs (the leader) writes a record: for each run of sites its number, and a column
 * of 32 addresses for each access. The lanes after it compare numbers and fill their places. A
 * lane that goes another way continues in a queue of its own.
 *
 * When no lane can go on, the record's common part is read off column by column: one column is
 * one request of the warp. What is in queues is merged by taking, always, the events of the lowest
 * site, for all lanes that have one there: sites are numbered so that this resumes lanes where
 * hardware would (tools/order.h). */
#include "count.h"

#include <stdlib.h>
#include <string.h>

enum {
	RUN_ROWS = 24,                                  /* as in simtas */
	RECORD_BYTES = 24 << 10,
	SCRATCH_BYTES = 8 + 8 * WARP * RUN_ROWS,
	QUEUE = 512,                                    /* events of a lane */
	FRONT = RECORD_BYTES / 8 / WARP + RECORD_BYTES / 8  /* room to unpack a record before it */
};

/* One run: its number, then a column for each access. */
struct run {
	uint32_t key, spare;
	uint64_t column[][WARP];
};

struct record {
	char *from, *end;
	char *scratch;          /* where lanes off the record drop addresses; ends here */
	int leader;             /* lane, or -1 before one has run */
	bool all_private;       /* queues were not empty after the last merge */
};

/* Host code drops its addresses here; followed by a number no site has. */
static char host_scratch[SCRATCH_BYTES + 16] __attribute__((aligned(16)));
__thread char *simt_cursor = host_scratch + SCRATCH_BYTES;
__thread uint64_t simt_column;

void simt_event(void *address, struct site *);
void *simt_memcpy(void *to, const void *from, size_t n, struct site *);
void *simt_memmove(void *to, const void *from, size_t n, struct site *);
void *simt_memset(void *at, int value, size_t n, struct site *);
void simt_range(void *at, size_t n, struct site *);

static void *must(void *p)
{
	if (!p)
		simt_fatal("no memory for counting");
	return p;
}

void record_prepare(struct worker *w)
{
	if (!w->record) {
		struct record *r = w->record = must(calloc(1, sizeof *r));
		r->scratch = (char *)must(calloc(1, SCRATCH_BYTES + 16)) + SCRATCH_BYTES;
		/* Columns fall on cache lines: the head of a run is 8 bytes before one. */
		r->from = (char *)must(aligned_alloc(64, RECORD_BYTES + 512)) + 56;
		r->end = r->from + RECORD_BYTES;
		size_t each = FRONT + QUEUE;
		struct event *queues = must(malloc(WARP * each * sizeof *queues));
		for (unsigned i = 0; i < MAX_THREADS; i++) {
			struct lane *l = &w->lanes[i];
			l->queue = l->head = l->tail = queues + i % WARP * each + FRONT;
			l->limit = l->queue + QUEUE;
		}
		w->totals = must(calloc(1, sizeof *w->totals));
		w->totals->tally = must(calloc(site_count() * SPACES + 1, sizeof(struct tally)));
		if (cache_wanted())
			cache_prepare(w);
	}
	for (unsigned i = 0; i < MAX_THREADS; i++) {
		struct lane *l = &w->lanes[i];
		l->ran = l->private = false;
		l->pending = NULL;
		l->head = l->tail = l->queue;
	}
	w->record->leader = -1;
	w->record->all_private = false;
}

void record_enter(struct worker *w, struct lane *l)
{
	struct record *r = w->record;
	int number = (int)(l - w->lanes);
	simt_column = 8 * (number % WARP);
	l->ran = true;
	if (l->private) {
		simt_cursor = r->scratch;
		return;
	}
	simt_cursor = r->from;
	if (r->leader < 0) {
		r->leader = number;
		((struct run *)r->from)->key = 0;
	}
}

/* A private lane's last run, from the scratch columns to its queue. */
static void flush_pending(struct worker *w, struct lane *l)
{
	const struct site *s = l->pending;
	const uint64_t *column = (uint64_t *)(w->record->scratch - s->bytes + 8) + simt_column / 8;
	l->pending = NULL;
	for (int i = 0; i < s->rows; i++) {
		uint32_t key = (uint32_t)(uintptr_t)(s + i);
		if (s[i].kind == SITE_BLOCK) {
			*l->tail++ = (struct event){0, key};
		} else {
			*l->tail++ = (struct event){*column, key};
			column += WARP;
		}
	}
}

void record_leave(struct worker *w, struct lane *l)
{
	if (!l->private)
		l->at = simt_cursor;
	else if (l->pending)
		flush_pending(w, l);
	simt_cursor = host_scratch + SCRATCH_BYTES;
}

/* The slow half of recording a run: called where the number at the cursor is not `site`'s. */
void simt_event(void *address, struct site *site)
{
	struct worker *w = simt_worker;
	struct lane *l = w ? w->lane : NULL;
	if (!l)
		return;         /* host code */
	uint32_t key = (uint32_t)(uintptr_t)site;
	for (;;) {
		struct record *r = w->record;
		struct run *at = (struct run *)simt_cursor;
		struct lane *leader = &w->lanes[r->leader < 0 ? 0 : r->leader];
		l->site = site;
		if (l->private) {
			if (l->pending)
				flush_pending(w, l);
			if (l->limit - l->tail < RUN_ROWS + 2) {
				lane_block(LANE_FULL);
				continue;
			}
			l->pending = site;
			if (site->kind != SITE_BLOCK)
				*(uint64_t *)(simt_cursor - site->bytes + 8 + simt_column) =
					(uint64_t)(uintptr_t)address;
			return;
		}
		if (at->key != key && l == leader) {
			if (simt_cursor + site->bytes + 8 > r->end) {
				lane_block(LANE_FULL);
				continue;
			}
			at->key = key;
			((struct run *)(simt_cursor + site->bytes))->key = 0;
		} else if (at->key != key) {
			/* The leader stopped here because the record is full: so must this one. */
			if (!at->key && leader->state == LANE_FULL && simt_cursor == leader->at) {
				lane_block(LANE_FULL);
				continue;
			}
			l->private = true;
			l->at = simt_cursor;
			simt_cursor = r->scratch;
			continue;
		}
		if (site->kind != SITE_BLOCK)
			at->column[0][simt_column / 8] = (uint64_t)(uintptr_t)address;
		simt_cursor += site->bytes;
		return;
	}
}

static const uint8_t all_lanes[WARP] = {0,  1,	2,  3,	4,  5,	6,  7,	8,  9,	10,
					11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21,
					22, 23, 24, 25, 26, 27, 28, 29, 30, 31};

static void count_block(struct worker *w, const struct site *s, int lanes)
{
	struct tally *t = tally_of(w, s, SPACE_GLOBAL);
	t->requests++;
	t->lanes += (uint64_t)lanes;
}

/* An access of all 32 lanes. */
static void count_full(struct worker *w, const struct site *s, const uint64_t *a)
{
	uint64_t stride = a[1] - a[0], uneven = 0;
	for (int i = 0; i < WARP - 1; i++)
		uneven |= (a[i + 1] - a[i]) ^ stride;
	space_access(w, &(struct access){s, a, all_lanes, WARP, !uneven, (int64_t)stride});
}

/* The record up to `end`, which all lanes of `mask` have written. */
static void read_record(struct worker *w, const char *end, unsigned mask)
{
	int n = __builtin_popcount(mask);
	uint8_t lane[WARP];
	uint64_t address[WARP];
	for (int i = 0, k = 0; i < WARP; i++)
		if (mask >> i & 1)
			lane[k++] = (uint8_t)i;
	for (const char *p = w->record->from; p < end;) {
		const struct run *run = (const struct run *)p;
		const struct site *s = (const struct site *)(uintptr_t)run->key;
		const struct site *stop = s + s->rows;
		const uint64_t(*column)[WARP] = run->column;
		p += s->bytes;
		if (s->kind == SITE_BLOCK)
			count_block(w, s++, n);
		for (; s < stop; s++, column++) {
			if (mask == 0xffffffffu) {
				count_full(w, s, *column);
				continue;
			}
			for (int k = 0; k < n; k++)
				address[k] = (*column)[lane[k]];
			space_access(w, &(struct access){s, address, lane, n, false, 0});
		}
	}
}

/* What a lane has written beyond `from`, put in front of its queue. */
static void unpack(struct lane *l, int column_number, const char *from)
{
	int rows = 0;
	for (const char *p = from; p < l->at;) {
		const struct site *s = (const struct site *)(uintptr_t)((const struct run *)p)->key;
		rows += s->rows;
		p += s->bytes;
	}
	l->head -= rows;
	struct event *e = l->head;
	for (const char *p = from; p < l->at;) {
		const struct run *run = (const struct run *)p;
		const struct site *s = (const struct site *)(uintptr_t)run->key;
		const uint64_t(*column)[WARP] = run->column;
		for (int i = 0; i < s->rows; i++) {
			uint32_t key = run->key + (uint32_t)(i * sizeof *s);
			if (s[i].kind == SITE_BLOCK)
				*e++ = (struct event){0, key};
			else
				*e++ = (struct event){(*column++)[column_number], key};
		}
		p += s->bytes;
	}
}

/* Merge the queues. Stops before its time where a lane has an empty queue and a full record
 * behind it (it will have more), or when only lanes remain that will not go on in this interval
 * while others will. */
static void merge_queues(struct worker *w, struct lane *lanes, int n, unsigned going)
{
	uint32_t key[WARP];
	uint64_t address[WARP];
	uint8_t lane[WARP];
	for (int i = 0; i < WARP; i++)
		key[i] = i < n && lanes[i].head < lanes[i].tail ? lanes[i].head->key : UINT32_MAX;
	for (;;) {
		uint32_t lowest = UINT32_MAX;
		for (int i = 0; i < WARP; i++)
			lowest = key[i] < lowest ? key[i] : lowest;
		unsigned left = 0, live = 0;
		for (int i = 0; i < WARP; i++)
			left |= (unsigned)(key[i] != UINT32_MAX) << i;
		if (!left || (going && !(left & going)))
			return;
		bool stop = false;
		int k = 0;
		for (int i = 0; i < n; i++) {
			live += key[i] != UINT32_MAX;
			if (key[i] == lowest) {
				address[k] = lanes[i].head++->address;
				lane[k++] = (uint8_t)i;
				bool empty = lanes[i].head == lanes[i].tail;
				key[i] = empty ? UINT32_MAX : lanes[i].head->key;
				stop |= empty && lanes[i].state == LANE_FULL;
			}
		}
		const struct site *s = (const struct site *)(uintptr_t)lowest;
		if (s->kind == SITE_BLOCK) {
			count_block(w, s, k);
			w->totals->partial_steps += (unsigned)k < live;
		} else if (k == WARP) {
			count_full(w, s, address);
		} else {
			space_access(w, &(struct access){s, address, lane, k, false, 0});
		}
		if (stop)
			return;
	}
}

/* Count the meeting of the lanes that go on: one for each place they stopped at. */
static void count_meetings(struct worker *w, const struct lane *lanes, unsigned going)
{
	while (going) {
		const struct site *s = lanes[__builtin_ctz(going)].site;
		unsigned same = 0;
		for (int i = 0; i < WARP; i++)
			if (going >> i & 1 && lanes[i].site == s)
				same |= 1u << i;
		going &= ~same;
		if (s)
			count_block(w, s, __builtin_popcount(same));
	}
}

/* Move what is left of the queues to their beginnings. Returns whether any is. */
static bool settle(struct lane *lanes, int n)
{
	bool left = false;
	for (int i = 0; i < n; i++)
		left |= lanes[i].head < lanes[i].tail;
	for (int i = 0; i < n; i++) {
		struct lane *l = &lanes[i];
		size_t k = (size_t)(l->tail - l->head);
		memmove(l->queue, l->head, k * sizeof *l->queue);
		l->head = l->queue;
		l->tail = l->queue + k;
		l->ran = false;
		l->private = left;
	}
	return left;
}

bool record_merge(struct worker *w, unsigned w0, unsigned w1, unsigned going)
{
	struct record *r = w->record;
	struct lane *lanes = w->lanes + w0;
	int n = (int)(w1 - w0);
	unsigned mask = 0;
	bool full = false, uneven = false;
	const char *low = NULL, *high = NULL;
	for (int i = 0; i < n; i++) {
		full |= lanes[i].state == LANE_FULL;
		if (!lanes[i].ran)
			continue;
		mask |= 1u << i;
		if (r->all_private)
			continue;
		uneven |= lanes[i].private;
		low = !low || lanes[i].at < low ? lanes[i].at : low;
		high = !high || lanes[i].at > high ? lanes[i].at : high;
	}
	if (!r->all_private && mask) {
		read_record(w, low, mask);
		uneven |= low != high;
		for (int i = 0; i < n && uneven; i++)
			if (mask >> i & 1)
				unpack(&lanes[i], i, low);
	}
	if (uneven || r->all_private) {
		merge_queues(w, lanes, n, full ? 0 : going);
		r->all_private = settle(lanes, n);
	} else {
		for (int i = 0; i < n; i++)
			lanes[i].ran = false;
	}
	r->leader = -1;
	if (full) {
		for (int i = 0; i < n; i++)
			if (lanes[i].state == LANE_FULL &&
			    lanes[i].limit - lanes[i].tail >= RUN_ROWS + 2)
				lanes[i].state = LANE_READY;
		return false;
	}
	count_meetings(w, lanes, going);
	return true;
}

/* One barrier of the block is one request. */
void record_barrier(struct worker *w)
{
	if (w->barrier_site)
		count_block(w, w->barrier_site, (int)w->threads);
}

/* An atomic takes the road of a load: its place in the order is its site's. */
void record_atomic(struct worker *w, uint64_t at, unsigned size, const struct site *site)
{
	struct site *s = (struct site *)(uintptr_t)(const void *)site;
	(void)w;
	if (s->size != size)
		s->size = (uint8_t)size;
	simt_event((void *)(uintptr_t)at, s);
}

void record_block_end(struct worker *w)
{
	if (w->l1)
		cache_block_end(w);
}

void simt_note_async(unsigned bytes)
{
	struct worker *w = simt_worker;
	if (simt_mode != MODE_COUNT || !w)
		return;
	w->totals->async_copies++;
	w->totals->async_bytes += bytes;
}

void simt_note_tensor(unsigned flops)
{
	struct worker *w = simt_worker;
	if (simt_mode == MODE_COUNT && w)
		w->totals->tensor_flops += flops;
}

/* Copies and fills of structs: words of four bytes, as a device without a vector type. */
static void words(const void *at, size_t n, struct site *s)
{
	if (simt_mode == MODE_CHECK) {
		if (n && simt_worker && simt_worker->lane)
			check_access((uint64_t)(uintptr_t)at, (unsigned)n, s);
		return;
	}
	for (size_t i = 0; i < n; i += 4)
		simt_event((char *)(uintptr_t)at + i, s);
}

void simt_range(void *at, size_t n, struct site *s)
{
	words(at, n, s);
}

void *simt_memcpy(void *to, const void *from, size_t n, struct site *s)
{
	words(from, n, s);
	words(to, n, s + 1);
	return memcpy(to, from, n);
}

void *simt_memmove(void *to, const void *from, size_t n, struct site *s)
{
	words(from, n, s);
	words(to, n, s + 1);
	return memmove(to, from, n);
}

void *simt_memset(void *at, int value, size_t n, struct site *s)
{
	words(at, n, s);
	return memset(at, value, n);
}
