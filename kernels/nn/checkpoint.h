/* Parameters to a file and back.
 *
 * The file, in this order:
 *
 *     weft checkpoint 1                   a line
 *     float COUNT                         or double; how many matrices follow
 *     NAME ROWS COLS                      a line for each
 *     the numbers                         little-endian, matrix after matrix
 *     a digest                            8 bytes, little-endian: FNV-1a, 64 bits,
 *                                         of all bytes before it
 *
 * The same parameters make the same bytes. */
#ifndef NN_CHECKPOINT_H
#define NN_CHECKPOINT_H

#include "real.h"

/* One matrix of a model; `name` has 1 to 63 bytes, no blanks. */
struct tensor {
	const char *name;
	size_t rows, cols;
	real *at;               /* rows * cols numbers */
};

/* Write a file; it appears whole, or stays as it was. A failure is one line on
 * stderr and exit status 2. */
void checkpoint_write(const char *path, const struct tensor *t, size_t count);

/* Fill every t[i].at from a file written for the same names and shapes, in the
 * same order. Anything else (another version, kind of number, name or shape; a
 * short, long or damaged file) is one line on stderr that says what was wanted
 * and found, and exit status 2. */
void checkpoint_read(const char *path, const struct tensor *t, size_t count);

#endif
