/* Tangle: chunks into source text. */
#ifndef WEFT_EXPAND_H
#define WEFT_EXPAND_H

#include "doc.h"

/* How places are written into tangled text. */
enum places {
	PLACES_NONE,            /* no directives: the language has none */
	PLACES_CHUNK,           /* #line 7 "essays/x.md#tiles": moving prose changes nothing */
	PLACES_REAL,            /* #line 123 "essays/x.md": for debuggers and for people */
};

/* Tangle one root chunk.
 *
 * Writes the blocks of `root` in document order, each line that holds only a noweb reference
 * <<name>> replaced by that chunk's expansion, the reference line's own leading bytes before each
 * of its non-empty lines. A directive stands before every run of lines that does not continue the
 * last, but for none after a line ending in a backslash. `directive` is the recipe's form with %d for the line
 * and %s for the file, as "#line %d \"%s\""; NULL or PLACES_NONE: none.
 *
 * Returns false after reporting an undefined chunk or a cycle (with the whole chain); what was
 * written by then is not to be kept. Linear in the text written times the depth of references. */
bool expand(struct doc *doc, struct chunk *root, enum places places, Str directive, struct buf *out);

/* Is this line (without its newline) a noweb reference alone? Its name and the bytes before it. */
bool is_reference(Str line, Str *name, Str *indent);

#endif
