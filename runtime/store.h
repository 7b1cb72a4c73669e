/* The store: results under their keys, their files under their digests.
 *
 *   ac/KK/KEY      a result (tangle/result.h), ends with its own digest
 *   mf/KK/PREKEY   header sets a compile with this pre-key has had (see compile.c)
 *   cas/DD/DIGEST  a file's bytes; mode 0444, or 0555 for programs
 *   bad/           blobs whose bytes did not have their digest, set aside
 *
 * Nothing here is fsync'd: a torn or empty file fails its digest and is made again. */
#ifndef WEFT_STORE_H
#define WEFT_STORE_H

#include "../tangle/result.h"

struct store {
	Str dir;                /* no trailing slash */
	bool read_only;         /* a write failed: go on without, said once */
};

/* Make the directories. */
void store_open(struct store *s, Str dir);

/* The result under a key, only if it is whole and every one of its files is there with the right bytes. NULL otherwise. */
struct result *store_get(struct store *s, Digest key, struct arena *a);
/* The result must have its outputs stored already. */
void store_put(struct store *s, Digest key, const struct result *r, struct arena scratch);

Digest store_add(struct store *s, Str bytes, bool executable, struct arena scratch);
/* Bytes of a file, verified. False when it is missing or was damaged (it is then set aside). */
bool store_read(struct store *s, Digest d, struct arena *a, Str *bytes);
/* Where the file of a digest lies, for binding it into a sandbox. Nothing is checked. */
Str store_path(const struct store *s, Digest d, struct arena *a);

/* Small texts kept under a key: manifests of header sets, formulas. Not verified beyond their own form. */
bool store_note(struct store *s, const char *kind, Digest key, struct arena *a, Str *text);
void store_set_note(struct store *s, const char *kind, Digest key, Str text, struct arena scratch);

/* Delete the oldest entries until the store has at most `most_bytes`; what is missed later is made again. Not while results
 * of this build are still to be read. */
void store_trim(struct store *s, int64_t most_bytes, struct arena scratch);

#endif
