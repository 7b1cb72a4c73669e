/* Records: the one text form in which weft keeps and hands over its own data
 * (store entries, the state file, what a forked child reports).
 *
 * A record is a line of fields separated by tabs. Within a field, backslash,
 * tab, newline and carriage return are written \\ \t \n \r; any other byte
 * stands for itself. The first field says what the record is. */
#ifndef WEFT_RECORD_H
#define WEFT_RECORD_H

#include "digest.h"

enum { RECORD_MOST = 512 };     /* fields a record may have */

struct record {
	Str field[RECORD_MOST];
	int n;
};

/* Append a field, with a tab before it unless it is the line's first. */
void record_field(struct buf *out, Str field);
void record_int(struct buf *out, int64_t number);
void record_digest(struct buf *out, Digest d);
void record_end(struct buf *out);
/* One whole record from C strings; the list ends with NULL. */
void record_line(struct buf *out, const char *first, ...) __attribute__((sentinel));

/* Take the next record off `rest`, its fields unescaped in the arena (or views into the text where
 * nothing was escaped). False at the end of the text or when the line is malformed (unknown escape,
 * too many fields, no newline at its end). */
bool record_next(Str *rest, struct record *r, struct arena *a);
/* Field i, or the empty string. */
Str record_get(const struct record *r, int i);
long record_get_int(const struct record *r, int i);

#endif
