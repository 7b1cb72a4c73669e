/* What is weft's own within the text (values, formulas, citations, cross references, headings), and what
 * the weaver's parts have in common. */
#include "weaver.h"

#include "arena.h"
#include "html.h"
#include "nearest.h"

/* ---- What the parts share ---- */

const struct woven_program *find_program(const struct weaver *w, Str name)
{
	for (const struct woven_program *p = w->in->programs; p; p = p->next)
		if (str_eq(p->chunk ? p->chunk->name : p->name, name))
			return p;
	return NULL;
}

/* Static facts stand with their program. */
static Str program_of(Str name, bool *facts)
{
	*facts = str_ends(name, S(".static"));
	return *facts ? str_sub(name, 0, name.len - S(".static").len) : name;
}

Str program_href(struct weaver *w, Str name)
{
	bool facts;
	name = program_of(name, &facts);
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
		bool facts;
		html_text(&w->out, program_of(from->name[i], &facts));
		buf_z(&w->out, facts ? " (static facts)</a>" : "</a>");
	}
}

Str stale_of(const struct weaver *w, Str program)
{
	const struct woven_program *p = find_program(w, program);
	return p ? p->stale : (Str){0};
}

void add_ribbon(struct weaver *w, Str reason, Str program)
{
	bool facts;
	if (!reason.len)
		return;
	buf_z(&w->out, "<p class=\"ribbon\" role=\"note\"><b>Stale:</b> ");
	if (program.len) {
		buf_fmt(&w->out, "<a href=\"%.*s\">", STR_ARG(program_href(w, program)));
		html_text(&w->out, program_of(program, &facts));
		buf_z(&w->out, "</a>: ");
	}
	html_prose(&w->out, reason);
	buf_z(&w->out, ".</p>\n");
}

void add_ribbon_of(struct weaver *w, const struct sources *from)
{
	for (int i = 0; i < from->n; i++) {
		Str reason = stale_of(w, from->name[i]);
		if (reason.len) {
			add_ribbon(w, reason, from->name[i]);
			return;
		}
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

void enter_cite(struct weaver *w, const struct cite *cite)
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
void enter_value(struct weaver *w, const struct inline_lua *lua)
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
void enter_math(struct weaver *w, const struct math *math, bool is_block)
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

void enter_xref(struct weaver *w, const struct xref *xref)
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
bool is_page_id(const struct weaver *w, Str id)
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

void enter_heading(struct weaver *w, const struct heading *heading)
{
	if (is_page_id(w, heading->id))
		error_at(heading->at, "the page itself has an id '%.*s'; give the heading another, {#sec-…}",
		         STR_ARG(heading->id));
	buf_fmt(&w->out, "<h%d id=\"", heading->level);
	html_text(&w->out, heading->id);
	buf_z(&w->out, "\">");
}

void leave_heading(struct weaver *w, const struct heading *heading)
{
	buf_fmt(&w->out, " <a class=\"a\" href=\"#%.*s\" aria-label=\"Link to this section\">#</a></h%d>\n",
	        STR_ARG(html_url(w->a, heading->id)), heading->level);
}

/* ---- The list of references ---- */

void add_references(struct weaver *w)
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
