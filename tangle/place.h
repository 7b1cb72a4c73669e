/* Places in what compilers and programs say: from "essays/x.md#tiles:7" to the essay's own line. */
#ifndef WEFT_PLACE_H
#define WEFT_PLACE_H

#include "doc.h"

/* Replace every place of this document's chunks in `text`.
 *
 * ESSAY#CHUNK:LINE, ESSAY#CHUNK.K:LINE (block K of the chunk) and nvcc's ESSAY#CHUNK(LINE) become ESSAY:LINE with
 * the line the essay has now; what follows, as a column, stays. Names the document does not have stay as they are. Linear. Returns
 * `text` itself when there is nothing to replace. */
Str place_translate(const struct doc *doc, Str text, struct arena *a);

/* The first place of this document's chunks in `text`, with its column where one follows, else 1.
 * False when there is none. */
bool place_find(const struct doc *doc, Str text, Span *at);

#endif
