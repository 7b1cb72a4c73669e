/* SHA-256, the name of everything in the store. */
#ifndef WEFT_DIGEST_H
#define WEFT_DIGEST_H

#include "str.h"

typedef struct {
	unsigned char byte[32];
} Digest;

enum { DIGEST_TEXT = 64 };      /* hexadecimal digits of a digest */

/* A digest under construction. Start from {0}; end with hash_done(), which also frees. */
struct hash {
	void *state;            /* EVP_MD_CTX */
};

void hash_bytes(struct hash *h, const void *at, size_t len);
/* Adds the length first, so that neighbouring fields cannot run into each other. */
void hash_str(struct hash *h, Str s);
void hash_int(struct hash *h, int64_t number);
void hash_digest(struct hash *h, Digest d);
Digest hash_done(struct hash *h);

Digest digest_of(Str bytes);
bool digest_eq(Digest a, Digest b);
bool digest_is_zero(Digest d);
/* 64 hexadecimal digits, in the arena. */
Str digest_text(struct arena *a, Digest d);
/* False unless `text` is exactly 64 lower-case hexadecimal digits. */
bool digest_parse(Str text, Digest *d);

#endif
