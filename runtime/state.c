/* What weft remembers between builds. A stamp can be trusted when the file was already still when the state was
 * written: one that changed within the clock's last tick might change again without a new stamp. */
#include "state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "../tangle/arena.h"
#include "../tangle/diag.h"
#include "../tangle/record.h"

enum { TICK_NS = 10000000 };    /* no file system here stamps more coarsely */
#define STATE_FORMAT "2"

static uint32_t hash_path(Str path)
{
	uint32_t h = 2166136261u;       /* FNV-1a */
	for (size_t i = 0; i < path.len; i++)
		h = (h ^ (unsigned char)path.at[i]) * 16777619u;
	return h;
}

static void grow_slots(struct state *s)
{
	s->nslots = s->nslots ? 2 * s->nslots : 1024;
	s->slot = NEWS(s->arena, int, (size_t)s->nslots);
	for (int i = 0; i < s->nknown; i++) {
		uint32_t h = hash_path(s->known[i].path);
		while (s->slot[h % (uint32_t)s->nslots])
			h++;
		s->slot[h % (uint32_t)s->nslots] = i + 1;
	}
}

/* The entry of a path, made when new. */
static int known_index(struct state *s, Str path)
{
	if (2 * (s->nknown + 1) > s->nslots)
		grow_slots(s);
	uint32_t h = hash_path(path);
	for (; s->slot[h % (uint32_t)s->nslots]; h++) {
		int i = s->slot[h % (uint32_t)s->nslots] - 1;
		if (str_eq(s->known[i].path, path))
			return i;
	}
	if (s->nknown == s->room) {
		int room = s->room ? 2 * s->room : 512;
		struct known *more = NEWS(s->arena, struct known, (size_t)room);
		if (s->nknown)
			memcpy(more, s->known, (size_t)s->nknown * sizeof *more);
		s->known = more;
		s->room = room;
	}
	s->known[s->nknown] = (struct known){.path = str_copy(s->arena, path)};
	s->slot[h % (uint32_t)s->nslots] = ++s->nknown;
	return s->nknown - 1;
}

/* Put a file into a set, as it is now. The first use counts: what changed since is a change. */
static void use(struct state *s, struct uses *uses, int index)
{
	if (!uses)
		return;
	for (int i = 0; i < uses->n; i++)
		if (uses->at[i] == index)
			return;
	if (uses->n == uses->room) {
		int room = uses->room ? 2 * uses->room : 64;
		int *more = NEWS(s->arena, int, (size_t)room);
		Digest *was = NEWS(s->arena, Digest, (size_t)room);
		if (uses->n) {
			memcpy(more, uses->at, (size_t)uses->n * sizeof *more);
			memcpy(was, uses->was, (size_t)uses->n * sizeof *was);
		}
		uses->at = more;
		uses->was = was;
		uses->room = room;
	}
	uses->was[uses->n] = s->known[index].digest;
	uses->at[uses->n++] = index;
}

static Digest sum_of(const struct uses *uses)
{
	if (!uses->was)
		return uses->sum;
	struct hash h = {0};
	for (int i = 0; i < uses->n; i++)
		hash_digest(&h, uses->was[i]);
	return hash_done(&h);
}

static int64_t wall_ns(void)
{
	struct timespec t;
	clock_gettime(CLOCK_REALTIME, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

/* Did the file last change too shortly before `when`? */
static bool is_young(struct stamp st, int64_t when_ns)
{
	return st.mtime_ns > when_ns - TICK_NS || st.ctime_ns > when_ns - TICK_NS;
}

/* Bring an entry up to date with the disk. */
static void refresh(struct state *s, struct known *k)
{
	if (k->fresh)
		return;
	struct stamp now = fs_stamp(k->path.at);
	if (!stamp_eq(now, k->stamp) || (now.ino && is_young(now, s->written_ns))) {
		k->stamp = now;
		k->digest = (Digest){{0}};
		if (now.ino && !fs_digest(k->path.at, &k->digest))
			*k = (struct known){.path = k->path};
	}
	k->fresh = true;
}

Digest state_file(struct state *s, Str path, struct uses *uses)
{
	int i = known_index(s, path);
	refresh(s, &s->known[i]);
	use(s, uses, i);
	return s->known[i].digest;
}

bool state_read(struct state *s, Str path, struct uses *uses, Str *bytes, Digest *digest, struct arena *a)
{
	int i = known_index(s, path);
	struct known *k = &s->known[i];
	k->stamp = fs_stamp(k->path.at);
	k->fresh = true;
	bool there = k->stamp.ino && fs_read(k->path.at, a, bytes);
	if (!there)
		k->stamp = (struct stamp){0};
	k->digest = there ? digest_of(*bytes) : (Digest){{0}};
	use(s, uses, i);
	if (there)
		*digest = k->digest;
	return there;
}

void state_wrote(struct state *s, Str path, Digest digest, struct uses *uses)
{
	int i = known_index(s, path);
	s->known[i].stamp = fs_stamp(s->known[i].path.at);
	s->known[i].digest = digest;
	s->known[i].fresh = true;
	use(s, uses, i);
}

bool state_unchanged(struct state *s, const struct uses *uses)
{
	struct hash h = {0};
	for (int i = 0; i < uses->n; i++) {
		refresh(s, &s->known[uses->at[i]]);
		hash_digest(&h, s->known[uses->at[i]].digest);
	}
	return digest_eq(hash_done(&h), sum_of(uses));
}

Str state_which(struct state *s, Str name)
{
	for (struct which *w = s->which; w; w = w->next)
		if (str_eq(w->name, name))
			return w->path;
	struct which *w = NEW(s->arena, struct which);
	*w = (struct which){s->which, str_copy(s->arena, name), fs_which(name, s->arena)};
	s->which = w;
	return w->path;
}

bool state_tools_unchanged(struct state *s)
{
	bool same = true;
	for (struct which *w = s->which; w; w = w->next) {
		Str now = fs_which(w->name, s->arena);
		if (str_eq(now, w->path))
			continue;
		w->path = now;
		same = false;
	}
	return same;
}

struct essay_facts *state_essay(struct state *s, Str name, bool make)
{
	struct essay_facts **at = &s->essays;
	for (; *at; at = &(*at)->next)
		if (str_eq((*at)->name, name))
			return *at;
	if (!make)
		return NULL;
	*at = NEW(s->arena, struct essay_facts);
	(*at)->name = str_copy(s->arena, name);
	return *at;
}

static void read_uses(struct state *s, const struct record *r, int field, struct uses *uses, const int *moved, int nmoved)
{
	Str text = record_get(r, field);
	for (Str word; (word = str_word(&text)).len; ) {
		long i;
		if (str_int(word, &i) && i >= 0 && i < nmoved)
			use(s, uses, moved[i]);
	}
	uses->was = NULL;
	digest_parse(record_get(r, field + 1), &uses->sum);
}

static void read_essay(struct state *s, const struct record *r, const int *moved, int nmoved)
{
	struct essay_facts *e = state_essay(s, record_get(r, 1), true);
	e->ok = str_eq(record_get(r, 2), S("ok"));
	read_uses(s, r, 3, &e->inputs, moved, nmoved);
	read_uses(s, r, 5, &e->outputs, moved, nmoved);
	e->title = record_get(r, 7);
	e->category = record_get(r, 8);
	e->summary = record_get(r, 9);
	e->date = record_get(r, 10);
	e->updated = record_get(r, 11);
	e->tags = record_get(r, 12);
	e->minutes = (int)record_get_int(r, 13);
	e->nclaims = (int)record_get_int(r, 14);
	e->nheld = (int)record_get_int(r, 15);
	e->draft = record_get_int(r, 16);
}

static void read_file(struct state *s, const struct record *r, int **moved, int *nmoved, int *room)
{
	long number[5];
	for (int i = 0; i < 5; i++)
		number[i] = record_get_int(r, 1 + i);
	int k = known_index(s, record_get(r, 7));
	s->known[k].stamp = (struct stamp){number[0], number[1], number[2], number[3], number[4]};
	digest_parse(record_get(r, 6), &s->known[k].digest);
	if (*nmoved == *room) {
		int *more = NEWS(s->arena, int, 2 * (size_t)*room + 512);
		if (*nmoved)
			memcpy(more, *moved, (size_t)*nmoved * sizeof *more);
		*moved = more;
		*room = 2 * *room + 512;
	}
	(*moved)[(*nmoved)++] = k;
}

/* Cut the last line off; does it say what is above it? */
static bool take_end(Str *text, struct arena scratch)
{
	size_t at = text->len;
	while (at && (at == text->len || text->at[at - 1] != '\n'))
		at--;
	Str above = str_sub(*text, 0, at), last = str_sub(*text, at, text->len);
	struct record *r = NEW(&scratch, struct record);
	Digest sum;
	*text = above;
	return record_next(&last, r, &scratch) && str_eq(record_get(r, 0), S("end")) && digest_parse(record_get(r, 1), &sum) &&
	       digest_eq(sum, digest_of(above));
}

void state_load(struct state *s, Str path, struct arena *a)
{
	*s = (struct state){.path = path, .arena = a, .written_ns = wall_ns()};
	struct stamp stamp = fs_stamp(path.at);
	Str text;
	struct record *r = NEW(a, struct record);
	if (!stamp.ino || !fs_read(path.at, a, &text) || !take_end(&text, *a) || !record_next(&text, r, a) ||
	    !str_eq(record_get(r, 0), S("weft-state")) || !str_eq(record_get(r, 1), S(STATE_FORMAT)))
		return;
	s->written_ns = stamp.mtime_ns;
	int *moved = NULL, nmoved = 0, room = 0;
	while (record_next(&text, r, a)) {
		Str kind = record_get(r, 0);
		if (str_eq(kind, S("machine"))) {
			s->boot = record_get(r, 1);
			s->tier = (enum sandbox)record_get_int(r, 2);
			s->has_tier = true;
		} else if (str_eq(kind, S("which"))) {
			struct which *w = NEW(a, struct which);
			*w = (struct which){s->which, record_get(r, 1), record_get(r, 2)};
			s->which = w;
		} else if (str_eq(kind, S("parts"))) {
			struct tool_parts *p = NEW(a, struct tool_parts);
			*p = (struct tool_parts){s->parts, record_get(r, 1), record_get(r, 2)};
			s->parts = p;
		} else if (str_eq(kind, S("file"))) {
			read_file(s, r, &moved, &nmoved, &room);
		} else if (str_eq(kind, S("essay"))) {
			read_essay(s, r, moved, nmoved);
		}
	}
	s->loaded = true;
}

static void write_uses(struct buf *out, const struct uses *uses, const int *number)
{
	buf_char(out, '\t');
	for (int i = 0; i < uses->n; i++)
		buf_fmt(out, "%s%d", i ? " " : "", number[uses->at[i]]);
	record_digest(out, sum_of(uses));
}

/* New numbers for the files that something still uses; -1 for the others. */
static int *renumber(struct state *s, struct arena *a)
{
	int *number = NEWS(a, int, (size_t)s->nknown + 1), n = 0;
	for (int i = 0; i < s->nknown; i++)
		number[i] = s->known[i].fresh ? 0 : -1;
	for (const struct essay_facts *e = s->essays; e; e = e->next) {
		for (int i = 0; e->seen && i < e->inputs.n; i++)
			number[e->inputs.at[i]] = 0;
		for (int i = 0; e->seen && i < e->outputs.n; i++)
			number[e->outputs.at[i]] = 0;
	}
	for (int i = 0; i < s->nknown; i++)
		if (!number[i])
			number[i] = n++;
	return number;
}

void state_save(struct state *s)
{
	struct arena scratch = *s->arena;
	const int *number = renumber(s, &scratch);
	struct buf out = buf_new(&scratch, 256 * (size_t)s->nknown + 4096);
	record_field(&out, S("weft-state"));
	record_field(&out, S(STATE_FORMAT));
	record_end(&out);
	if (s->has_tier) {
		record_field(&out, S("machine"));
		record_field(&out, s->boot);
		record_int(&out, s->tier);
		record_end(&out);
	}
	for (const struct which *w = s->which; w; w = w->next) {
		record_field(&out, S("which"));
		record_field(&out, w->name);
		record_field(&out, w->path);
		record_end(&out);
	}
	for (const struct tool_parts *p = s->parts; p; p = p->next) {
		record_field(&out, S("parts"));
		record_field(&out, p->path);
		record_field(&out, p->parts);
		record_end(&out);
	}
	for (int i = 0; i < s->nknown; i++) {
		const struct known *k = &s->known[i];
		if (number[i] < 0)
			continue;
		record_field(&out, S("file"));
		record_int(&out, k->stamp.dev);
		record_int(&out, k->stamp.ino);
		record_int(&out, k->stamp.size);
		record_int(&out, k->stamp.mtime_ns);
		record_int(&out, k->stamp.ctime_ns);
		record_digest(&out, k->digest);
		record_field(&out, k->path);
		record_end(&out);
	}
	for (const struct essay_facts *e = s->essays; e; e = e->next) {
		if (!e->seen)
			continue;
		record_field(&out, S("essay"));
		record_field(&out, e->name);
		record_field(&out, e->ok ? S("ok") : S("-"));
		write_uses(&out, &e->inputs, number);
		write_uses(&out, &e->outputs, number);
		record_field(&out, e->title);
		record_field(&out, e->category);
		record_field(&out, e->summary);
		record_field(&out, e->date);
		record_field(&out, e->updated);
		record_field(&out, e->tags);
		record_int(&out, e->minutes);
		record_int(&out, e->nclaims);
		record_int(&out, e->nheld);
		record_int(&out, e->draft);
		record_end(&out);
	}
	Digest sum = digest_of(buf_str(&out));
	record_field(&out, S("end"));
	record_digest(&out, sum);
	record_end(&out);
	if (!fs_write(s->path.at, buf_str(&out), 0644))
		fatal("write '%s':", s->path.at);
}
