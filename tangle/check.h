/* What only the whole document shows. */
#ifndef WEFT_CHECK_H
#define WEFT_CHECK_H

#include "doc.h"

/* Find every chunk's noweb references: fills `uses` and `used`. Reports references to unknown chunks and, with the whole
 * chain, cycles. */
void check_chunks(struct doc *doc, struct arena *a);

/* Warn of named chunks that are only shown and that no chunk uses. For documents without mistakes, as
 * a mistake may be why. */
void check_unused(const struct doc *doc);

/* Report references '@' to ids that are not there. */
void check_xrefs(const struct doc *doc, struct arena *a);

/* The place of a noweb reference: line `line` (1-based) of the block's text, in the essay. */
Span reference_place(const struct doc *doc, const struct block *block, int line);

/* One use in a chain of them. */
struct link {
	const struct chunk *from, *to;
	Span at;
};

/* Report a cycle of n uses, the last of which is of the first one's chunk. */
void report_cycle(const struct link *links, int n);

#endif
