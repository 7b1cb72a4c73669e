/* From a node's content back to the essay. */
#include "origin.h"

#include <cmark-gfm.h>
#include <cmark-gfm-extension_api.h>
#include <cmark-gfm-core-extensions.h>
#include <cmark-gfm/node.h>

#include "arena.h"

#define NOWHERE ((size_t)-1)

void origin_init(struct origin *o, const struct file *file, Str text, struct arena *a)
{
	*o = (struct origin){.file = file, .text = text, .nlines = 1};
	for (size_t i = 0; i < text.len; i++)
		o->nlines += text.at[i] == '\n';
	o->line_at = NEWS(a, size_t, (size_t)o->nlines);
	int n = 1;
	for (size_t i = 0; i < text.len; i++)
		if (text.at[i] == '\n')
			o->line_at[n++] = i + 1;
}

Str origin_line(const struct origin *o, int line)
{
	if (line < 1 || line > o->nlines)
		return (Str){0};
	size_t from = o->line_at[line - 1];
	return str_sub(o->text, from, line < o->nlines ? o->line_at[line] - 1 : o->text.len);
}

Str origin_content(const struct cmark_node *leaf)
{
	return (Str){(const char *)leaf->content.ptr, (size_t)leaf->content.size};
}

static Str without_end(Str s)
{
	while (s.len && (s.at[s.len - 1] == ' ' || s.at[s.len - 1] == '\t' || s.at[s.len - 1] == '\r'))
		s.len--;
	return s;
}

/* Where a line of content stands in a line of the essay. Nearly always the content is the end of the
 * line; a heading may have closing marks behind it. */
static size_t find_in_line(Str line, Str part)
{
	line = without_end(line);
	part = without_end(part);
	if (str_ends(line, part))
		return line.len - part.len;
	size_t at = str_search(line, part, 0);
	return at < line.len ? at : NOWHERE;
}

static Str line_of_content(Str content, size_t from)
{
	return str_sub(content, from, str_find(content, '\n', from));
}

/* A header row may have lines of a paragraph before it, which cmark then counts to the table: take the
 * line before the delimiter row, which is the one before the first row of the body. */
static int line_of_row(cmark_node *row)
{
	if (!cmark_gfm_extensions_get_table_row_is_header(row))
		return cmark_node_get_start_line(row);
	cmark_node *next = cmark_node_next(row);
	if (next)
		return cmark_node_get_start_line(next) - 2;
	return cmark_node_get_end_line(cmark_node_parent(row)) - 1;
}

static void start_cell(struct origin *o, cmark_node *cell, Str content)
{
	o->line = line_of_row(cmark_node_parent(cell));
	Str line = origin_line(o, o->line);
	/* The cell's column counts from the start of the paragraph the table came from. */
	bool counts = o->line == cmark_node_get_start_line(cell);
	int column = counts ? cmark_node_get_start_column(cell) : 1;
	Str head = str_sub(content, 0, str_find(content, '|', 0));
	size_t at = str_search(line, head, column > 0 ? (size_t)column - 1 : 0);
	if (at == line.len)
		at = str_search(line, head, 0);
	o->column = at < line.len ? at : NOWHERE;
}

/* cmark leaves the start of a paragraph where it was when link definitions are taken from its front, so
 * the first line is looked for; and a paragraph cut off a table has no lines of its own. */
static void start_lines(struct origin *o, cmark_node *leaf, Str content)
{
	cmark_node *bounds = leaf;
	if (!cmark_node_get_start_line(leaf) && cmark_node_next(leaf))
		bounds = cmark_node_next(leaf);
	Str first = line_of_content(content, 0);
	int from = cmark_node_get_start_line(bounds), to = cmark_node_get_end_line(bounds);
	for (o->line = from; o->line <= to; o->line++) {
		o->column = find_in_line(origin_line(o, o->line), first);
		if (o->column != NOWHERE)
			return;
	}
	o->line = from;
	o->column = NOWHERE;
}

static bool is_cell(cmark_node *leaf)
{
	Str type = str_of(cmark_node_get_type_string(leaf));
	return str_eq(type, S("table_cell")) && cmark_node_parent(cmark_node_parent(leaf));
}

Span origin_place(struct origin *o, struct cmark_node *leaf, Str content, size_t offset)
{
	bool cell = is_cell(leaf);
	if (o->leaf != leaf || offset < o->offset) {
		o->leaf = leaf;
		o->offset = 0;
		if (cell)
			start_cell(o, leaf, content);
		else
			start_lines(o, leaf, content);
	}
	for (; o->offset < offset && o->offset < content.len; o->offset++) {
		char c = content.at[o->offset];
		if (c == '\n')
			o->column = find_in_line(origin_line(o, ++o->line), line_of_content(content, o->offset + 1));
		else if (o->column != NOWHERE)
			o->column += cell && c == '|' ? 2 : 1;
	}
	return (Span){o->file, o->line, o->column == NOWHERE ? 1 : (int)o->column + 1};
}
