/* Counting: what one access of a warp costs.
 *
 * Global: the number of distinct 32-byte sectors it touches. Shared: 32 banks of 4-byte words; a
 * request takes as many wavefronts as the fullest bank has distinct words. Accesses of 8 bytes go
 * by half warps, of 16 bytes by quarter warps. Most warps read addresses in even steps, for which
 * both have closed forms. */
#include "count.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { SECTOR = 32, BANKS = 32 };

/* One bit a sector, for the arena and for the program's own device variables. Bits are set by any
 * worker, in any order, to the same end. */
struct footprint {
	uint64_t from, sectors;
	uint64_t *bits;
};
static struct footprint arena[2], variables[2];

static uint64_t *map_bits(uint64_t sectors)
{
	void *p = mmap(NULL, sectors / 8 + 64, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (p == MAP_FAILED)
		simt_fatal("no memory for footprints");
	return p;
}

static uint64_t used_sectors(const struct footprint *f)
{
	if (f != &arena[0] && f != &arena[1])
		return f->sectors;
	return memory_top() ? (memory_top() - ARENA_BASE) / SECTOR : 0;
}

static void clear(struct footprint *f)
{
	memset(f->bits, 0, used_sectors(f) / 8 + 8);
}

void space_launch(void)
{
	for (int i = 0; i < 2; i++) {
		if (!arena[i].bits) {
			uint64_t from = memory_variables_from() / SECTOR;
			uint64_t to = (memory_variables_to() + SECTOR - 1) / SECTOR;
			arena[i] = (struct footprint){ARENA_BASE / SECTOR, ARENA_BYTES / SECTOR,
						      map_bits(ARENA_BYTES / SECTOR)};
			variables[i] = (struct footprint){from, to - from, map_bits(to - from)};
		}
		clear(&arena[i]);
		clear(&variables[i]);
	}
}

uint64_t space_distinct(bool written)
{
	uint64_t n = 0;
	const struct footprint *parts[2] = {&arena[written], &variables[written]};
	for (int k = 0; k < 2; k++) {
		uint64_t words = used_sectors(parts[k]) / 64 + 1;
		for (uint64_t i = 0; i < words; i++)
			n += (uint64_t)__builtin_popcountll(parts[k]->bits[i]);
	}
	return n;
}

static void set_bits(uint64_t *word, uint64_t bits)
{
	if ((__atomic_load_n(word, __ATOMIC_RELAXED) & bits) != bits)
		__atomic_fetch_or(word, bits, __ATOMIC_RELAXED);
}

static void touch(struct worker *w, uint64_t sector, bool write)
{
	struct footprint *f = &arena[write];
	if (sector - f->from >= f->sectors)
		f = &variables[write];
	uint64_t i = sector - f->from;
	if (i < f->sectors)
		set_bits(&f->bits[i / 64], 1ull << i % 64);
	if (w->l1)
		cache_touch(w, sector, write);
}

/* `n` sectors in a row; at most 64. */
static void touch_row(struct worker *w, uint64_t sector, unsigned n, bool write)
{
	struct footprint *f = &arena[write];
	uint64_t i = sector - f->from;
	if (w->l1 || i >= f->sectors || i % 64 + n > 64) {
		for (unsigned k = 0; k < n; k++)
			touch(w, sector + k, write);
		return;
	}
	set_bits(&f->bits[i / 64], (n == 64 ? ~0ull : (1ull << n) - 1) << i % 64);
}

/* 32 sectors in even steps: those that fall into one word of bits are set at once. */
static void touch_steps(struct worker *w, uint64_t address, uint64_t step, bool write)
{
	struct footprint *f = &arena[write];
	uint64_t from = f->from * SECTOR;
	if (w->l1 || address < from || address + WARP * step > from + ARENA_BYTES) {
		for (int i = 0; i < WARP; i++)
			touch(w, (address + (uint64_t)i * step) / SECTOR, write);
		return;
	}
	uint64_t offset = address - from, word = offset / SECTOR / 64, bits = 0;
	for (int i = 0; i < WARP; i++, offset += step) {
		uint64_t sector = offset / SECTOR;
		if (sector / 64 != word) {
			set_bits(&f->bits[word], bits);
			word = sector / 64;
			bits = 0;
		}
		bits |= 1ull << sector % 64;
	}
	set_bits(&f->bits[word], bits);
}

/* Any addresses. Rising ones, the common case, need no search. */
static unsigned count_sectors(struct worker *w, const struct access *a, bool write)
{
	uint64_t found[2 * WARP], highest = 0, size = a->site->size;
	unsigned n = 0;
	for (int i = 0; i < a->n; i++) {
		uint64_t end = (a->address[i] + size - 1) / SECTOR;
		for (uint64_t s = a->address[i] / SECTOR; s <= end; s++) {
			bool seen = false;
			if (s <= highest)
				for (unsigned k = n; k-- > 0 && !seen;)
					seen = found[k] == s;
			else
				highest = s;
			if (!seen && n < 2 * WARP)
				found[n++] = s;
		}
	}
	for (unsigned i = 0; i < n; i++)
		touch(w, found[i], write);
	return n;
}

static unsigned strided_sectors(struct worker *w, const struct access *a, bool write)
{
	uint64_t size = a->site->size, first = a->address[0], last = a->address[WARP - 1];
	uint64_t low = a->stride < 0 ? last : first, high = a->stride < 0 ? first : last;
	if (a->stride >= -SECTOR && a->stride <= SECTOR) {
		unsigned n = (unsigned)((high + size - 1) / SECTOR - low / SECTOR) + 1;
		touch_row(w, low / SECTOR, n, write);
		return n;
	}
	/* Far apart and aligned: no sector twice, none straddled. */
	if (((low | (uint64_t)a->stride) & (size - 1)) == 0) {
		touch_steps(w, low, (uint64_t)(high - low) / (WARP - 1), write);
		return WARP;
	}
	return count_sectors(w, a, write);
}

/* Wavefronts of lanes [from, to) of an access: distinct words in the fullest bank. */
static unsigned group_wavefronts(const struct access *a, int from, int to)
{
	uint64_t first[BANKS], words[2 * WARP];
	uint8_t in_bank[BANKS] = {0};
	unsigned nwords = 0, most = 0;
	int per_lane = a->site->size <= 4 ? 1 : a->site->size / 4;
	for (int i = from; i < to; i++)
		for (int k = 0; k < per_lane; k++) {
			uint64_t word = a->address[i] / 4 + (uint64_t)k;
			unsigned bank = word % BANKS;
			if (!in_bank[bank]) {
				first[bank] = word;
			} else {
				bool seen = first[bank] == word;
				for (unsigned j = 0; j < nwords && !seen; j++)
					seen = words[j] == word;
				if (seen)
					continue;
				words[nwords++] = word;
			}
			if (++in_bank[bank] > most)
				most = in_bank[bank];
		}
	return most;
}

static int lanes_together(int size)
{
	return size <= 4 ? WARP : size == 8 ? WARP / 2 : WARP / 4;
}

static unsigned wavefronts(const struct access *a)
{
	int together = lanes_together(a->site->size);
	unsigned n = 0;
	for (int i = 0, end; i < a->n; i = end) {
		for (end = i; end < a->n && a->lane[end] / together == a->lane[i] / together; end++)
			;
		n += group_wavefronts(a, i, end);
	}
	return n;
}

static unsigned strided_wavefronts(const struct access *a)
{
	int size = a->site->size;
	uint64_t step = (uint64_t)(a->stride < 0 ? -a->stride : a->stride);
	if (size <= 4 && step % 4 == 0) {
		/* n words a stride of s banks apart fall into 32 / gcd(32, s) banks */
		if (!step)
			return 1;
		int twos = __builtin_ctzll(step / 4);
		return 1u << (twos < 5 ? twos : 5);
	}
	if (size > 4 && (step == 0 || step == (uint64_t)size))
		return step ? (unsigned)size / 4 : (unsigned)(WARP / lanes_together(size));
	return wavefronts(a);
}

/* Passes that the same lanes would need had their addresses been consecutive. */
static unsigned ideal_wavefronts(const struct access *a, unsigned taken)
{
	int together = lanes_together(a->site->size);
	unsigned n = 0;
	for (int i = 0, end; i < a->n; i = end) {
		for (end = i; end < a->n && a->lane[end] / together == a->lane[i] / together; end++)
			;
		n++;
	}
	return n < taken ? n : taken;
}

static enum space space_of(const struct worker *w, uint64_t at)
{
	if (is_shared(w, at))
		return SPACE_SHARED;
	if (memory_is_arena(at) || memory_is_device_variable(at))
		return SPACE_GLOBAL;
	return memory_is_constant(at) ? SPACE_CONSTANT : SPACE_OTHER;
}

static void access_in(struct worker *w, const struct access *a, enum space space)
{
	if (space == SPACE_OTHER)
		return;
	struct tally *t = tally_of(w, a->site, space);
	t->requests++;
	t->lanes += (uint64_t)a->n;
	if (space == SPACE_GLOBAL) {
		bool write = a->site->kind != SITE_LOAD;
		t->sectors += a->strided ? strided_sectors(w, a, write)
					 : count_sectors(w, a, write);
	} else if (space == SPACE_SHARED && a->site->kind != SITE_ATOMIC) {
		unsigned n = a->strided ? strided_wavefronts(a) : wavefronts(a);
		t->wavefronts += n;
		t->ideal += a->n == WARP && a->strided && a->site->size <= 4
				    ? 1
				    : ideal_wavefronts(a, n);
	}
}

/* Generic pointers may lead lanes to different spaces: then one access is several. */
static void access_mixed(struct worker *w, const struct access *a)
{
	for (enum space space = 0; space < SPACES; space++) {
		uint64_t address[WARP];
		uint8_t lane[WARP];
		int n = 0;
		for (int i = 0; i < a->n; i++)
			if (space_of(w, a->address[i]) == space) {
				address[n] = a->address[i];
				lane[n++] = a->lane[i];
			}
		if (n)
			access_in(w, &(struct access){a->site, address, lane, n, false, 0}, space);
	}
}

void space_access(struct worker *w, const struct access *a)
{
	enum space space = space_of(w, a->address[0]);
	if (a->strided) {
		if (space_of(w, a->address[a->n - 1]) != space) {
			access_mixed(w, a);
			return;
		}
	} else {
		for (int i = 1; i < a->n; i++)
			if (space_of(w, a->address[i]) != space) {
				access_mixed(w, a);
				return;
			}
	}
	access_in(w, a, space);
}
