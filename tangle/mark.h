/* Markdown: cmark-gfm with an extension of ours for math, citations and cross references.
 *
 * Math. $…$ opens before a byte that is no blank and not behind a letter, digit or '$'; it closes at the next '$',
 * which has no blank before it and no digit behind it, and holds no backtick; \$ does not close. Otherwise the '$' is
 * text. $$…$$ is a display, {#eq-x} behind it names it. A line "$$" outside a paragraph opens a block that the next
 * line "$$" or "$$ {#eq-x}" closes; nothing in it is markdown. In a table's cell '|' is written \|, as anywhere in GFM.
 *
 * Citations. [@key, p. 7; -@other]: each key becomes a node, the brackets and what is between leave the tree. A key is
 * letters and digits with single : . + - / _ between. Within the text of a link, and where the bracket turns
 * out to be a link, all stays as cmark has it.
 *
 * Cross references. @fig-x, @tab-x, @eq-x, @sec-x, @claim-x, not behind a letter or digit. Any other @word is text.
 *
 * Without these in the text, the tree is cmark-gfm's own. Nodes of ours are CODE (math in a line, citations, references) or
 * CODE_BLOCK (display math of its own lines), because a cell of cmark's table takes no type it does not know; they are owned by our
 * extension and named "math", "cite", "xref". Their literal is the TeX, the key, the id; their user data is a struct node_data. */
#ifndef WEFT_MARK_H
#define WEFT_MARK_H

#include "doc.h"
#include "origin.h"

/* Parse markdown.
 *
 *   text     UTF-8 without NUL, with the lines and columns of file->text; outlives the tree
 *   options  of cmark: CMARK_OPT_FOOTNOTES and the like
 *   parser   gets the parser, to be freed with cmark_parser_free() after the tree
 *   origin   gets the way back to the essay's lines
 *
 * The extensions table, strikethrough, autolink and tasklist are on. Reports citations that are not of their form, math
 * that is not closed, and what limits.h refuses, behind which nothing is parsed. Numbers and lists in what the node data
 * point at are left for doc_parse(). One parse at a time. */
struct cmark_node *mark_parse(const struct file *file, Str text, int options, struct cmark_parser **parser,
                              struct origin *origin, struct arena *a);

/* Free a tree and its parser. */
void mark_free(struct cmark_node *root, struct cmark_parser *parser);

#endif
