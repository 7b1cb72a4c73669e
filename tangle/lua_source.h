/* The Lua of an essay as pieces of text, each with a way back to its place. */
#ifndef WEFT_LUA_SOURCE_H
#define WEFT_LUA_SOURCE_H

#include "doc.h"

/* One piece: all blocks of a named chunk, one block of an anonymous one, or an inline expression. */
struct lua_source {
	struct lua_source *next;
	enum chunk_kind kind;           /* 0 for an inline expression */
	const struct chunk *chunk;      /* NULL for an inline expression */
	Str name;                       /* of the chunk; empty if it has none */
	int block;                      /* of an anonymous chunk: 0, 1, … among the anonymous blocks of `kinds`; else -1 */
	int inline_index;               /* of an inline expression; else -1 */
	Str text;
};

/* The pieces whose kind is one of `kinds` (CHUNK_* or'ed), in document order; an inline expression has no kind: those
 * come last, if `inlines`. */
struct lua_source *lua_sources(const struct doc *doc, int kinds, bool inlines, struct arena *a);

/* Line `line` of a piece; 0: the piece as a whole. A piece the essay does not have is the essay's first line. */
Span lua_place(const struct doc *doc, int kinds, Str name, int block, int inline_index, int line);

#endif
