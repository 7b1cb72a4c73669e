/* Collectives of a warp: shuffles, votes, matches, reductions, __syncwarp, and __activemask.
 *
 * A lane that calls one stops and says what it brings. When no lane of the warp can run further,
 * every group whose named lanes have all come at the same operation with the same mask goes on
 * together; a lane that has ended is not waited for. __activemask names nobody: it is answered
 * last, to all lanes that stopped at the same place in the source, which is the most convergent
 * answer hardware may give. */
#include "run.h"

#include <stdio.h>
#include <string.h>

static bool is_mate(const struct lane *mine, const struct lane *other)
{
	return other->state == LANE_MEETS && other->op == mine->op && other->mask == mine->mask;
}

/* The lanes of mine's group if all have come, else 0. */
static unsigned group_of(const struct worker *w, const struct lane *mine, unsigned w0, unsigned w1)
{
	unsigned group = 0;
	for (unsigned i = w0; i < w1; i++) {
		const struct lane *l = &w->lanes[i];
		if (!(mine->mask >> (i - w0) & 1) || l->state == LANE_DONE)
			continue;
		if (!is_mate(mine, l))
			return 0;
		group |= 1u << (i - w0);
	}
	return group;
}

static unsigned active_group(const struct worker *w, unsigned w0, unsigned w1)
{
	unsigned group = 0;
	const struct lane *first = NULL;
	for (unsigned i = w0; i < w1; i++) {
		const struct lane *l = &w->lanes[i];
		if (l->state == LANE_FULL)
			return 0;
		if (l->state != LANE_MEETS || l->op != SIMT_ACTIVE)
			continue;
		if (!first)
			first = l;
		if (l->arg == first->arg)
			group |= 1u << (i - w0);
	}
	return group;
}

unsigned warp_resolvable(struct worker *w, unsigned w0, unsigned w1)
{
	unsigned can = 0;
	bool asked = false;
	for (unsigned i = w0; i < w1; i++) {
		const struct lane *l = &w->lanes[i];
		if (l->state != LANE_MEETS || can >> (i - w0) & 1)
			continue;
		if (l->op == SIMT_ACTIVE)
			asked = true;
		else
			can |= group_of(w, l, w0, w1);
	}
	if (!can && asked)
		can = active_group(w, w0, w1);
	return can;
}

/* The lane whose value a shuffle gives to lane `id`. */
static unsigned shuffle_source(const struct lane *l, unsigned id)
{
	unsigned width = l->width > 0 && l->width < WARP ? (unsigned)l->width : WARP;
	unsigned base = id & ~(width - 1);
	int64_t from;
	switch (l->op) {
	case SIMT_SHFL:
		return base + ((unsigned)l->arg & (width - 1));
	case SIMT_SHFL_UP:
		from = (int64_t)id - l->arg;
		return from < (int64_t)base ? id : (unsigned)from;
	case SIMT_SHFL_DOWN:
		from = (int64_t)id + l->arg;
		return from >= (int64_t)(base + width) ? id : (unsigned)from;
	default:
		from = (int64_t)(id ^ (unsigned)l->arg);
		return from >= (int64_t)(base + width) ? id : (unsigned)from;
	}
}

static void shuffle(struct worker *w, unsigned w0, unsigned group)
{
	uint64_t brought[WARP];
	for (unsigned i = 0; i < WARP; i++)
		brought[i] = group >> i & 1 ? w->lanes[w0 + i].value : 0;
	for (unsigned i = 0; i < WARP; i++) {
		if (!(group >> i & 1))
			continue;
		struct lane *l = &w->lanes[w0 + i];
		unsigned source = shuffle_source(l, i);
		if (simt_mode == MODE_CHECK)
			check_shuffle(w, l, source, group);
		if (group >> source & 1)
			l->value = brought[source];
	}
}

static uint64_t fold(int op, uint64_t a, uint64_t b)
{
	switch (op) {
	case SIMT_ADD:
		return (uint32_t)(a + b);
	case SIMT_MIN:
		return (uint32_t)((int32_t)b < (int32_t)a ? b : a);
	case SIMT_MAX:
		return (uint32_t)((int32_t)b > (int32_t)a ? b : a);
	case SIMT_UMIN:
		return (uint32_t)b < (uint32_t)a ? b : a;
	case SIMT_UMAX:
		return (uint32_t)b > (uint32_t)a ? b : a;
	case SIMT_BIT_AND:
		return a & b;
	case SIMT_BIT_OR:
		return a | b;
	default:
		return a ^ b;
	}
}

static void give_all(struct worker *w, unsigned w0, unsigned group, uint64_t value)
{
	for (unsigned i = 0; i < WARP; i++)
		if (group >> i & 1)
			w->lanes[w0 + i].value = value;
}

static void match(struct worker *w, unsigned w0, unsigned group, bool all)
{
	unsigned same[WARP] = {0};
	for (unsigned i = 0; i < WARP; i++)
		for (unsigned j = 0; j < WARP; j++)
			if (group >> i & group >> j & 1 &&
			    w->lanes[w0 + i].value == w->lanes[w0 + j].value)
				same[i] |= 1u << j;
	for (unsigned i = 0; i < WARP; i++)
		if (group >> i & 1)
			w->lanes[w0 + i].value = all && same[i] != group ? 0 : same[i];
}

static void gather(struct worker *w, unsigned w0, unsigned group)
{
	void *pointer[WARP] = {0};
	simt_gather_fn *fn = NULL;
	for (unsigned i = 0; i < WARP; i++)
		if (group >> i & 1) {
			pointer[i] = (void *)(uintptr_t)w->lanes[w0 + i].value;
			fn = (simt_gather_fn *)(uintptr_t)w->lanes[w0 + i].arg;
		}
	fn(pointer, group);
}

/* Let one group have its results. */
static void meet(struct worker *w, unsigned w0, unsigned group)
{
	unsigned first = (unsigned)__builtin_ctz(group), truths = 0;
	const struct lane *l = &w->lanes[w0 + first];
	for (unsigned i = 0; i < WARP; i++)
		if (group >> i & 1 && w->lanes[w0 + i].value)
			truths |= 1u << i;
	switch (l->op) {
	case SIMT_SYNC:
		break;
	case SIMT_SHFL:
	case SIMT_SHFL_UP:
	case SIMT_SHFL_DOWN:
	case SIMT_SHFL_XOR:
		shuffle(w, w0, group);
		break;
	case SIMT_BALLOT:
		give_all(w, w0, group, truths);
		break;
	case SIMT_ALL:
		give_all(w, w0, group, truths == group);
		break;
	case SIMT_ANY:
		give_all(w, w0, group, truths != 0);
		break;
	case SIMT_MATCH_ANY:
	case SIMT_MATCH_ALL:
		match(w, w0, group, l->op == SIMT_MATCH_ALL);
		break;
	case SIMT_GATHER:
		gather(w, w0, group);
		break;
	case SIMT_ACTIVE:
		give_all(w, w0, group, group);
		break;
	default: {
		uint64_t all = l->value;
		for (unsigned i = first + 1; i < WARP; i++)
			if (group >> i & 1)
				all = fold(l->op, all, w->lanes[w0 + i].value);
		give_all(w, w0, group, all);
	}
	}
}

void warp_resolve(struct worker *w, unsigned w0, unsigned w1, unsigned which)
{
	for (unsigned i = 0; i < WARP && !w->abandoned; i++) {
		if (!(which >> i & 1))
			continue;
		const struct lane *l = &w->lanes[w0 + i];
		unsigned group = l->op == SIMT_ACTIVE ? active_group(w, w0, w1)
						      : group_of(w, l, w0, w1);
		if (simt_mode == MODE_CHECK)
			check_meet(w, w0, group);
		meet(w, w0, group);
		which &= ~group;
		for (unsigned j = i; j < WARP; j++)
			if (group >> j & 1)
				w->lanes[w0 + j].state = LANE_READY;
	}
}

static const char *op_name(int op)
{
	static const char *const names[] = {
		[SIMT_SYNC] = "__syncwarp",
		[SIMT_SHFL] = "__shfl_sync",
		[SIMT_SHFL_UP] = "__shfl_up_sync",
		[SIMT_SHFL_DOWN] = "__shfl_down_sync",
		[SIMT_SHFL_XOR] = "__shfl_xor_sync",
		[SIMT_BALLOT] = "__ballot_sync",
		[SIMT_ALL] = "__all_sync",
		[SIMT_ANY] = "__any_sync",
		[SIMT_MATCH_ANY] = "__match_any_sync",
		[SIMT_MATCH_ALL] = "__match_all_sync",
		[SIMT_GATHER] = "a matrix operation of the warp",
		[SIMT_ACTIVE] = "__activemask",
	};
	size_t n = sizeof names / sizeof *names;
	return op >= 0 && (size_t)op < n && names[op] ? names[op] : "__reduce_sync";
}

/* The first lane of l's mask that has not come, and what it does instead. */
static const struct lane *missing_mate(const struct worker *w, const struct lane *l)
{
	unsigned number = (unsigned)(l - w->lanes), w0 = number / WARP * WARP;
	for (unsigned i = w0; i < w0 + WARP && i < w->threads; i++) {
		const struct lane *other = &w->lanes[i];
		if (l->mask >> (i - w0) & 1 && other->state != LANE_DONE && !is_mate(l, other))
			return other;
	}
	return NULL;
}

/* " at FILE:LINE", or nothing where sites are not known. */
static const char *site_text(const struct site *s, char *out, size_t room)
{
	*out = '\0';
	if (s)
		snprintf(out, room, " at %s:%u", site_file(s), s->line);
	return out;
}

void warp_deadlock(struct worker *w)
{
	const struct lane *l = w->lanes;
	while (l->state != LANE_MEETS)
		l++;
	const struct lane *other = missing_mate(w, l);
	char theirs[128];
	if (!other) {
		block_fail(719, l->site, "%s waits in %s, whose mask 0x%08x does not name it",
			   lane_place(w, l), op_name(l->op), l->mask);
		return;
	}
	site_text(other->site, theirs, sizeof theirs);
	block_fail(719, l->site,
		   "%s waits in %s for thread %u of its mask 0x%08x, which waits in "
		   "%s%s: a deadlock",
		   lane_place(w, l), op_name(l->op), (unsigned)(other - w->lanes), l->mask,
		   other->state == LANE_WAITS ? "__syncthreads" : op_name(other->op), theirs);
}

uint64_t simt_warp(int op, unsigned mask, uint64_t value, int64_t arg, int width, const void *site)
{
	struct worker *w = simt_worker;
	struct lane *l = w->lane;
	l->op = op;
	l->mask = mask;
	l->value = value;
	l->arg = arg;
	l->width = width;
	l->site = site;
	lane_block(LANE_MEETS);
	return l->value;
}
