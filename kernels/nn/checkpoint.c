#include "checkpoint.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "checkpoint.c writes numbers as they lie in memory, and the file is little-endian"
#endif

static const char *const kind = sizeof(real) == sizeof(float) ? "float" : "double";

/* A file and the digest of what went through. */
struct stream {
	FILE *file;
	const char *path;
	uint64_t digest;
};

static struct stream stream_open(const char *path, const char *mode)
{
	struct stream s = {fopen(path, mode), path, 0xcbf29ce484222325u};
	if (!s.file)
		nn_quit("%s '%s': %s", *mode == 'r' ? "open" : "create", path, strerror(errno));
	return s;
}

static void take_in(struct stream *s, const void *bytes, size_t size)
{
	const unsigned char *b = bytes;
	for (size_t i = 0; i < size; i++)
		s->digest = (s->digest ^ b[i]) * 0x100000001b3u;
}

static void put(struct stream *s, const void *bytes, size_t size)
{
	take_in(s, bytes, size);
	if (fwrite(bytes, 1, size, s->file) != size)
		nn_quit("write '%s': %s", s->path, strerror(errno));
}

static void get(struct stream *s, void *bytes, size_t size)
{
	if (fread(bytes, 1, size, s->file) != size)
		nn_quit("checkpoint '%s' ends early", s->path);
	take_in(s, bytes, size);
}

/* Lines of the head, what = 0: the version, 1: the kind, 2 on: tensors. */
#define MAX_LINE 128

static void head_line(char line[MAX_LINE], size_t what, const struct tensor *t, size_t count)
{
	if (what == 0)
		snprintf(line, MAX_LINE, "weft checkpoint 1\n");
	else if (what == 1)
		snprintf(line, MAX_LINE, "%s %zu\n", kind, count);
	else
		snprintf(line, MAX_LINE, "%s %zu %zu\n", t[what - 2].name, t[what - 2].rows,
		         t[what - 2].cols);
}

static bool is_tensor(const struct tensor *t)
{
	size_t n = strlen(t->name);
	return n > 0 && n < 64 && !t->name[strcspn(t->name, " \t\n\r")];
}

void checkpoint_write(const char *path, const struct tensor *t, size_t count)
{
	char beside[4096];
	if (snprintf(beside, sizeof beside, "%s.new", path) >= (int)sizeof beside)
		nn_quit("create '%s': the name is too long", path);
	struct stream s = stream_open(beside, "wb");
	for (size_t i = 0; i < count + 2; i++) {
		char line[MAX_LINE];
		assert(i < 2 || is_tensor(&t[i - 2]));
		head_line(line, i, t, count);
		put(&s, line, strlen(line));
	}
	for (size_t i = 0; i < count; i++)
		put(&s, t[i].at, t[i].rows * t[i].cols * sizeof *t[i].at);
	uint64_t digest = s.digest;
	put(&s, &digest, sizeof digest);
	if (fclose(s.file))
		nn_quit("write '%s': %s", beside, strerror(errno));
	if (rename(beside, path))
		nn_quit("rename '%s' to '%s': %s", beside, path, strerror(errno));
}

/* What a message can show of a line. */
static int printable(const char *line)
{
	int n = 0;
	while (line[n] >= ' ' && line[n] <= '~')
		n++;
	return n;
}

/* The head must be, line by line, the one that checkpoint_write() would make. */
static void check_head(struct stream *s, const struct tensor *t, size_t count)
{
	for (size_t i = 0; i < count + 2; i++) {
		char want[MAX_LINE], found[MAX_LINE];
		assert(i < 2 || is_tensor(&t[i - 2]));
		head_line(want, i, t, count);
		if (!fgets(found, sizeof found, s->file))
			nn_quit("checkpoint '%s' ends early", s->path);
		if (strcmp(want, found))
			nn_quit("checkpoint '%s', line %zu: wanted '%.*s', found '%.*s'", s->path,
			        i + 1, printable(want), want, printable(found), found);
		take_in(s, found, strlen(found));
	}
}

void checkpoint_read(const char *path, const struct tensor *t, size_t count)
{
	struct stream s = stream_open(path, "rb");
	check_head(&s, t, count);
	for (size_t i = 0; i < count; i++)
		get(&s, t[i].at, t[i].rows * t[i].cols * sizeof *t[i].at);
	uint64_t want = s.digest, found;
	get(&s, &found, sizeof found);
	if (found != want || fgetc(s.file) != EOF)
		nn_quit("checkpoint '%s' is damaged: its digest does not match", path);
	fclose(s.file);
}
