/* From a fence's info string to chunks. */
#ifndef WEFT_CHUNK_H
#define WEFT_CHUNK_H

#include "doc.h"

enum { NAME_MOST = 64 };        /* bytes of a chunk's name, which becomes a file's */

/* Read the info string of a fence and put its block where it belongs.
 *
 *   block    has its text and places; gets language, chunk, index, hide and fold
 *   info     one line of the essay from behind the fence, `at` its first byte
 *
 * Without braces the block stays bare. Else it begins a chunk or continues the one of its name. Reports what is
 * wrong with the info string, the role, the id, the options and the language; a chunk with mistakes is still made, so that
 * references to it are not reported too. */
void chunk_take(struct doc *doc, struct block *block, Str info, Span at, struct arena *a);

/* Enter an id into the document's one name space. False, after reporting, when it is taken. */
bool anchor_add(struct doc *doc, struct anchor *anchor, struct arena *a);

#endif
