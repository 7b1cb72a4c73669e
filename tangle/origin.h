/* Where the inline text of a block came from: from a node's content back to the essay's line and column.
 *
 * cmark joins a block's lines, takes their containers' markers and indentation away and unescapes the
 * pipes of table cells; its own columns are right for simple cases only. Here each line of the content is
 * found again as the end of a line of the essay. */
#ifndef WEFT_ORIGIN_H
#define WEFT_ORIGIN_H

#include "diag.h"

struct cmark_node;

struct origin {
	const struct file *file;
	Str text;               /* what cmark was given: the same lines and columns as the file's text */
	size_t *line_at;        /* [nlines] offsets into text */
	int nlines;
	/* The last question and its answer, so that asking forward through a block stays linear. */
	const struct cmark_node *leaf;
	size_t offset;
	int line;
	size_t column;          /* from 0; SIZE_MAX when the line of content is not in the essay's line */
};

void origin_init(struct origin *o, const struct file *file, Str text, struct arena *a);

/* Line `line` of the text, 1-based, without its line end; empty beyond the last. */
Str origin_line(const struct origin *o, int line);

/* The inline text of a paragraph, heading or cell, as it was parsed; lives with the tree. cmark's own accessor gives a
 * C string, which is not always ended. */
Str origin_content(const struct cmark_node *leaf);

/* The place of byte `offset` of the content of `leaf` (a paragraph, heading or table cell).
 * Offsets of one leaf are asked for in rising order, or the work is repeated. */
Span origin_place(struct origin *o, struct cmark_node *leaf, Str content, size_t offset);

#endif
