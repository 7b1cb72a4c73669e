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
#include "nearest.h"
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

/* ---- What the parts share ---- */

const struct woven_program *find_program(const struct weaver *w, Str name)
{
	for (const struct woven_program *p = w->in->programs; p; p = p->next)
		if (str_eq(p->chunk ? p->chunk->name : p->name, name))
			return p;
	return NULL;
}

Str program_href(struct weaver *w, Str name)
{
	size_t colon = str_find(name, ':', 0);
	Str href = colon == name.len ?
		str_fmt(w->a, "#out-%.*s", STR_ARG(name)) :
		str_fmt(w->a, "%.*s.html#out-%.*s", STR_ARG(str_sub(name, 0, colon)),
		        STR_ARG(str_sub(name, colon + 1, name.len)));
	return html_url(w->a, href);
}

void add_sources(struct weaver *w, const struct sources *from)
{
	for (int i = 0; i < from->n; i++) {
		buf_z(&w->out, i == 0 ? "" : i + 1 < from->n ? ", " : " and ");
		buf_fmt(&w->out, "<a href=\"%.*s\">", STR_ARG(program_href(w, from->name[i])));
		html_text(&w->out, from->name[i]);
		buf_z(&w->out, "</a>");
	}
}

enum evidence evidence_of(const struct weaver *w, const struct sources *from)
{
	enum evidence weakest = EVIDENCE_EXACT;
	for (int i = 0; i < from->n; i++) {
		const struct woven_program *p = find_program(w, from->name[i]);
		enum evidence one = p ? p->evidence : EVIDENCE_NONE;
		if (one < weakest)
			weakest = one;
	}
	return weakest;
}

Str problem_of(const struct weaver *w, const struct chunk *chunk)
{
	if (!w->in->ev)
		return (Str){0};
	for (const struct eval_problem *p = w->in->ev->problems; p; p = p->next)
		if (p->inline_index < 0 && chunk->name.len && str_eq(p->chunk, chunk->name))
			return p->message;
	return (Str){0};
}

void add_fault(struct weaver *w, const char *title, Str name, Str detail)
{
	buf_z(&w->out, "<div class=\"fault\" role=\"note\"><p><b>");
	buf_z(&w->out, title);
	if (name.len) {
		buf_z(&w->out, " <code>");
		html_text(&w->out, name);
		buf_z(&w->out, "</code>");
	}
	buf_z(&w->out, "</b></p>");
	if (detail.len && w->in->draft) {
		buf_z(&w->out, "<pre tabindex=\"0\" role=\"group\" aria-label=\"What went wrong\"><code>");
		html_output(&w->out, detail);
		buf_z(&w->out, "</code></pre>");
	}
	buf_z(&w->out, "</div>\n");
}

int number_of(const struct weaver *w, Str id)
{
	const struct anchor *anchor = doc_anchor(w->in->doc, id);
	return anchor ? anchor->number : 0;
}

/* A formula; as TeX where there is no rendering of it. */
static void add_math(struct weaver *w, Str tex, bool display)
{
	Str html = w->in->math_html ? w->in->math_html(w->in->ctx, tex, display) : (Str){0};
	if (html.len) {
		buf_add(&w->out, html);
		return;
	}
	buf_z(&w->out, "<code class=\"tex\">");
	html_text(&w->out, tex);
	buf_z(&w->out, "</code>");
}

enum inline_kind weave_inline_next(Str *rest, Str *part)
{
	for (size_t i = 0; i < rest->len; i++) {
		char c = rest->at[i];
		if (c != '`' && c != '$')
			continue;
		size_t end = str_find(*rest, c, i + 1);
		if (end == rest->len || end == i + 1)
			continue;
		if (i) {
			*part = str_sub(*rest, 0, i);
			*rest = str_sub(*rest, i, rest->len);
			return INLINE_TEXT;
		}
		*part = str_sub(*rest, 1, end);
		*rest = str_sub(*rest, end + 1, rest->len);
		return c == '`' ? INLINE_CODE : INLINE_MATH;
	}
	*part = *rest;
	*rest = (Str){0};
	return INLINE_TEXT;
}

void add_inline(struct weaver *w, Str text)
{
	while (text.len) {
		Str part;
		switch (weave_inline_next(&text, &part)) {
		case INLINE_TEXT:
			html_prose(&w->out, part);
			break;
		case INLINE_CODE:
			buf_z(&w->out, "<code>");
			html_text(&w->out, part);
			buf_z(&w->out, "</code>");
			break;
		case INLINE_MATH:
			add_math(w, part, false);
			break;
		}
	}
}

/* ---- Citations ---- */

/* A key as part of an id; in a URL's fragment what is not plain is written %XX. */
static Str key_in_url(struct weaver *w, Str key)
{
	struct buf out = buf_new(w->a, key.len);
	for (size_t i = 0; i < key.len; i++)
		if (key.at[i] == '%' || key.at[i] == '#')
			buf_fmt(&out, "%%%02X", (unsigned char)key.at[i]);
		else
			buf_char(&out, key.at[i]);
	return html_url(w->a, buf_str(&out));
}

static struct cited *cite_entry(struct weaver *w, const struct bib_entry *entry)
{
	struct cited *c = w->cited;
	while (c && c->entry != entry)
		c = c->next;
	if (!c) {
		c = NEW(w->a, struct cited);
		*c = (struct cited){.next = w->cited, .entry = entry};
		w->cited = c;
	}
	return c;
}

static void report_unknown_key(const struct weaver *w, Str key, Span at)
{
	struct nearest nearest = nearest_to(key);
	for (const struct bib_entry *e = w->in->bib ? w->in->bib->entries : NULL; e; e = e->next)
		nearest_try(&nearest, e->key);
	Str hint = nearest_hint(&nearest, w->a);
	error_at(at, "no entry '%.*s' in the bibliography%.*s", STR_ARG(key), STR_ARG(hint));
}

/* "p. 7" and "Figure 2" stay on one line. */
static void add_locator(struct weaver *w, Str locator)
{
	while (locator.len) {
		html_prose(&w->out, str_cut(&locator, ' '));
		buf_z(&w->out, locator.len ? "\u00a0" : "");
	}
}

void add_cite(struct weaver *w, Str key, Str locator, bool no_author, Span at)
{
	const struct bib_entry *entry = w->in->bib ? bib_find(w->in->bib, key) : NULL;
	if (!entry) {
		report_unknown_key(w, key, at);
		buf_z(&w->out, "<span class=\"missing\">");
		html_text(&w->out, key);
		buf_z(&w->out, "</span>");
		return;
	}
	struct cited *c = cite_entry(w, entry);
	if (!w->in_link) {
		c->count++;
		buf_z(&w->out, "<a class=\"cite\" id=\"cite-");
		html_text(&w->out, key);
		buf_fmt(&w->out, "-%d\" href=\"#ref-%.*s\">", c->count, STR_ARG(key_in_url(w, key)));
	}
	if (!no_author) {
		html_prose(&w->out, entry->authors);
		buf_char(&w->out, ' ');
	}
	html_prose(&w->out, entry->year);
	if (locator.len) {
		buf_z(&w->out, ", ");
		add_locator(w, locator);
	}
	if (!w->in_link)
		buf_z(&w->out, "</a>");
}

static void enter_cite(struct weaver *w, const struct cite *cite)
{
	if (cite->group != w->cite_group)
		buf_char(&w->out, '(');
	w->cite_group = cite->group;
	add_cite(w, cite->key, cite->locator, cite->no_author, cite->at);
	buf_z(&w->out, cite->last_in_group ? ")" : "; ");
	if (cite->last_in_group)
		w->cite_group = 0;
}

/* ---- Values, formulas, cross references, headings ---- */

static Str inline_problem(const struct weaver *w, int index)
{
	for (const struct eval_problem *p = w->in->ev ? w->in->ev->problems : NULL; p; p = p->next)
		if (p->inline_index == index)
			return p->message;
	return (Str){0};
}

/* A computed value, linked to the output it came from. */
static void enter_value(struct weaver *w, const struct inline_lua *lua)
{
	const struct evaluation *ev = w->in->ev;
	Str problem = inline_problem(w, lua->index);
	w->nwords++;
	if (!ev || lua->index >= ev->nvalues || problem.len) {
		buf_z(&w->out, "<span class=\"missing\" title=\"");
		html_text(&w->out, problem.len && w->in->draft ? problem : lua->expr);
		buf_z(&w->out, problem.len ? "\">failed</span>" : "\">not computed</span>");
		return;
	}
	const struct eval_value *value = &ev->value[lua->index];
	bool link = value->from.n > 0 && !w->in_link;
	if (link)
		buf_fmt(&w->out, "<a class=\"v\" href=\"%.*s\">", STR_ARG(program_href(w, value->from.name[0])));
	buf_z(&w->out, "<data value=\"");
	html_text(&w->out, value->text);
	buf_z(&w->out, "\" title=\"");
	html_text(&w->out, lua->expr);
	buf_z(&w->out, "\">");
	html_prose(&w->out, value->text);
	buf_z(&w->out, link ? "</data></a>" : "</data>");
}

/* A displayed formula is a box that scrolls; a numbered one is a place to link to. */
static void enter_math(struct weaver *w, const struct math *math, bool is_block)
{
	const char *tag = is_block ? "div" : "span";
	if (!math->display) {
		add_math(w, math->tex, false);
		return;
	}
	buf_fmt(&w->out, "<%s class=\"eq\"", tag);
	if (math->id.len)
		buf_fmt(&w->out, " id=\"%.*s\" aria-label=\"Equation %d\"", STR_ARG(math->id), math->number);
	else
		buf_z(&w->out, " aria-label=\"Equation\"");
	buf_z(&w->out, " role=\"group\" tabindex=\"0\">");
	add_math(w, math->tex, true);
	if (math->id.len && w->in_link)
		buf_fmt(&w->out, "<span class=\"no\">(%d)</span>", math->number);
	else if (math->id.len)
		buf_fmt(&w->out, "<a class=\"no\" href=\"#%.*s\">(%d)</a>", STR_ARG(math->id), math->number);
	buf_fmt(&w->out, "</%s>%s", tag, is_block ? "\n" : "");
}

static void add_reference_text(struct weaver *w, const struct anchor *anchor)
{
	const struct chunk *chunk = anchor->chunk;
	if (chunk && chunk->kind == CHUNK_FIGURE) {
		buf_fmt(&w->out, "Figure\u00a0%d", anchor->number);
	} else if (chunk && chunk->kind == CHUNK_TABLE) {
		buf_fmt(&w->out, "Table\u00a0%d", anchor->number);
	} else if (chunk && chunk->kind == CHUNK_CLAIM) {
		const struct eval_claim *claim = w->in->ev ? evaluation_claim(w->in->ev, chunk->name) : NULL;
		Str says = claim ? claim->says : (Str){0};
		if (str_ends(says, S(".")))
			says.len--;
		buf_z(&w->out, "Claim: ");
		add_inline(w, claim ? says : chunk->name);
	} else if (anchor->heading) {
		buf_z(&w->out, "Section “");
		html_prose(&w->out, anchor->heading->text);
		buf_z(&w->out, "”");
	} else {
		buf_fmt(&w->out, "Equation\u00a0%d", anchor->number);
	}
}

static void enter_xref(struct weaver *w, const struct xref *xref)
{
	const struct anchor *anchor = doc_anchor(w->in->doc, xref->id);
	if (!anchor) {
		buf_z(&w->out, "<span class=\"missing\">");
		html_text(&w->out, xref->id);
		buf_z(&w->out, "</span>");
		return;
	}
	w->nwords += 2;
	if (!w->in_link)
		buf_fmt(&w->out, "<a class=\"x\" href=\"#%.*s\">", STR_ARG(xref->id));
	add_reference_text(w, anchor);
	if (!w->in_link)
		buf_z(&w->out, "</a>");
}

/* Ids the page makes itself: of chunks and outputs, notes and references. */
static bool is_page_id(const struct weaver *w, Str id)
{
	static const struct { const char *prefix; bool of_chunk; } made[] = {
		{"chunk-", true}, {"out-", true}, {"note-", false}, {"noteref-", false},
		{"ref-", false}, {"cite-", false}, {"weft-", false},
	};
	for (size_t i = 0; i < sizeof made / sizeof *made; i++) {
		Str prefix = str_of(made[i].prefix);
		if (str_starts(id, prefix))
			return !made[i].of_chunk || doc_chunk(w->in->doc, str_sub(id, prefix.len, id.len));
	}
	return false;
}

static void enter_heading(struct weaver *w, const struct heading *heading)
{
	if (is_page_id(w, heading->id))
		error_at(heading->at, "the page itself has an id '%.*s'; give the heading another, {#sec-…}",
		         STR_ARG(heading->id));
	buf_fmt(&w->out, "<h%d id=\"", heading->level);
	html_text(&w->out, heading->id);
	buf_z(&w->out, "\">");
}

static void flush_notes(struct weaver *w);

static void leave_heading(struct weaver *w, const struct heading *heading)
{
	buf_fmt(&w->out, " <a class=\"a\" href=\"#%.*s\" aria-label=\"Link to this section\">#</a></h%d>\n",
	        STR_ARG(html_url(w->a, heading->id)), heading->level);
	flush_notes(w);
}

/* A node of weft's own. */
static void walk_data(struct weaver *w, const struct node_data *data, cmark_node *node, bool entering)
{
	if (data->kind == NODE_HEADING) {
		if (entering)
			enter_heading(w, data->heading);
		else
			leave_heading(w, data->heading);
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

/* A link's address as it is printed: rewritten by the caller, then checked and escaped. */
static Str href_of(struct weaver *w, cmark_node *node)
{
	Str url = str_of(cmark_node_get_url(node));
	Str rewritten = w->in->link ? w->in->link(w->in->ctx, url) : (Str){0};
	return html_url(w->a, rewritten.len ? rewritten : url);
}

/* Where a node begins. */
static Span place_of(const struct weaver *w, cmark_node *node)
{
	return (Span){w->in->doc->file, cmark_node_get_start_line(node), cmark_node_get_start_column(node)};
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

/* ---- What ends and heads the page ---- */

static void add_references(struct weaver *w)
{
	if (!w->cited)
		return;
	buf_z(&w->out, "<section class=\"sources\">\n<h2 id=\"weft-references\">References</h2>\n<ul class=\"refs\">\n");
	/* The bibliography is sorted, so its order is the list's. */
	for (const struct bib_entry *e = w->in->bib->entries; e; e = e->next) {
		const struct cited *c = w->cited;
		while (c && c->entry != e)
			c = c->next;
		if (!c)
			continue;
		buf_z(&w->out, "<li id=\"ref-");
		html_text(&w->out, e->key);
		buf_fmt(&w->out, "\">%.*s <span class=\"back\">", STR_ARG(e->html));
		for (int i = 1; i <= c->count; i++)
			buf_fmt(&w->out, "%s<a href=\"#cite-%.*s-%d\" aria-label=\"Back to citation %d\">%s</a>",
			        i > 1 ? " " : "", STR_ARG(key_in_url(w, e->key)), i, i,
			        i > 1 ? str_fmt(w->a, "%d", i).at : "↩");
		buf_z(&w->out, "</span></li>\n");
	}
	buf_z(&w->out, "</ul>\n</section>\n");
}

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
