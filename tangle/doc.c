/* An essay as data: one walk over cmark's tree collects what the rest of the compiler asks for. */
#include "doc.h"

#include <cmark-gfm.h>
#include <cmark-gfm-extension_api.h>

#include "arena.h"
#include "check.h"
#include "chunk.h"
#include "front.h"
#include "html.h"
#include "info.h"
#include "mark.h"
#include "utf8.h"

enum { ESSAY_MOST = 16 << 20 };

/* The walk: where it is, and the tails of the document's lists. */
struct walk {
	struct doc *doc;
	struct origin *origin;
	struct arena *arena;
	cmark_node *leaf;       /* the paragraph, heading or cell whose inlines are met */
	size_t lua_from;        /* where in its content the next `{lua}` is looked for */
	int equations;
	struct block **block;
	struct chunk **chunk;
	struct inline_lua **lua;
	struct math **math;
	struct cite **cite;
	struct xref **xref;
	struct heading **heading;
	struct anchor **anchor;
};

/* The text as cmark may see it, with the lines and columns of the file: each CR LF a LF, and what is
 * no UTF-8 or a control that has no place in text, U+FFFD, the first of each kind reported. The head
 * becomes empty lines. */
static Str clean(const struct file *file, size_t head, struct arena *a)
{
	struct buf out = buf_new(a, file->text.len);
	bool bad_utf8 = false, bad_nul = false, bad_cr = false;
	for (size_t i = 0; i < file->text.len; ) {
		size_t from = i;
		uint32_t code = utf8_next(file->text, &i);
		if (code == '\n') {
			buf_char(&out, '\n');
			continue;
		}
		bool cr = code == '\r', crlf = cr && i < file->text.len && file->text.at[i] == '\n';
		if (crlf || (from < head && code && code != 0xfffd))
			continue;
		bool invalid = code == 0xfffd && i - from == 1;
		bool *told = invalid ? &bad_utf8 : !code ? &bad_nul : cr ? &bad_cr : NULL;
		if (told && !*told) {
			*told = true;
			error_at(span_of_offset(file, from), invalid ? "the text is not UTF-8 from here" : cr ?
			         "a carriage return without a line feed" : "the text has a NUL byte");
		}
		if (from < head)
			continue;
		if (told)
			buf_z(&out, cr ? " " : "\xef\xbf\xbd");
		else
			buf_add(&out, str_sub(file->text, from, i));
	}
	return buf_str(&out);
}

/* "essays/heat.md" is "heat". */
static Str name_of(Str path)
{
	for (size_t i = path.len; i; i--)
		if (path.at[i - 1] == '/') {
			path = str_sub(path, i, path.len);
			break;
		}
	return str_ends(path, S(".md")) ? str_sub(path, 0, path.len - 3) : path;
}

static struct node_data *data_of(struct walk *w, cmark_node *node, enum node_kind kind)
{
	struct node_data *data = NEW(w->arena, struct node_data);
	data->kind = kind;
	cmark_node_set_user_data(node, data);
	return data;
}

/* Enter an id; its place in the list is that of the text. */
static struct anchor *add_anchor(struct walk *w, struct anchor fields)
{
	struct anchor *anchor = NEW(w->arena, struct anchor);
	*anchor = fields;
	if (!anchor_add(w->doc, anchor, w->arena))
		return NULL;
	*w->anchor = anchor;
	w->anchor = &anchor->next;
	return anchor;
}

/* ---- fenced code ---- */

static size_t run_of(Str s, size_t i, char c)
{
	size_t n = 0;
	while (i + n < s.len && s.at[i + n] == c)
		n++;
	return n;
}

/* Does the block's last line close it? cmark also ends a block where its container or the text ends. */
static bool is_closed(const struct walk *w, cmark_node *node, size_t fence, char c)
{
	int last = cmark_node_get_end_line(node);
	Str line = str_trim(origin_line(w->origin, last));
	size_t n = 0;
	while (n < line.len && line.at[line.len - 1 - n] == c)
		n++;
	return last > cmark_node_get_start_line(node) && n >= fence;
}

static void take_block(struct walk *w, cmark_node *node)
{
	int fence, offset;
	char c;
	if (!cmark_node_get_fenced(node, &fence, &offset, &c))
		return;
	struct doc *doc = w->doc;
	struct block *block = NEW(w->arena, struct block);
	int line = cmark_node_get_start_line(node), column = cmark_node_get_start_column(node);
	block->node = node;
	block->at = (Span){doc->file, line, column};
	block->body = (Span){doc->file, line + 1, 1};
	block->text = str_copy(w->arena, str_of(cmark_node_get_literal(node)));
	data_of(w, node, NODE_BLOCK)->block = block;
	*w->block = block;
	w->block = &block->next;
	Str text = origin_line(w->origin, line);
	size_t marks = run_of(text, (size_t)column - 1, c);
	if (!is_closed(w, node, marks, c))
		error_at(block->at, "the block that begins here has no closing '%.*s'", (int)(marks < 9 ? marks : 9),
		         c == '`' ? "`````````" : "~~~~~~~~~");
	size_t info = (size_t)column - 1 + marks;
	Span at = {doc->file, line, (int)info + 1};
	chunk_take(doc, block, str_sub(text, info, text.len), at, w->arena);
	if (!block->chunk || block->index > 1)
		return;
	*w->chunk = block->chunk;
	w->chunk = &block->chunk->next;
	struct anchor *anchor = (struct anchor *)doc_anchor(doc, block->chunk->name);
	if (!anchor || anchor->chunk != block->chunk)
		return;
	*w->anchor = anchor;
	w->anchor = &anchor->next;
}

/* ---- inlines ---- */

static Str leaf_content(const struct walk *w)
{
	return w->leaf ? origin_content(w->leaf) : (Str){0};
}

/* Does a code span's text stand at the head of `content`? cmark has made its line ends blanks. */
static bool reads_as(Str content, Str code)
{
	if (content.len < code.len)
		return false;
	for (size_t i = 0; i < code.len; i++)
		if (content.at[i] != code.at[i] && !(code.at[i] == ' ' && content.at[i] == '\n'))
			return false;
	return true;
}

/* `{lua} expr`: cmark does not say where a code span begins, so it is looked for, in order. */
static void take_code(struct walk *w, cmark_node *node)
{
	Str code = str_of(cmark_node_get_literal(node));
	if (!str_starts(code, S("{lua}")))
		return;
	Str content = leaf_content(w);
	size_t from = str_search(content, S("{lua}"), w->lua_from);
	while (from < content.len && !reads_as(str_sub(content, from, content.len), code))
		from = str_search(content, S("{lua}"), from + 1);
	w->lua_from = from + code.len;
	size_t lead = 5;
	while (lead < code.len && (code.at[lead] == ' ' || code.at[lead] == '\t'))
		lead++;
	Span at = w->leaf ? origin_place(w->origin, w->leaf, content, from + lead) : (Span){w->doc->file, 0, 0};
	struct inline_lua *lua = NEW(w->arena, struct inline_lua);
	lua->expr = str_copy(w->arena, str_trim(str_sub(code, lead, code.len)));
	lua->at = at;
	lua->index = w->doc->nluas++;
	lua->node = node;
	data_of(w, node, NODE_LUA)->lua = lua;
	*w->lua = lua;
	w->lua = &lua->next;
	if (!lua->expr.len)
		error_at(at, "`{lua}` has no expression");
}

static void take_math(struct walk *w, struct math *math, cmark_node *node)
{
	math->node = node;
	*w->math = math;
	w->math = &math->next;
	if (!math->id.len)
		return;
	struct anchor *anchor = add_anchor(w, (struct anchor){.id = math->id, .at = math->at_id});
	math->number = ++w->equations;
	if (anchor)
		anchor->number = math->number;
}

/* What mark_parse() found. */
static void take_marked(struct walk *w, struct node_data *data, cmark_node *node)
{
	switch (data->kind) {
	case NODE_MATH:
		take_math(w, data->math, node);
		break;
	case NODE_CITE:
		data->cite->node = node;
		*w->cite = data->cite;
		w->cite = &data->cite->next;
		break;
	case NODE_XREF:
		data->xref->node = node;
		*w->xref = data->xref;
		w->xref = &data->xref->next;
		break;
	case NODE_BLOCK:
	case NODE_LUA:
	case NODE_HEADING:
		break;
	}
}

/* ---- headings ---- */

static Str plain_text(cmark_node *heading, struct arena *a)
{
	struct buf out = buf_new(a, 0);
	cmark_iter *it = cmark_iter_new(heading);
	for (cmark_event_type ev; (ev = cmark_iter_next(it)) != CMARK_EVENT_DONE; ) {
		cmark_node *node = cmark_iter_get_node(it);
		cmark_node_type type = cmark_node_get_type(node);
		if (ev != CMARK_EVENT_ENTER)
			continue;
		if (type == CMARK_NODE_TEXT || type == CMARK_NODE_CODE)
			buf_z(&out, cmark_node_get_literal(node));
		else if (type == CMARK_NODE_SOFTBREAK || type == CMARK_NODE_LINEBREAK)
			buf_char(&out, ' ');
	}
	cmark_iter_free(it);
	return str_trim(buf_str(&out));
}

/* Take "{#sec-x}" off the end of a heading. The raw content tells whether it is escaped. */
static void take_heading_id(struct walk *w, struct heading *heading, cmark_node *node)
{
	cmark_node *last = cmark_node_last_child(node);
	Str content = str_trim(leaf_content(w));
	if (!last || cmark_node_get_type(last) != CMARK_NODE_TEXT || !str_ends(content, S("}")))
		return;
	size_t brace = content.len;
	while (brace && content.at[brace - 1] != '{')
		brace--;
	if (!brace-- || !str_starts(str_sub(content, brace, content.len), S("{#")))
		return;
	Str id = str_copy(w->arena, str_sub(content, brace, content.len)), text = str_of(cmark_node_get_literal(last));
	if ((brace && content.at[brace - 1] == '\\') || !str_ends(text, id))
		return;
	Span at = origin_place(w->origin, node, leaf_content(w), brace);
	struct info info;
	size_t len;
	if (!info_braces(id, at, &info, &len, w->arena))
		return;
	const struct info_item *item = info.items;
	if (item->next)
		error_at(item->next->at, "a heading takes an id alone, as {#sec-x}");
	else if (!str_starts(item->name, S("sec-")) || item->name.len == 4)
		error_at(item->at, "a heading's id begins with 'sec-', not '%.*s'", STR_ARG(item->name));
	else if (add_anchor(w, (struct anchor){.id = item->name, .at = item->at, .heading = heading}))
		heading->id = item->name;
	Str rest = str_sub(text, 0, text.len - id.len);
	while (rest.len && rest.at[rest.len - 1] == ' ')
		rest.len--;
	cmark_node_set_literal(last, str_z(w->arena, rest));
	if (!rest.len)
		cmark_node_free(last);
}

/* At the heading's end, since its last child may go. */
static void take_heading(struct walk *w, cmark_node *node)
{
	struct heading *heading = NEW(w->arena, struct heading);
	heading->node = node;
	heading->level = cmark_node_get_heading_level(node);
	heading->at = (Span){w->doc->file, cmark_node_get_start_line(node), cmark_node_get_start_column(node)};
	if (heading->level == 1)
		error_at(heading->at, "a heading of level 1; the title is the head's, headings of the text begin at '##'");
	take_heading_id(w, heading, node);
	heading->text = plain_text(node, w->arena);
	data_of(w, node, NODE_HEADING)->heading = heading;
	*w->heading = heading;
	w->heading = &heading->next;
}

/* Headings without an id get a slug, once all given ids are known. */
static void add_slugs(struct walk *w)
{
	for (struct heading *h = w->doc->headings; h; h = h->next) {
		if (h->id.len)
			continue;
		Str slug = html_slug(w->arena, h->text);
		struct anchor *first = (struct anchor *)doc_anchor(w->doc, slug);
		h->id = slug;
		while (doc_anchor(w->doc, h->id))
			h->id = str_fmt(w->arena, "%.*s-%d", STR_ARG(slug), 1 + ++first->copies);
		add_anchor(w, (struct anchor){.id = h->id, .at = h->at, .heading = h});
	}
}

/* ---- the whole ---- */

static bool holds_inlines(cmark_node *node)
{
	cmark_node_type type = cmark_node_get_type(node);
	return type == CMARK_NODE_PARAGRAPH || type == CMARK_NODE_HEADING ||
	       str_eq(str_of(cmark_node_get_type_string(node)), S("table_cell"));
}

static void walk_tree(struct walk *w)
{
	cmark_iter *it = cmark_iter_new(w->doc->root);
	for (cmark_event_type ev; (ev = cmark_iter_next(it)) != CMARK_EVENT_DONE; ) {
		cmark_node *node = cmark_iter_get_node(it);
		cmark_node_type type = cmark_node_get_type(node);
		if (ev == CMARK_EVENT_EXIT) {
			if (type == CMARK_NODE_HEADING)
				take_heading(w, node);
			continue;
		}
		if (holds_inlines(node)) {
			w->leaf = node;
			w->lua_from = 0;
		}
		if (cmark_node_get_user_data(node))
			take_marked(w, cmark_node_get_user_data(node), node);
		else if (type == CMARK_NODE_CODE_BLOCK)
			take_block(w, node);
		else if (type == CMARK_NODE_CODE)
			take_code(w, node);
	}
	cmark_iter_free(it);
}

/* Figures, tables and sections count for themselves, in the order of the text. */
static void number(struct doc *doc)
{
	int figures = 0, tables = 0, sections = 0;
	for (struct chunk *c = doc->chunks; c; c = c->next) {
		struct anchor *anchor = (struct anchor *)doc_anchor(doc, c->name);
		if (!anchor || anchor->chunk != c)
			continue;
		if (c->kind == CHUNK_FIGURE)
			anchor->number = ++figures;
		else if (c->kind == CHUNK_TABLE)
			anchor->number = ++tables;
	}
	for (struct heading *h = doc->headings; h; h = h->next)
		if (h->level == 2)
			((struct anchor *)doc_anchor(doc, h->id))->number = ++sections;
}

struct doc *doc_parse(const struct file *file, struct arena *a)
{
	int before = diag_errors;
	struct doc *doc = NEW(a, struct doc);
	doc->file = file;
	doc->name = name_of(file->path);
	doc->origin = NEW(a, struct origin);
	Str text = {0};
	if (file->text.len > ESSAY_MOST) {
		error_at((Span){file, 0, 0}, "an essay has at most %d bytes, this one %zu", ESSAY_MOST, file->text.len);
	} else {
		Str yaml;
		size_t head = front_extent(file, file->text, &yaml);
		if (!head)
			error_at((Span){file, 1, 1}, "an essay begins with its head: a line '---', then 'title: …'");
		else if (yaml.at)
			front_parse(file, yaml, &doc->front, a);
		text = clean(file, head, a);
	}
	doc->root = mark_parse(file, text, CMARK_OPT_DEFAULT | CMARK_OPT_FOOTNOTES, &doc->parser, doc->origin, a);
	struct walk w = {
		.doc = doc, .origin = doc->origin, .arena = a,
		.block = &doc->blocks, .chunk = &doc->chunks, .lua = &doc->luas, .math = &doc->maths,
		.cite = &doc->cites, .xref = &doc->xrefs, .heading = &doc->headings, .anchor = &doc->anchors,
	};
	walk_tree(&w);
	add_slugs(&w);
	number(doc);
	check_chunks(doc, a);
	check_xrefs(doc, a);
	if (diag_errors == before)
		check_unused(doc);
	return doc;
}

void doc_close(struct doc *doc)
{
	mark_free(doc->root, doc->parser);
	doc->root = NULL;
	doc->parser = NULL;
}
