/* Limits on what cmark is given: some of its work grows with nesting and columns times lines. */
#ifndef WEFT_LIMITS_H
#define WEFT_LIMITS_H

#include "diag.h"

struct cmark_parser;

enum { NESTING_MOST = 64, COLUMNS_MOST = 64 };

/* May cmark have this line, after all before it? Each mark of a quote or list item at its front can open one
 * container more, and only a paragraph can become a table. False after reporting at `at`. */
bool within_limits(const struct cmark_parser *parser, Str line, Span at);

#endif
