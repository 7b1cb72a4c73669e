/* Text as training data: bytes in, batches of token numbers out. */
#ifndef NN_TEXT_H
#define NN_TEXT_H

#include <stddef.h>

#include "weft.h"

/* A text over the bytes that occur in it, numbered in the order of their values. */
struct text {
	size_t length;
	unsigned char *token;   /* [length], each below `symbols` */
	int symbols;
	unsigned char byte[256];        /* of each token */
	int token_of[256];      /* of each byte; -1 if it does not occur */
};

/* Read a whole file. A file that cannot be read, or is empty, is one line on
 * stderr and exit status 2. token is the caller's to free(). */
struct text text_read(const char *path);

/* The same from memory; length > 0. */
struct text text_of(const char *bytes, size_t length);

/* Draw `batch` windows of `time` tokens from token[from .. to-1], uniformly and
 * independently, each with the token that follows every one of its tokens.
 *
 *   input, target  (batch, time)
 *
 * to - from > time; else exit status 2. */
void text_draw(const struct text *t, size_t from, size_t to, size_t batch, size_t time,
               weft_rng *rng, int *input, int *target);

/* The same for windows that follow one another without a gap, from `first` on:
 * window first is at token[from]. Returns how many of `batch` windows are
 * whole; the rest have target -1 (cross_entropy() does not count those) and
 * input 0. */
size_t text_windows(const struct text *t, size_t from, size_t to, size_t first, size_t batch,
                    size_t time, int *input, int *target);

#endif
