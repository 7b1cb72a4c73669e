/* Checks between the things of one document. */
#include "check.h"

#include "arena.h"
#include "expand.h"
#include "nearest.h"
#include "origin.h"

Span reference_place(const struct doc *doc, const struct block *block, int line)
{
	Span at = {doc->file, block->body.line + line - 1, 1};
	Str text = origin_line(doc->origin, at.line);
	size_t column = str_search(text, S("<<"), 0);
	if (column < text.len)
		at.col = (int)column + 1;
	return at;
}

static void report_unknown(const struct doc *doc, Str name, Span at, struct arena *a)
{
	struct nearest near = nearest_to(name);
	for (const struct chunk *c = doc->chunks; c && !diag_is_full(); c = c->next)
		if (c->name.len)
			nearest_try(&near, c->name);
	error_at(at, "undefined chunk '%.*s'%.*s", STR_ARG(name), STR_ARG(nearest_hint(&near, a)));
}

static void find_uses(struct doc *doc, struct chunk *chunk, struct arena *a)
{
	struct use **tail = &chunk->uses;
	for (const struct block *b = chunk->blocks; b; b = b->more) {
		Str rest = b->text;
		for (int line = 1; rest.len; line++) {
			Str name, indent;
			if (!is_reference(str_cut(&rest, '\n'), &name, &indent))
				continue;
			Span at = reference_place(doc, b, line);
			struct chunk *to = doc_chunk(doc, name);
			if (!to) {
				report_unknown(doc, name, at, a);
				continue;
			}
			to->used = true;
			*tail = NEW(a, struct use);
			**tail = (struct use){.chunk = to, .at = at};
			tail = &(*tail)->next;
		}
	}
}

void report_cycle(const struct link *links, int n)
{
	enum { SHOWN_MOST = 50 };
	const struct link *last = &links[n - 1];
	error_at(last->at, "chunk '%.*s' uses itself", STR_ARG(last->to->name));
	for (int i = 0; n > 1 && i < n && i < SHOWN_MOST; i++)
		note_at(links[i].at, "'%.*s' uses '%.*s'", STR_ARG(links[i].from->name), STR_ARG(links[i].to->name));
	if (n > SHOWN_MOST)
		note_at(last->at, "the chain has %d uses; the first %d are shown", n, SHOWN_MOST);
}

/* One chunk on the path of the search, and the use it follows. */
struct step {
	struct step *up;
	struct chunk *chunk;
	const struct use *use;
};

/* The end of the path, from where it meets itself. */
static void report_path(const struct step *top, struct arena scratch)
{
	int n = 1;
	for (const struct step *s = top; s->chunk != top->use->chunk; s = s->up)
		n++;
	struct link *links = NEWS(&scratch, struct link, (size_t)n);
	const struct step *s = top;
	for (int i = n - 1; i >= 0; i--, s = s->up)
		links[i] = (struct link){s->chunk, s->use->chunk, s->use->at};
	report_cycle(links, n);
}

/* Follow uses from the top of the path until one leads to a chunk not seen yet; NULL when none does. */
static struct chunk *advance(struct step *top, struct arena scratch)
{
	for (; top->use; top->use = top->use->next) {
		if (top->use->chunk->busy)
			report_path(top, scratch);
		else if (!top->use->chunk->checked)
			return top->use->chunk;
	}
	return NULL;
}

/* Depth first, with the path in memory rather than on the stack: a chain may be as long as the essay.
 * A chunk is entered once, so steps need not be used again. */
static void find_cycles(struct chunk *root, struct arena *scratch)
{
	struct step *top = NULL;
	struct chunk *chunk = root;
	do {
		if (chunk) {
			struct step *step = NEW(scratch, struct step);
			*step = (struct step){.up = top, .chunk = chunk, .use = chunk->uses};
			chunk->busy = true;
			top = step;
		} else {
			top->chunk->busy = false;
			top->chunk->checked = true;
			top = top->up;
		}
		chunk = top ? advance(top, *scratch) : NULL;
	} while (top);
}

static void check_cycles(const struct doc *doc, struct arena scratch)
{
	for (struct chunk *c = doc->chunks; c; c = c->next)
		if (!c->checked)
			find_cycles(c, &scratch);
}

void check_chunks(struct doc *doc, struct arena *a)
{
	for (struct chunk *c = doc->chunks; c; c = c->next)
		find_uses(doc, c, a);
	check_cycles(doc, *a);
}

void check_unused(const struct doc *doc)
{
	for (const struct chunk *c = doc->chunks; c; c = c->next)
		if (c->kind == CHUNK_SHOWN && c->name.len && !c->used)
			warn_at(c->at, "no chunk uses '%.*s'", STR_ARG(c->name));
}

void check_xrefs(const struct doc *doc, struct arena *a)
{
	for (const struct xref *x = doc->xrefs; x; x = x->next) {
		if (doc_anchor(doc, x->id))
			continue;
		struct nearest near = nearest_to(x->id);
		for (const struct anchor *anchor = doc->anchors; anchor && !diag_is_full(); anchor = anchor->next)
			nearest_try(&near, anchor->id);
		error_at(x->at, "unknown id '%.*s'%.*s", STR_ARG(x->id), STR_ARG(nearest_hint(&near, a)));
	}
}
