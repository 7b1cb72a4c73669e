/* The store. Trusted only as far as its keys and digests: whatever is read is checked. */
#include "store.h"

#include <errno.h>
#include <fts.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../tangle/arena.h"
#include "../tangle/diag.h"
#include "fs.h"

void store_open(struct store *s, Str dir)
{
	*s = (struct store){.dir = dir};
}

/* dir/kind/ab/abcdef… */
static Str path_of(const struct store *s, const char *kind, Digest d, struct arena *a)
{
	Str text = digest_text(a, d);
	return str_fmt(a, "%.*s/%s/%.2s/%.*s", STR_ARG(s->dir), kind, text.at, STR_ARG(text));
}

static void write_entry(struct store *s, Str path, Str bytes, mode_t mode)
{
	if (s->read_only || fs_write(path.at, bytes, mode))
		return;
	s->read_only = true;
	fprintf(stderr, "weft: note: cannot write the store '%.*s': %s; going on without keeping results\n", STR_ARG(s->dir),
	        strerror(errno));
}

/* What is not named by its own digest has it in front, a line of its own; a damaged one is as good as none. */
static void write_checked(struct store *s, Str path, Str text, struct arena scratch)
{
	struct buf out = buf_new(&scratch, DIGEST_TEXT + 1 + text.len);
	buf_add(&out, digest_text(&scratch, digest_of(text)));
	buf_char(&out, '\n');
	buf_add(&out, text);
	write_entry(s, path, buf_str(&out), 0644);
}

static bool read_checked(Str path, struct arena *a, Str *text)
{
	Digest digest;
	Str rest;
	if (!fs_read(path.at, a, &rest) || !digest_parse(str_cut(&rest, '\n'), &digest) || !digest_eq(digest_of(rest), digest))
		return false;
	*text = rest;
	return true;
}

Digest store_add(struct store *s, Str bytes, bool executable, struct arena scratch)
{
	Digest d = digest_of(bytes);
	Str path = path_of(s, "cas", d, &scratch);
	struct stat st;
	Digest there;
	/* What is there may be damaged, and nobody else will look before it is used. */
	if (!stat(path.at, &st) && (size_t)st.st_size == bytes.len && (!executable || st.st_mode & 0111) &&
	    fs_digest(path.at, &there) && digest_eq(there, d))
		return d;
	write_entry(s, path, bytes, executable ? 0555 : 0444);
	return d;
}

bool store_read(struct store *s, Digest d, struct arena *a, Str *bytes)
{
	struct arena scratch = *a;
	Str path = path_of(s, "cas", d, a);
	if (!fs_read(path.at, a, bytes)) {
		*a = scratch;
		return false;
	}
	if (digest_eq(digest_of(*bytes), d))
		return true;
	fprintf(stderr, "weft: note: '%.*s' is damaged; it is set aside and made again\n", STR_ARG(path));
	Str bad = str_fmt(a, "%.*s/bad", STR_ARG(s->dir));
	fs_mkdirs(bad.at);
	bad = str_fmt(a, "%.*s/%.*s", STR_ARG(bad), STR_ARG(digest_text(a, d)));
	if (rename(path.at, bad.at))
		unlink(path.at);
	return false;
}

Str store_path(const struct store *s, Digest d, struct arena *a)
{
	return path_of(s, "cas", d, a);
}

struct result *store_get(struct store *s, Digest key, struct arena *a)
{
	Str text;
	if (!read_checked(path_of(s, "ac", key, a), a, &text))
		return NULL;
	struct result *r = result_read(text, a);
	for (int i = 0; r && i < r->noutputs; i++) {
		struct arena scratch = *a;
		Str bytes;
		if (!store_read(s, r->outputs[i].digest, &scratch, &bytes))
			return NULL;
	}
	return r;
}

void store_put(struct store *s, Digest key, const struct result *r, struct arena scratch)
{
	struct buf text = buf_new(&scratch, 256);
	result_write(r, &text);
	write_checked(s, path_of(s, "ac", key, &scratch), buf_str(&text), scratch);
}

bool store_note(struct store *s, const char *kind, Digest key, struct arena *a, Str *text)
{
	return read_checked(path_of(s, kind, key, a), a, text);
}

void store_set_note(struct store *s, const char *kind, Digest key, Str text, struct arena scratch)
{
	write_checked(s, path_of(s, kind, key, &scratch), text, scratch);
}

struct entry {
	int64_t mtime_ns, size;
	char *path;
};

static int oldest_first(const void *left, const void *right)
{
	const struct entry *a = left, *b = right;
	return (a->mtime_ns > b->mtime_ns) - (a->mtime_ns < b->mtime_ns);
}

void store_trim(struct store *s, int64_t most_bytes, struct arena scratch)
{
	char *roots[] = {str_z(&scratch, s->dir), NULL};
	FTS *walk = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
	struct entry *entries = NULL;
	size_t n = 0, room = 0;
	int64_t total = 0;
	for (FTSENT *f; walk && (f = fts_read(walk)); ) {
		if (f->fts_info != FTS_F)
			continue;
		if (n == room) {
			room = room ? 2 * room : 1024;
			struct entry *more = NEWS(&scratch, struct entry, room);
			if (n)
				memcpy(more, entries, n * sizeof *more);
			entries = more;
		}
		const struct stat *st = f->fts_statp;
		entries[n++] = (struct entry){st->st_mtim.tv_sec * 1000000000LL + st->st_mtim.tv_nsec, st->st_size, str_z(&scratch, str_of(f->fts_path))};
		total += st->st_size;
	}
	if (walk)
		fts_close(walk);
	if (total <= most_bytes)
		return;
	qsort(entries, n, sizeof *entries, oldest_first);
	/* To three quarters, so that not every build trims. */
	for (size_t i = 0; i < n && total > most_bytes / 4 * 3; i++)
		if (!unlink(entries[i].path))
			total -= entries[i].size;
}
