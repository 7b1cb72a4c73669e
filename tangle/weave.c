/* The weaver: a walk over the text's tree that prints HTML.
 *
 * cmark's iterator gives each node on the way in and on the way out, so the walk needs no stack of its
 * own and deep nesting costs nothing. A node that carries user data is weft's (a chunk, a value, a formula,
 * a citation, a cross reference, a heading); any other is plain CommonMark or GFM and is looked up in a
 * table by its type. Raw HTML is not printed. Footnotes become side notes: within a paragraph right where
 * they are called, so that they stand beside their line; elsewhere after the block that calls them. */
#include "weave.h"

#include <string.h>

#include <cmark-gfm.h>
#include <cmark-gfm-core-extensions.h>
#include <cmark-gfm/node.h>

#include "arena.h"
#include "html.h"
#include "weaver.h"

static Str literal_of(cmark_node *node)
{
	return str_of(cmark_node_get_literal(node));
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n';
}

static void count_words(struct weaver *w, Str text)
{
	for (size_t i = 0; i < text.len; i++)
		w->nwords += !is_blank(text.at[i]) && (i == 0 || is_blank(text.at[i - 1]));
}

/* ---- Footnotes ---- */

static void render(struct weaver *w, cmark_node *root);

/* cmark numbers the notes that are called, and moves their definitions to the end of the document. */
static void find_notes(struct weaver *w)
{
	cmark_node *n = cmark_node_first_child(w->in->doc->root);
	for (; n; n = cmark_node_next(n))
		w->nnotes += cmark_node_get_type(n) == CMARK_NODE_FOOTNOTE_DEFINITION;
	w->notes = NEWS(w->a, struct note, (size_t)w->nnotes);
}

/* The note that a reference calls; the reference's literal is its number. */
static struct note *note_of(struct weaver *w, cmark_node *reference)
{
	long number;
	/* The definition is kept in the reference; there is no accessor for it. */
	cmark_node *definition = reference->parent_footnote_def;
	if (!definition || !str_int(literal_of(reference), &number) || number < 1 || number > w->nnotes)
		return NULL;
	w->notes[number - 1].definition = definition;
	w->notes[number - 1].number = (int)number;
	return &w->notes[number - 1];
}

/* Only such a note may stand inside a paragraph. */
static bool is_all_paragraphs(cmark_node *definition)
{
	for (cmark_node *n = cmark_node_first_child(definition); n; n = cmark_node_next(n))
		if (cmark_node_get_type(n) != CMARK_NODE_PARAGRAPH)
			return false;
	return true;
}

static void add_note_inline(struct weaver *w, const struct note *note)
{
	buf_fmt(&w->out, "<span class=\"sn\" id=\"note-%d\" role=\"note\"><b>%d</b> ", note->number, note->number);
	cmark_node *paragraph = cmark_node_first_child(note->definition);
	for (; paragraph; paragraph = cmark_node_next(paragraph)) {
		bool later = cmark_node_previous(paragraph) != NULL;
		buf_z(&w->out, later ? "<span class=\"par\">" : "");
		cmark_node *n = cmark_node_first_child(paragraph);
		for (; n; n = cmark_node_next(n))
			render(w, n);
		buf_z(&w->out, later ? "</span>" : "");
	}
	buf_z(&w->out, "</span>");
}

/* Notes called where no note can stand, after the block. Notes they call in turn join the queue. */
static void flush_notes(struct weaver *w)
{
	if (w->in_note)
		return;
	w->in_note = true;
	for (; w->pending; w->pending = w->pending->next_pending) {
		const struct note *note = w->pending;
		buf_fmt(&w->out, "<aside class=\"sn\" id=\"note-%d\" role=\"note\"><b>%d</b>\n",
		        note->number, note->number);
		cmark_node *n = cmark_node_first_child(note->definition);
		for (; n; n = cmark_node_next(n))
			render(w, n);
		buf_z(&w->out, "</aside>\n");
	}
	w->last_pending = &w->pending;
	w->in_note = false;
}

static void enter_note_reference(struct weaver *w, cmark_node *node)
{
	struct note *note = note_of(w, node);
	if (!note)
		return;
	note->nrefs++;
	if (w->in_link) {
		buf_fmt(&w->out, "<sup class=\"r\">%d</sup>", note->number);
	} else {
		Str again = note->nrefs > 1 ? str_fmt(w->a, "-%d", note->nrefs) : (Str){0};
		buf_fmt(&w->out, "<sup class=\"r\" id=\"noteref-%d%.*s\"><a href=\"#note-%d\" aria-label=\"Note %d\">%d</a></sup>",
		        note->number, STR_ARG(again), note->number, note->number, note->number);
	}
	if (note->nrefs > 1)
		return;
	if (w->in_paragraph && !w->in_link && !w->in_note && is_all_paragraphs(note->definition)) {
		w->in_note = true;
		add_note_inline(w, note);
		w->in_note = false;
		return;
	}
	*w->last_pending = note;
	w->last_pending = &note->next_pending;
}

/* ---- Plain nodes ---- */

static bool is_tight(cmark_node *paragraph)
{
	cmark_node *item = cmark_node_parent(paragraph);
	cmark_node *list = item ? cmark_node_parent(item) : NULL;
	return list && cmark_node_get_type(list) == CMARK_NODE_LIST && cmark_node_get_list_tight(list);
}

static void enter_paragraph(struct weaver *w, cmark_node *node)
{
	w->in_paragraph = true;
	buf_z(&w->out, is_tight(node) ? "" : "<p>");
}

static void leave_paragraph(struct weaver *w, cmark_node *node)
{
	w->in_paragraph = false;
	if (is_tight(node)) {
		/* A nested list begins on a line of its own. */
		buf_z(&w->out, cmark_node_next(node) ? "\n" : "");
		return;
	}
	buf_z(&w->out, "</p>\n");
	flush_notes(w);
}

static void enter_quote(struct weaver *w, cmark_node *node)
{
	(void)node;
	buf_z(&w->out, "<blockquote>\n");
}

static void leave_quote(struct weaver *w, cmark_node *node)
{
	(void)node;
	buf_z(&w->out, "</blockquote>\n");
}

static bool is_ordered(cmark_node *list)
{
	return cmark_node_get_list_type(list) == CMARK_ORDERED_LIST;
}

static void enter_list(struct weaver *w, cmark_node *node)
{
	int start = cmark_node_get_list_start(node);
	if (is_ordered(node) && start != 1)
		buf_fmt(&w->out, "<ol start=\"%d\">\n", start);
	else
		buf_z(&w->out, is_ordered(node) ? "<ol>\n" : "<ul>\n");
}

static void leave_list(struct weaver *w, cmark_node *node)
{
	buf_z(&w->out, is_ordered(node) ? "</ol>\n" : "</ul>\n");
}

static void enter_item(struct weaver *w, cmark_node *node)
{
	if (strcmp(cmark_node_get_type_string(node), "tasklist")) {
		buf_z(&w->out, "<li>");
		return;
	}
	bool checked = cmark_gfm_extensions_get_tasklist_item_checked(node);
	buf_fmt(&w->out, "<li class=\"task\"><input type=\"checkbox\" aria-label=\"%s\" disabled%s> ",
	        checked ? "done" : "to do", checked ? " checked" : "");
}

static void leave_item(struct weaver *w, cmark_node *node)
{
	(void)node;
	flush_notes(w);
	buf_z(&w->out, "</li>\n");
}

static void enter_plain_code(struct weaver *w, cmark_node *node)
{
	buf_z(&w->out, "<figure class=\"code\">");
	add_code(w, literal_of(node), (Str){0});
	buf_z(&w->out, "</figure>\n");
}

static void enter_rule(struct weaver *w, cmark_node *node)
{
	(void)node;
	buf_z(&w->out, "<hr>\n");
}

/* A heading that the document does not know: none, unless the parser's rules change. */
static void enter_plain_heading(struct weaver *w, cmark_node *node)
{
	buf_fmt(&w->out, "<h%d>", cmark_node_get_heading_level(node));
}

static void leave_plain_heading(struct weaver *w, cmark_node *node)
{
	buf_fmt(&w->out, "</h%d>\n", cmark_node_get_heading_level(node));
}

static void enter_table(struct weaver *w, cmark_node *node)
{
	(void)node;
	buf_z(&w->out, "<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"Table\"><table>\n");
}

static void leave_table(struct weaver *w, cmark_node *node)
{
	bool has_body = cmark_node_first_child(node) != cmark_node_last_child(node);
	buf_z(&w->out, has_body ? "</tbody>\n</table></div>\n" : "</table></div>\n");
	flush_notes(w);
}

static void enter_row(struct weaver *w, cmark_node *node)
{
	cmark_node *before = cmark_node_previous(node);
	w->in_head_row = cmark_gfm_extensions_get_table_row_is_header(node);
	w->column = 0;
	if (w->in_head_row)
		buf_z(&w->out, "<thead>\n");
	else if (before && cmark_gfm_extensions_get_table_row_is_header(before))
		buf_z(&w->out, "<tbody>\n");
	buf_z(&w->out, "<tr>");
}

static void leave_row(struct weaver *w, cmark_node *node)
{
	(void)node;
	buf_z(&w->out, w->in_head_row ? "</tr>\n</thead>\n" : "</tr>\n");
}

static void enter_cell(struct weaver *w, cmark_node *node)
{
	cmark_node *table = cmark_node_parent(cmark_node_parent(node));
	const uint8_t *alignments = cmark_gfm_extensions_get_table_alignments(table);
	int ncols = cmark_gfm_extensions_get_table_columns(table);
	char align = alignments && w->column < ncols ? (char)alignments[w->column] : 0;
	const char *name = align == 'r' ? " class=\"right\"" : align == 'c' ? " class=\"center\"" : " class=\"left\"";
	buf_fmt(&w->out, w->in_head_row ? "<th scope=\"col\"%s>" : "<td%s>", name);
	w->column++;
}

static void leave_cell(struct weaver *w, cmark_node *node)
{
	(void)node;
	buf_z(&w->out, w->in_head_row ? "</th>" : "</td>");
}

static void enter_text(struct weaver *w, cmark_node *node)
{
	Str text = literal_of(node);
	count_words(w, text);
	html_prose(&w->out, text);
}

static void enter_soft_break(struct weaver *w, cmark_node *node)
{
	(void)node;
	buf_char(&w->out, '\n');
}

static void enter_line_break(struct weaver *w, cmark_node *node)
{
	(void)node;
	buf_z(&w->out, "<br>\n");
}

static void enter_code(struct weaver *w, cmark_node *node)
{
	count_words(w, literal_of(node));
	buf_z(&w->out, "<code>");
	html_text(&w->out, literal_of(node));
	buf_z(&w->out, "</code>");
}

static void enter_emphasis(struct weaver *w, cmark_node *node)
{
	(void)node;
	buf_z(&w->out, "<em>");
}

static void leave_emphasis(struct weaver *w, cmark_node *node)
{
	(void)node;
	buf_z(&w->out, "</em>");
}

static void enter_strong(struct weaver *w, cmark_node *node)
{
	(void)node;
	buf_z(&w->out, "<strong>");
}

static void leave_strong(struct weaver *w, cmark_node *node)
{
	(void)node;
	buf_z(&w->out, "</strong>");
}

static void enter_strike(struct weaver *w, cmark_node *node)
{
	(void)node;
	buf_z(&w->out, "<del>");
}

static void leave_strike(struct weaver *w, cmark_node *node)
{
	(void)node;
	buf_z(&w->out, "</del>");
}

/* Where a node begins. */
static Span place_of(const struct weaver *w, cmark_node *node)
{
	return (Span){w->in->doc->file, cmark_node_get_start_line(node), cmark_node_get_start_column(node)};
}

/* A link's address as it is printed: rewritten by the caller, then checked and escaped. */
static Str href_of(struct weaver *w, cmark_node *node)
{
	Str url = str_of(cmark_node_get_url(node));
	Str rewritten = w->in->link ? w->in->link(w->in->ctx, url, place_of(w, node)) : (Str){0};
	return html_url(w->a, rewritten.len ? rewritten : url);
}

/* "#x" must be a place of this page. */
static void check_fragment(const struct weaver *w, cmark_node *node)
{
	Str url = str_of(cmark_node_get_url(node));
	if (!str_starts(url, S("#")) || url.len == 1)
		return;
	Str id = str_sub(url, 1, url.len);
	if (!doc_anchor(w->in->doc, id) && !is_page_id(w, id))
		error_at(place_of(w, node), "no place '%.*s' in this essay", STR_ARG(url));
}

static void enter_link(struct weaver *w, cmark_node *node)
{
	Str href = href_of(w, node);
	Str title = str_of(cmark_node_get_title(node));
	check_fragment(w, node);
	w->in_link = href.len > 0;
	if (!href.len)
		return;
	buf_fmt(&w->out, "<a href=\"%.*s\"", STR_ARG(href));
	if (title.len) {
		buf_z(&w->out, " title=\"");
		html_prose(&w->out, title);
		buf_char(&w->out, '"');
	}
	buf_char(&w->out, '>');
}

static void leave_link(struct weaver *w, cmark_node *node)
{
	(void)node;
	buf_z(&w->out, w->in_link ? "</a>" : "");
	w->in_link = false;
}

/* The plain text of a subtree: what an image is called. */
static Str text_of(struct weaver *w, cmark_node *root)
{
	struct buf text = buf_new(w->a, 64);
	cmark_iter *it = cmark_iter_new(root);
	for (cmark_event_type ev; (ev = cmark_iter_next(it)) != CMARK_EVENT_DONE; ) {
		cmark_node *node = cmark_iter_get_node(it);
		cmark_node_type type = cmark_node_get_type(node);
		if (ev != CMARK_EVENT_ENTER)
			continue;
		if (type == CMARK_NODE_TEXT || type == CMARK_NODE_CODE)
			buf_add(&text, literal_of(node));
		else if (type == CMARK_NODE_SOFTBREAK || type == CMARK_NODE_LINEBREAK)
			buf_char(&text, ' ');
	}
	cmark_iter_free(it);
	return buf_str(&text);
}

/* A page asks no one else for its images. */
static bool is_local(Str href)
{
	size_t colon = str_find(href, ':', 0), slash = str_find(href, '/', 0);
	return href.len && slash > 0 && (colon == href.len || colon > slash);
}

static void enter_image(struct weaver *w, cmark_node *node)
{
	Str href = href_of(w, node), alt = text_of(w, node);
	if (!is_local(href)) {
		error_at(place_of(w, node), "an image must be a file of the site, not '%s'", cmark_node_get_url(node));
		html_prose(&w->out, alt);
		return;
	}
	buf_fmt(&w->out, "<img src=\"%.*s\" alt=\"", STR_ARG(href));
	html_prose(&w->out, alt);
	buf_z(&w->out, "\" loading=\"lazy\">");
}

/* How each type of node is printed. Extensions number their types as they are loaded, so theirs are found
 * by name. A node without children has no way out; one that is not here prints nothing of its own. */
static const struct renderer {
	int type;
	const char *name;
	void (*enter)(struct weaver *w, cmark_node *node);
	void (*leave)(struct weaver *w, cmark_node *node);
	bool is_leaf;           /* what is below it is not walked */
} renderers[] = {
	{CMARK_NODE_TEXT,                NULL, enter_text,           NULL,                false},
	{CMARK_NODE_PARAGRAPH,           NULL, enter_paragraph,      leave_paragraph,     false},
	{CMARK_NODE_SOFTBREAK,           NULL, enter_soft_break,     NULL,                false},
	{CMARK_NODE_LINEBREAK,           NULL, enter_line_break,     NULL,                false},
	{CMARK_NODE_CODE,                NULL, enter_code,           NULL,                false},
	{CMARK_NODE_EMPH,                NULL, enter_emphasis,       leave_emphasis,      false},
	{CMARK_NODE_STRONG,              NULL, enter_strong,         leave_strong,        false},
	{CMARK_NODE_LINK,                NULL, enter_link,           leave_link,          false},
	{CMARK_NODE_IMAGE,               NULL, enter_image,          NULL,                true},
	{CMARK_NODE_FOOTNOTE_REFERENCE,  NULL, enter_note_reference, NULL,                true},
	{CMARK_NODE_BLOCK_QUOTE,         NULL, enter_quote,          leave_quote,         false},
	{CMARK_NODE_LIST,                NULL, enter_list,           leave_list,          false},
	{CMARK_NODE_ITEM,                NULL, enter_item,           leave_item,          false},
	{CMARK_NODE_CODE_BLOCK,          NULL, enter_plain_code,     NULL,                false},
	{CMARK_NODE_HEADING,             NULL, enter_plain_heading,  leave_plain_heading, false},
	{CMARK_NODE_THEMATIC_BREAK,      NULL, enter_rule,           NULL,                false},
	{CMARK_NODE_FOOTNOTE_DEFINITION, NULL, NULL,                 NULL,                true},
	{0, "table",         enter_table,  leave_table,  false},
	{0, "table_header",  enter_row,    leave_row,    false},
	{0, "table_row",     enter_row,    leave_row,    false},
	{0, "table_cell",    enter_cell,   leave_cell,   false},
	{0, "strikethrough", enter_strike, leave_strike, false},
};

static const struct renderer *renderer_of(cmark_node *node)
{
	int type = (int)cmark_node_get_type(node);
	const char *name = cmark_node_get_type_string(node);
	for (size_t i = 0; i < sizeof renderers / sizeof *renderers; i++)
		if (renderers[i].name ? !strcmp(renderers[i].name, name) : renderers[i].type == type)
			return &renderers[i];
	return NULL;
}

/* A node of weft's own. */
static void walk_data(struct weaver *w, const struct node_data *data, cmark_node *node, bool entering)
{
	if (data->kind == NODE_HEADING) {
		if (entering) {
			enter_heading(w, data->heading);
		} else {
			leave_heading(w, data->heading);
			flush_notes(w);
		}
		return;
	}
	if (!entering)
		return;
	switch (data->kind) {
	case NODE_BLOCK:
		add_block(w, data->block);
		break;
	case NODE_LUA:
		enter_value(w, data->lua);
		break;
	case NODE_MATH:
		enter_math(w, data->math, cmark_node_get_type(node) == CMARK_NODE_CODE_BLOCK);
		break;
	case NODE_CITE:
		enter_cite(w, data->cite);
		break;
	case NODE_XREF:
		enter_xref(w, data->xref);
		break;
	case NODE_HEADING:
		break;
	}
}

static void render(struct weaver *w, cmark_node *root)
{
	cmark_iter *it = cmark_iter_new(root);
	for (cmark_event_type ev; (ev = cmark_iter_next(it)) != CMARK_EVENT_DONE; ) {
		cmark_node *node = cmark_iter_get_node(it);
		const struct node_data *data = cmark_node_get_user_data(node);
		bool entering = ev == CMARK_EVENT_ENTER;
		if (data) {
			walk_data(w, data, node, entering);
			continue;
		}
		const struct renderer *r = renderer_of(node);
		if (!r)
			continue;
		if (entering && r->enter)
			r->enter(w, node);
		else if (!entering && r->leave)
			r->leave(w, node);
		if (entering && r->is_leaf && cmark_node_first_child(node))
			cmark_iter_reset(it, node, CMARK_EVENT_EXIT);
	}
	cmark_iter_free(it);
}

/* ---- The whole page ---- */

static Str toc_of(struct weaver *w)
{
	struct buf toc = buf_new(w->a, 512);
	buf_z(&toc, "<ol>\n");
	for (const struct heading *h = w->in->doc->headings; h; h = h->next) {
		if (h->level != 2)
			continue;
		buf_fmt(&toc, "<li><a href=\"#%.*s\">", STR_ARG(html_url(w->a, h->id)));
		html_prose(&toc, h->text);
		buf_z(&toc, "</a></li>\n");
	}
	if (w->nlinks)
		buf_z(&toc, "<li><a href=\"#weft-chunks\">Code on this page</a></li>\n");
	if (w->cited)
		buf_z(&toc, "<li><a href=\"#weft-references\">References</a></li>\n");
	buf_z(&toc, "</ol>\n");
	return buf_str(&toc);
}

/* Minutes: 230 words, 20 lines of code, 6 figures each take one; in whole units of 1/1380. */
static int minutes_of(const struct weaver *w)
{
	return (w->nwords * 6 + w->nlines * 69 + w->woven.nfigures * 230 + 1379) / 1380;
}

struct woven weave(const struct weave *in, struct arena *a)
{
	struct weaver w = {.in = in, .a = a, .out = buf_new(a, 2 * in->doc->file->text.len)};
	w.last_pending = &w.pending;
	find_links(&w);
	find_notes(&w);
	render(&w, in->doc->root);
	add_chunk_index(&w);
	add_references(&w);
	w.woven.body = buf_str(&w.out);
	w.woven.toc = toc_of(&w);
	w.woven.minutes = minutes_of(&w);
	return w.woven;
}
