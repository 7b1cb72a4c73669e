/* Recordings as files. */
#include "recordings.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../tangle/arena.h"
#include "../tangle/tsv.h"
#include "fs.h"

static bool read_file(struct state *s, struct uses *uses, Str path, Str *bytes, Digest *digest, struct arena *a)
{
	if (s)
		return state_read(s, path, uses, bytes, digest, a);
	if (!fs_read(path.at, a, bytes))
		return false;
	*digest = digest_of(*bytes);
	return true;
}

struct recording *recording_load(struct state *s, struct uses *uses, Str dir, Str **bytes, Str *problem, struct arena *a)
{
	Str text, fault;
	Digest digest;
	*problem = (Str){0};
	if (!read_file(s, uses, str_fmt(a, "%.*s/record", STR_ARG(dir)), &text, &digest, a))
		return NULL;
	struct recording *r = recording_read(text, a, problem);
	if (!r)
		return NULL;
	*problem = (Str){0};
	*bytes = NEWS(a, Str, (size_t)r->nfiles + 1);
	for (int i = 0; i < r->nfiles; i++) {
		const struct recorded_file *f = &r->files[i];
		if (!read_file(s, uses, str_fmt(a, "%.*s/%.*s", STR_ARG(dir), STR_ARG(f->name)), &(*bytes)[i], &digest, a))
			*problem = str_fmt(a, "its file '%.*s' is missing", STR_ARG(f->name));
		else if (!digest_eq(digest, f->digest) || (long)(*bytes)[i].len != f->size_bytes)
			*problem = str_fmt(a, "'%.*s' does not have the digest it was recorded with", STR_ARG(f->name));
		else if (!f->log && str_ends(f->name, S(".tsv")) && !tsv_parse(f->name, (*bytes)[i], a, &fault))
			*problem = str_fmt(a, "'%.*s' is not a table: %.*s", STR_ARG(f->name), STR_ARG(fault));
		if (problem->len)
			return NULL;
	}
	return r;
}

static void sync_dir(const char *dir)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || fsync(fd))
		fatal("sync directory '%s':", dir);
	close(fd);
}

static bool write_whole(int fd, Str bytes)
{
	while (bytes.len) {
		ssize_t n = write(fd, bytes.at, bytes.len);
		if (n < 0 && errno != EINTR)
			return false;
		if (n > 0)
			bytes = str_sub(bytes, (size_t)n, bytes.len);
	}
	return true;
}

/* Write one file by rename, its bytes on the disk before its name is. */
static void write_synced(Str dir, Str name, Str bytes, struct arena scratch)
{
	Str path = str_fmt(&scratch, "%.*s/%.*s", STR_ARG(dir), STR_ARG(name));
	Str temp = str_fmt(&scratch, "%.*s/.tmp.%d", STR_ARG(dir), (int)getpid());
	int fd = open(temp.at, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644);
	if (fd < 0 || !write_whole(fd, bytes) || fsync(fd) || close(fd) || rename(temp.at, path.at)) {
		int cause = errno;
		unlink(temp.at);
		errno = cause;
		fatal("write '%s':", path.at);
	}
}

static bool has_file(const struct recording *r, Str name)
{
	for (int i = 0; i < r->nfiles; i++)
		if (str_eq(r->files[i].name, name))
			return true;
	return str_eq(name, S("record"));
}

/* Files, not directories: those are other points' recordings, and the static facts. */
static void remove_others(Str dir, const struct recording *r, struct arena scratch)
{
	Str *name;
	int n = fs_list(dir.at, (Str){0}, &name, &scratch);
	for (int i = 0; i < n; i++)
		if (!has_file(r, name[i]))
			unlink(str_fmt(&scratch, "%.*s/%.*s", STR_ARG(dir), STR_ARG(name[i])).at);
}

void recording_save(Str dir, const struct recording *r, const Str *bytes, struct arena scratch)
{
	Str place = str_of(str_z(&scratch, dir));
	struct buf out = buf_new(&scratch, 4096);
	fs_mkdirs(place.at);
	for (int i = 0; i < r->nfiles; i++)
		write_synced(place, r->files[i].name, bytes[i], scratch);
	sync_dir(place.at);
	recording_write(r, &out);
	write_synced(place, S("record"), buf_str(&out), scratch);
	remove_others(place, r, scratch);
	sync_dir(place.at);
}
