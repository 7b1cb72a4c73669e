/* The document as text: one line for each thing, in the order of the lists, with its place. */
#include "doc.h"

#include "sweep.h"

static const struct {
	enum chunk_kind kind;
	const char *name;
} kinds[] = {
	{CHUNK_SHOWN, "shown"}, {CHUNK_PROGRAM, "program"}, {CHUNK_FIGURE, "figure"}, {CHUNK_TABLE, "table"},
	{CHUNK_CLAIM, "claim"}, {CHUNK_HELPERS, "helpers"}, {CHUNK_SETUP, "setup"},
};

static const char *kind_name(enum chunk_kind kind)
{
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (kinds[i].kind == kind)
			return kinds[i].name;
	return "?";
}

/* In double quotes, on one line. */
static void quoted(struct buf *out, Str s)
{
	buf_char(out, '"');
	for (size_t i = 0; i < s.len; i++) {
		if (s.at[i] == '\n')
			buf_z(out, "\\n");
		else if (s.at[i] == '"' || s.at[i] == '\\')
			buf_fmt(out, "\\%c", s.at[i]);
		else
			buf_char(out, s.at[i]);
	}
	buf_char(out, '"');
}

static void place(struct buf *out, Span at)
{
	buf_fmt(out, " %d:%d", at.line, at.col);
}

static void field(struct buf *out, const char *name, Str text)
{
	if (!text.len)
		return;
	buf_fmt(out, "%s ", name);
	quoted(out, text);
	buf_char(out, '\n');
}

static void print_front(const struct front *f, struct buf *out)
{
	field(out, "title", f->title);
	field(out, "category", f->category);
	field(out, "summary", f->summary);
	field(out, "date", f->date);
	field(out, "updated", f->updated);
	for (int i = 0; i < f->ntags; i++)
		field(out, "tag", f->tags[i]);
	if (f->minutes)
		buf_fmt(out, "minutes %d\n", f->minutes);
	if (f->draft)
		buf_z(out, "draft\n");
}

static void print_block(const struct block *b, struct buf *out)
{
	int lines = 0;
	for (size_t i = 0; i < b->text.len; i++)
		lines += b->text.at[i] == '\n';
	buf_fmt(out, "%s", b->chunk ? "  block" : "fence");
	place(out, b->at);
	if (!b->chunk && b->language.len)
		buf_fmt(out, " %.*s", STR_ARG(b->language));
	buf_fmt(out, " body %d:%d lines %d%s%s\n", b->body.line, b->body.col, lines,
	        b->hide ? " hide" : "", b->fold ? " fold" : "");
}

static void print_options(const struct options *opts, struct buf *out)
{
	for (int o = 0; o < OPT_COUNT; o++) {
		const struct option_value *v = &opts->value[o];
		if (!v->given)
			continue;
		buf_fmt(out, "  option %s", option_name((enum option)o));
		place(out, v->at);
		if (v->text.len || !v->number) {
			buf_char(out, ' ');
			quoted(out, v->text);
		}
		if (v->number && v->text.len)
			buf_fmt(out, " %ld", v->number);
		buf_char(out, '\n');
	}
}

static void print_chunk(const struct chunk *c, struct buf *out)
{
	buf_fmt(out, "chunk %s", kind_name(c->kind));
	place(out, c->at);
	buf_fmt(out, " %.*s %.*s%s\n", STR_ARG(c->language), STR_ARG(c->name), c->used ? " used" : "");
	print_options(&c->opt, out);
	if (c->sweep)
		buf_fmt(out, "  sweep %d parameters %d points\n", c->sweep->nparams, c->sweep->npoints);
	for (const struct block *b = c->blocks; b; b = b->more)
		print_block(b, out);
	for (const struct use *u = c->uses; u; u = u->next) {
		buf_z(out, "  uses");
		place(out, u->at);
		buf_fmt(out, " %.*s\n", STR_ARG(u->chunk->name));
	}
}

static void print_cite(const struct cite *c, struct buf *out)
{
	buf_z(out, "cite");
	place(out, c->at);
	buf_fmt(out, " %s%.*s", c->no_author ? "-" : "", STR_ARG(c->key));
	if (c->locator.len) {
		buf_char(out, ' ');
		quoted(out, c->locator);
	}
	buf_fmt(out, " group %d%s\n", c->group, c->last_in_group ? " last" : "");
}

static void print_math(const struct math *m, struct buf *out)
{
	buf_z(out, m->display ? "display" : "math");
	place(out, m->at);
	buf_char(out, ' ');
	quoted(out, m->tex);
	if (m->id.len)
		buf_fmt(out, " %.*s %d", STR_ARG(m->id), m->number);
	buf_char(out, '\n');
}

static void print_anchor(const struct anchor *a, struct buf *out)
{
	buf_z(out, "anchor");
	place(out, a->at);
	buf_fmt(out, " %.*s", STR_ARG(a->id));
	if (a->number)
		buf_fmt(out, " %d", a->number);
	buf_char(out, '\n');
}

void doc_print(const struct doc *doc, struct buf *out)
{
	field(out, "essay", doc->name);
	print_front(&doc->front, out);
	for (const struct heading *h = doc->headings; h; h = h->next) {
		buf_fmt(out, "heading %d", h->level);
		place(out, h->at);
		buf_fmt(out, " %.*s ", STR_ARG(h->id));
		quoted(out, h->text);
		buf_char(out, '\n');
	}
	for (const struct chunk *c = doc->chunks; c; c = c->next)
		print_chunk(c, out);
	for (const struct block *b = doc->blocks; b; b = b->next)
		if (!b->chunk)
			print_block(b, out);
	for (const struct inline_lua *l = doc->luas; l; l = l->next) {
		buf_fmt(out, "lua %d", l->index);
		place(out, l->at);
		buf_char(out, ' ');
		quoted(out, l->expr);
		buf_char(out, '\n');
	}
	for (const struct math *m = doc->maths; m; m = m->next)
		print_math(m, out);
	for (const struct cite *c = doc->cites; c; c = c->next)
		print_cite(c, out);
	for (const struct xref *x = doc->xrefs; x; x = x->next) {
		buf_z(out, "xref");
		place(out, x->at);
		buf_fmt(out, " %.*s\n", STR_ARG(x->id));
	}
	for (const struct anchor *a = doc->anchors; a; a = a->next)
		print_anchor(a, out);
}
