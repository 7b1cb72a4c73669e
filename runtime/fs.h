/* Files: whole, by rename, and untouched where they would not change. */
#ifndef WEFT_FS_H
#define WEFT_FS_H

#include <sys/stat.h>

#include "../tangle/digest.h"

/* What tells a file from its former self without reading it. All zero: it does not exist. */
struct stamp {
	int64_t dev, ino, size, mtime_ns, ctime_ns;
};

/* Follows symbolic links. All zero when there is no regular file. */
struct stamp fs_stamp(const char *path);
bool stamp_eq(struct stamp a, struct stamp b);

/* The whole file, NUL-terminated beyond its length, in the arena. False without it (errno says why). */
bool fs_read(const char *path, struct arena *a, Str *text);
/* As fs_read(), for a path of the user's: opened beneath `root` without following any symbolic link, with
 * no "..", no absolute path. errno is EXDEV or ELOOP for one that leaves the root. */
bool fs_read_beneath(const char *root, Str path, struct arena *a, Str *text);

/* The digest of a file's bytes, which are not held all at a time: a compiler is larger than all else we keep. False without it. */
bool fs_digest(const char *path, Digest *digest);

/* Where temporary files are made before they are renamed; one file system with what is written. Kept by reference. */
void fs_temp_dir(const char *dir);
/* Write a file whole by rename, making its parent directories. False on failure (errno), the old file untouched and no temporary left. */
bool fs_write(const char *path, Str bytes, mode_t mode);
/* fs_write() only if the file differs. Sets *changed unless it is NULL. */
bool fs_write_if_changed(const char *path, Str bytes, bool *changed);

/* Write all of `bytes` to a descriptor. False on failure (errno). */
bool fs_write_fd(int fd, Str bytes);
/* Make a directory and its parents. Fatal when it cannot. */
void fs_mkdirs(const char *path);
/* Delete a tree; what is not there is no mistake. Does not follow links. */
void fs_remove_tree(const char *path);
/* Delete a file, and the directories above it that are empty then, except the first of the path. What is not there is no mistake. */
void fs_retract(const char *path);
/* Names in a directory that end with `suffix`, sorted; none when there is no such directory. Returns how many. */
int fs_list(const char *dir, Str suffix, Str **names, struct arena *a);
/* Path of the running program's data: the directory that holds runtime/ and figures/. Fatal without it. */
Str fs_data_root(struct arena *a);
/* Full path of a program in PATH, symbolic links kept; "@NAME": a file that came with weft, in the folder simt/ beside its
 * program or among its data. Empty when there is none. */
Str fs_which(Str name, struct arena *a);

#endif
