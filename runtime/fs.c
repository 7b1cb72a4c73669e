/* Files. Every write goes to a temporary name first and is renamed into place, so that a reader, or a
 * build that was killed, never sees half of one. */
#include "fs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../tangle/arena.h"
#include "../tangle/diag.h"

struct stamp fs_stamp(const char *path)
{
	struct stat st;
	if (stat(path, &st) || !S_ISREG(st.st_mode))
		return (struct stamp){0};
	return (struct stamp){
		.dev = (int64_t)st.st_dev,
		.ino = (int64_t)st.st_ino,
		.size = st.st_size,
		.mtime_ns = st.st_mtim.tv_sec * 1000000000LL + st.st_mtim.tv_nsec,
		.ctime_ns = st.st_ctim.tv_sec * 1000000000LL + st.st_ctim.tv_nsec,
	};
}

bool stamp_eq(struct stamp a, struct stamp b)
{
	return a.dev == b.dev && a.ino == b.ino && a.size == b.size && a.mtime_ns == b.mtime_ns && a.ctime_ns == b.ctime_ns;
}

static bool read_all(int fd, struct arena *a, Str *text)
{
	struct stat st;
	if (fstat(fd, &st))
		return false;
	if (!S_ISREG(st.st_mode)) {
		errno = EINVAL;
		return false;
	}
	size_t size = (size_t)st.st_size, n = 0;
	char *bytes = NEWS(a, char, size + 1);
	while (n < size) {
		ssize_t got = read(fd, bytes + n, size - n);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return false;
		if (got == 0)
			break;
		n += (size_t)got;
	}
	*text = (Str){bytes, n};
	return true;
}

static bool read_and_close(int fd, struct arena *a, Str *text)
{
	if (fd < 0)
		return false;
	bool ok = read_all(fd, a, text);
	int cause = errno;
	close(fd);
	errno = cause;
	return ok;
}

bool fs_read(const char *path, struct arena *a, Str *text)
{
	return read_and_close(open(path, O_RDONLY | O_CLOEXEC), a, text);
}

bool fs_read_beneath(const char *root, Str path, struct arena *a, Str *text)
{
	int dir = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return false;
	struct open_how how = {
		.flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
	};
	struct arena scratch = *a;
	int fd = (int)syscall(SYS_openat2, dir, str_z(&scratch, path), &how, sizeof how);
	int cause = errno;
	close(dir);
	errno = cause;
	return read_and_close(fd, a, text);
}

bool fs_digest(const char *path, Digest *digest)
{
	static char bytes[1 << 16];
	struct hash h = {0};
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	ssize_t n;
	while ((n = read(fd, bytes, sizeof bytes)) > 0 || (n < 0 && errno == EINTR))
		if (n > 0)
			hash_bytes(&h, bytes, (size_t)n);
	close(fd);
	*digest = hash_done(&h);
	return n == 0;
}

static const char *temp_dir = ".";

void fs_temp_dir(const char *dir)
{
	temp_dir = dir;
}

bool fs_write_fd(int fd, Str bytes)
{
	while (bytes.len) {
		ssize_t n = write(fd, bytes.at, bytes.len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return false;
		bytes = str_sub(bytes, (size_t)n, bytes.len);
	}
	return true;
}

/* Parent directories of `path`. */
static void make_parents(const char *path)
{
	const char *slash = strrchr(path, '/');
	if (!slash || slash == path)
		return;
	char dir[4096];
	snprintf(dir, sizeof dir, "%.*s", (int)(slash - path), path);
	fs_mkdirs(dir);
}

bool fs_write(const char *path, Str bytes, mode_t mode)
{
	static unsigned counter;
	char temp[4096];
	snprintf(temp, sizeof temp, "%s/.tmp.%d.%u", temp_dir, (int)getpid(), counter++);
	int fd = open(temp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
	if (fd < 0)
		return false;
	bool ok = fs_write_fd(fd, bytes);
	ok = !close(fd) && ok;
	if (ok && rename(temp, path)) {
		/* Most often the directory is there; make it only when it is not. */
		ok = errno == ENOENT;
		if (ok) {
			make_parents(path);
			ok = !rename(temp, path);
		}
	}
	if (!ok) {
		int cause = errno;
		unlink(temp);
		errno = cause;
	}
	return ok;
}

bool fs_write_if_changed(const char *path, Str bytes, bool *changed)
{
	if (changed)
		*changed = false;
	struct stat st;
	if (!stat(path, &st) && S_ISREG(st.st_mode) && (size_t)st.st_size == bytes.len) {
		struct arena scratch = arena_map(bytes.len + 4096), whole = scratch;
		Str old;
		bool same = fs_read(path, &scratch, &old) && str_eq(old, bytes);
		arena_unmap(whole);
		if (same)
			return true;
	}
	if (changed)
		*changed = true;
	return fs_write(path, bytes, 0644);
}

void fs_mkdirs(const char *path)
{
	char part[4096];
	size_t n = strlen(path);
	if (n >= sizeof part)
		fatal("path too long: '%s'", path);
	if (!mkdir(path, 0777) || errno == EEXIST)
		return;
	for (size_t i = 1; i <= n; i++) {
		if (path[i] != '/' && path[i])
			continue;
		memcpy(part, path, i);
		part[i] = 0;
		if (mkdir(part, 0777) && errno != EEXIST)
			fatal("make directory '%s':", part);
	}
}

static void remove_at(int dir, const char *name)
{
	if (!unlinkat(dir, name, 0) || errno != EISDIR)
		if (errno != EPERM && errno != EISDIR)
			return;
	int fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return;
	fchmod(fd, 0700);
	DIR *d = fdopendir(fd);
	for (struct dirent *e; d && (e = readdir(d)); )
		if (strcmp(e->d_name, ".") && strcmp(e->d_name, ".."))
			remove_at(dirfd(d), e->d_name);
	if (d)
		closedir(d);
	unlinkat(dir, name, AT_REMOVEDIR);
}

void fs_remove_tree(const char *path)
{
	remove_at(AT_FDCWD, path);
}

void fs_retract(const char *path)
{
	char dir[4096];
	unlink(path);
	snprintf(dir, sizeof dir, "%s", path);
	for (char *slash; (slash = strrchr(dir, '/')); ) {
		*slash = 0;
		if (!strchr(dir, '/') || rmdir(dir))
			return;
	}
}

static int by_bytes(const void *left, const void *right)
{
	return str_cmp(*(const Str *)left, *(const Str *)right);
}

int fs_list(const char *path, Str suffix, Str **names, struct arena *a)
{
	int n = 0, room = 64;
	*names = NEWS(a, Str, (size_t)room);
	DIR *d = opendir(path);
	for (struct dirent *e; d && (e = readdir(d)); ) {
		Str name = str_of(e->d_name);
		if (name.at[0] == '.' || !str_ends(name, suffix))
			continue;
		if (n == room) {
			Str *more = NEWS(a, Str, 2 * (size_t)room);
			memcpy(more, *names, (size_t)n * sizeof **names);
			*names = more;
			room *= 2;
		}
		(*names)[n++] = str_copy(a, name);
	}
	if (d)
		closedir(d);
	if (n)
		qsort(*names, (size_t)n, sizeof **names, by_bytes);
	return n;
}

Str fs_data_root(struct arena *a)
{
	char self[4096];
	ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
	if (n < 0)
		fatal("readlink '/proc/self/exe':");
	Str dir = {self, (size_t)n};
	/* Installed: PREFIX/bin/weft and PREFIX/share/weft. In a tree: build/weft, or deeper. */
	for (int up = 0; up < 4; up++) {
		while (dir.len && dir.at[dir.len - 1] != '/')
			dir.len--;
		if (dir.len > 1)
			dir.len--;
		const char *below[] = {"", "/share/weft"};
		for (int i = 0; i < 2; i++) {
			Str root = str_fmt(a, "%.*s%s", STR_ARG(dir), below[i]);
			Str probe = str_fmt(a, "%.*s/runtime/lua/recipes.lua", STR_ARG(root));
			if (!access(probe.at, R_OK))
				return root;
		}
	}
	fatal("cannot find runtime/lua/recipes.lua near '%.*s'; install weft with 'make install'", (int)n, self);
}

/* build/weft has build/simt/; PREFIX/bin/weft has PREFIX/share/weft/simt/. */
static Str own_tool(Str name, struct arena *a)
{
	char self[4096];
	ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
	Str dir = {self, n > 0 ? (size_t)n : 0};
	while (dir.len && dir.at[dir.len - 1] != '/')
		dir.len--;
	const char *below[] = {"simt", "../share/weft/simt"};
	for (int i = 0; i < 2; i++) {
		Str path = str_fmt(a, "%.*s%s/%.*s", STR_ARG(dir), below[i], STR_ARG(name));
		char real[4096];
		if (realpath(path.at, real))
			return str_copy(a, str_of(real));
	}
	return (Str){0};
}

Str fs_which(Str name, struct arena *a)
{
	if (str_starts(name, S("@")))
		return own_tool(str_sub(name, 1, name.len), a);
	if (str_has(name, '/'))
		return access(str_z(a, name), X_OK) ? (Str){0} : name;
	Str path = str_of(getenv("PATH"));
	while (path.len) {
		Str dir = str_cut(&path, ':');
		Str full = str_fmt(a, "%.*s/%.*s", STR_ARG(dir), STR_ARG(name));
		struct stat st;
		if (dir.len && !stat(full.at, &st) && S_ISREG(st.st_mode) && !access(full.at, X_OK))
			return full;
	}
	return (Str){0};
}
