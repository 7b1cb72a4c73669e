/* Listings, what programs printed, and the index of chunks. */
#include "weaver.h"

#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "expand.h"
#include "highlight.h"
#include "tsv.h"
#include "html.h"

/* ---- Which chunk refers to which ---- */

static int by_name(const void *left, const void *right)
{
	const struct chunk_links *l = left, *r = right;
	return str_cmp(l->chunk->name, r->chunk->name);
}

static struct chunk_links *links_of(const struct weaver *w, Str name)
{
	int from = 0, to = w->nlinks;
	while (from < to) {
		int middle = from + (to - from) / 2;
		int order = str_cmp(name, w->links[middle].chunk->name);
		if (!order)
			return &w->links[middle];
		if (order < 0)
			to = middle;
		else
			from = middle + 1;
	}
	return NULL;
}

/* Note that `from` refers to `to`. Chunks are gone through in order, so a reference noted before is the last. */
static void add_reference(struct chunk_links *from, struct chunk_links *to, struct arena *a)
{
	if (to->last_used_in && to->last_used_in->other == from->chunk)
		return;
	struct edge *use = NEW(a, struct edge), *used_in = NEW(a, struct edge);
	use->other = to->chunk;
	used_in->other = from->chunk;
	*(from->last_use ? &from->last_use->next : &from->uses) = use;
	*(to->last_used_in ? &to->last_used_in->next : &to->used_in) = used_in;
	from->last_use = use;
	to->last_used_in = used_in;
}

static bool is_code(const struct chunk *chunk)
{
	return chunk->name.len && (chunk->kind == CHUNK_SHOWN || chunk->kind == CHUNK_PROGRAM);
}

void find_links(struct weaver *w)
{
	int n = 0;
	for (const struct chunk *c = w->in->doc->chunks; c; c = c->next)
		n += is_code(c);
	w->links = NEWS(w->a, struct chunk_links, (size_t)n);
	for (const struct chunk *c = w->in->doc->chunks; c; c = c->next)
		if (is_code(c))
			w->links[w->nlinks++].chunk = c;
	if (n)
		qsort(w->links, (size_t)n, sizeof *w->links, by_name);
	for (const struct chunk *c = w->in->doc->chunks; c; c = c->next) {
		struct chunk_links *from = c->name.len ? links_of(w, c->name) : NULL;
		for (const struct block *b = c->blocks; from && b; b = b->more)
			for (Str rest = b->text; rest.len; ) {
				Str name, indent, line = str_cut(&rest, '\n');
				struct chunk_links *to = is_reference(line, &name, &indent) ? links_of(w, name) : NULL;
				if (to)
					add_reference(from, to, w->a);
			}
	}
}

/* ---- Listings ---- */

static int count_lines(Str text)
{
	int n = 0;
	for (size_t i = 0; i < text.len; i = str_find(text, '\n', i) + 1)
		n++;
	return n;
}

/* What a language is called on the page. */
static Str language_name(Str language)
{
	static const struct { const char *word, *name; } known[] = {
		{"c", "C"}, {"cpp", "C++"}, {"cuda", "CUDA"}, {"lua", "Lua"}, {"sh", "Shell"},
		{"python", "Python"}, {"rust", "Rust"}, {"make", "Make"}, {"asm", "Assembly"},
		{"ptx", "PTX"}, {"sass", "SASS"}, {"json", "JSON"}, {"html", "HTML"}, {"css", "CSS"},
		{"tex", "TeX"}, {"bibtex", "BibTeX"}, {"diff", "Changes"},
	};
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (str_eq(language, str_of(known[i].word)))
			return str_of(known[i].name);
	return language;
}

static const struct block *first_listed(const struct chunk *chunk)
{
	const struct block *b = chunk->blocks;
	while (b && b->hide)
		b = b->more;
	return b;
}

bool is_listed(const struct chunk *chunk)
{
	return first_listed(chunk) != NULL;
}

/* A block's id. The chunk's own is that of its first block on the page; names have no dots. */
static Str block_id(struct weaver *w, const struct block *block)
{
	Str name = block->chunk->name;
	if (block == first_listed(block->chunk))
		return str_fmt(w->a, "chunk-%.*s", STR_ARG(name));
	return str_fmt(w->a, "chunk-%.*s.%d", STR_ARG(name), block->index);
}

static void add_chunk_link(struct weaver *w, const struct chunk *chunk)
{
	buf_fmt(&w->out, "<a href=\"#chunk-%.*s\">⟨%.*s⟩</a>", STR_ARG(chunk->name), STR_ARG(chunk->name));
}

static void begin_pre(struct weaver *w, const char *what, Str name)
{
	buf_fmt(&w->out, "<pre tabindex=\"0\" role=\"group\" aria-label=\"%s", what);
	if (name.len)
		buf_z(&w->out, " ");
	html_text(&w->out, name);
	buf_z(&w->out, "\"><code>");
}

static void end_pre(struct weaver *w)
{
	buf_z(&w->out, "</code></pre>\n");
}

/* Counts beside the lines of a listing. */
struct heat {
	const struct woven_program *program;
	Str column;
	long *count;            /* [nlines + 1], from line 1; NULL: none */
	long most, total;
};

/* The counts of option heat="PROGRAM.COLUMN" for one block, summed over kernels. What it names and the program does not
 * have is a mistake. */
static struct heat heat_of(struct weaver *w, const struct block *block, Str place)
{
	struct heat heat = {0};
	const struct option_value *v = block->chunk ? &block->chunk->opt.value[OPT_HEAT] : NULL;
	if (!v || !v->given)
		return heat;
	size_t dot = str_find(v->text, '.', 0);
	heat.program = find_program(w, str_sub(v->text, 0, dot));
	heat.column = str_sub(v->text, dot + 1, v->text.len);
	const struct table *t = heat.program ? heat.program->lines : NULL;
	int file = t ? tsv_col(t, S("file")) : -1, line = t ? tsv_col(t, S("line")) : -1;
	int column = t ? tsv_col(t, heat.column) : -1;
	if (file < 0 || line < 0 || column < 0) {
		error_at(v->at, "heat wants PROGRAM.COLUMN, a column of the table lines of a CUDA program, not '%.*s'", STR_ARG(v->text));
		return heat;
	}
	int nlines = count_lines(block->text);
	heat.count = NEWS(w->a, long, (size_t)nlines + 1);
	Str here = str_fmt(w->a, "%.*s#%.*s", STR_ARG(w->in->doc->file->path), STR_ARG(place));
	for (int r = 0; r < t->nrows; r++) {
		const Str *cell = &t->cell[r * t->ncols];
		long number = 0, count = 0;
		if (!str_eq(cell[file], here) || !str_int(cell[line], &number) || !str_int(cell[column], &count) ||
		    number < 1 || number > nlines)
			continue;
		heat.count[number] += count;
		heat.total += count;
		if (heat.count[number] > heat.most)
			heat.most = heat.count[number];
	}
	return heat;
}

/* "65 792". */
static Str grouped(long number, struct arena *a)
{
	Str digits = str_fmt(a, "%ld", number);
	struct buf out = buf_new(a, 2 * digits.len);
	for (size_t i = 0; i < digits.len; i++) {
		if (i && (digits.len - i) % 3 == 0)
			buf_z(&out, "\u202f");
		buf_char(&out, digits.at[i]);
	}
	return buf_str(&out);
}

/* The count as attributes of the line's element: its text stays the source. Five shades, by the share of the hottest line. */
static void add_heat(struct weaver *w, const struct heat *heat, int number)
{
	if (!heat->count || !heat->count[number])
		return;
	long shade = (4 * heat->count[number] + heat->most - 1) / heat->most;
	buf_fmt(&w->out, " data-heat=\"%.*s\" data-shade=\"%ld\"", STR_ARG(grouped(heat->count[number], w->a)), shade);
}

/* The lines of a listing. With a place, line 12 has the id "PLACE:12", as compilers' messages name it. */
static void add_lines(struct weaver *w, Str text, Str language, Str place, const struct heat *heat)
{
	struct highlighter colours;
	highlight_begin(&colours, language);
	for (int number = 1; text.len; number++) {
		Str name, indent, line = str_cut(&text, '\n');
		bool is_ref = is_reference(line, &name, &indent);
		buf_z(&w->out, "<span class=\"l\"");
		if (place.len)
			buf_fmt(&w->out, " id=\"%.*s:%d\"", STR_ARG(place), number);
		add_heat(w, heat, number);
		buf_char(&w->out, '>');
		if (is_ref && links_of(w, name)) {
			html_text(&w->out, indent);
			buf_fmt(&w->out, "<a class=\"ref\" href=\"#chunk-%.*s\">⟨%.*s⟩</a>",
			        STR_ARG(name), STR_ARG(name));
		} else if (is_ref) {
			html_text(&w->out, line);
		} else {
			highlight_line(&colours, line, &w->out);
		}
		buf_z(&w->out, "\n</span>");
	}
}

static void add_listing_pre(struct weaver *w, Str text, Str label, Str language, Str place, const struct heat *heat)
{
	begin_pre(w, label.len ? "Code:" : "Code", label);
	add_lines(w, text, language, place, heat);
	end_pre(w);
}

void add_code(struct weaver *w, Str text, Str label)
{
	const struct chunk *chunk = label.len ? doc_chunk(w->in->doc, label) : NULL;
	add_listing_pre(w, text, label, chunk ? chunk->language : (Str){0}, (Str){0}, &(struct heat){0});
}

/* "tiles", "tiles.2": what messages call a block. */
static Str block_place(struct weaver *w, const struct block *block)
{
	Str name = block->chunk->name;
	return block->index > 1 ? str_fmt(w->a, "%.*s.%d", STR_ARG(name), block->index) : name;
}

/* ⟨name⟩ ≡, the language, a link to the chunk itself. */
static void add_bar(struct weaver *w, const struct block *block, bool in_summary)
{
	const struct chunk *chunk = block->chunk;
	bool named = chunk && chunk->name.len;
	if (named)
		buf_fmt(&w->out, "<span class=\"n\">⟨%.*s⟩ %s</span>", STR_ARG(chunk->name),
		        block->index > 1 ? "+≡" : "≡");
	else if (chunk)
		buf_fmt(&w->out, "<span class=\"n\">%s</span>",
		        chunk->kind == CHUNK_SETUP ? "Set-up of this essay" : "Helpers of this essay");
	buf_z(&w->out, "<span class=\"r\"><span>");
	html_text(&w->out, language_name(block->language));
	buf_z(&w->out, "</span>");
	if (named && !in_summary)
		buf_fmt(&w->out, "<a href=\"#%.*s\" aria-label=\"Link to chunk %.*s\">#</a>",
		        STR_ARG(block_id(w, block)), STR_ARG(chunk->name));
	buf_z(&w->out, "</span>");
}

static void add_edges(struct weaver *w, const char *verb, const struct edge *edges)
{
	if (!edges)
		return;
	buf_fmt(&w->out, "<span>%s ", verb);
	for (const struct edge *e = edges; e; e = e->next) {
		if (e != edges)
			buf_z(&w->out, e->next ? ", " : " and ");
		add_chunk_link(w, e->other);
	}
	buf_z(&w->out, "</span> ");
}

/* Blocks of the same chunk before and after this one, of those that are listed. */
static void add_continuations(struct weaver *w, const struct block *block)
{
	const struct block *before = NULL, *after = block->more;
	for (const struct block *b = block->chunk->blocks; b != block; b = b->more)
		if (!b->hide)
			before = b;
	while (after && after->hide)
		after = after->more;
	if (before)
		buf_fmt(&w->out, "<span>Continued from <a href=\"#%.*s\">above</a></span> ",
		        STR_ARG(block_id(w, before)));
	if (after)
		buf_fmt(&w->out, "<span>Continued <a href=\"#%.*s\">below</a></span> ",
		        STR_ARG(block_id(w, after)));
}

Str base_name(Str path)
{
	size_t from = path.len;
	while (from && path.at[from - 1] != '/')
		from--;
	return str_sub(path, from, path.len);
}

static void add_file_link(struct weaver *w, Str href, Str name)
{
	buf_fmt(&w->out, "<a href=\"%.*s\">", STR_ARG(html_url(w->a, href)));
	html_text(&w->out, name);
	buf_z(&w->out, "</a>");
}

static void add_foot(struct weaver *w, const struct block *block)
{
	const struct chunk *chunk = block->chunk;
	if (!chunk || !chunk->name.len)
		return;
	size_t before = w->out.len;
	buf_z(&w->out, "<div class=\"foot\">");
	size_t empty = w->out.len;
	if (block == first_listed(chunk)) {
		const struct chunk_links *links = links_of(w, chunk->name);
		const struct woven_program *p = find_program(w, chunk->name);
		if (p && p->source_href.len) {
			buf_z(&w->out, "<span>Program ");
			add_file_link(w, p->source_href, base_name(p->source_href));
			buf_z(&w->out, "</span> ");
		}
		add_edges(w, "Used in", links ? links->used_in : NULL);
		add_edges(w, "Uses", links ? links->uses : NULL);
	}
	add_continuations(w, block);
	if (w->out.len == empty)
		w->out.len = before;
	else
		buf_z(&w->out, "</div>\n");
}

static void add_listing(struct weaver *w, const struct block *block, bool fold)
{
	const struct chunk *chunk = block->chunk;
	bool named = chunk && chunk->name.len;
	buf_z(&w->out, "<figure class=\"code\"");
	if (named)
		buf_fmt(&w->out, " id=\"%.*s\"", STR_ARG(block_id(w, block)));
	if (fold)
		buf_z(&w->out, "><details><summary class=\"bar\">");
	else
		buf_z(&w->out, named || block->language.len ? "><figcaption class=\"bar\">" : ">");
	if (fold || named || block->language.len)
		add_bar(w, block, fold);
	if (fold)
		buf_z(&w->out, "</summary>\n");
	else
		buf_z(&w->out, named || block->language.len ? "</figcaption>\n" : "\n");
	Str place = named ? block_place(w, block) : (Str){0};
	struct heat heat = heat_of(w, block, place);
	add_listing_pre(w, block->text, named ? chunk->name : (Str){0}, block->language, place, &heat);
	if (heat.count) {
		buf_fmt(&w->out, "<div class=\"foot\"><span>Beside the lines: <code>%.*s</code> counted by ", STR_ARG(heat.column));
		add_sources(w, &(struct sources){(Str[]){heat.program->chunk->name}, 1});
		buf_fmt(&w->out, ", %.*s in this listing</span></div>\n", STR_ARG(grouped(heat.total, w->a)));
	}
	add_foot(w, block);
	buf_z(&w->out, fold ? "</details></figure>\n" : "</figure>\n");
	if (!fold)
		w->nlines += count_lines(block->text);
}

void add_script(struct weaver *w, const struct chunk *chunk, const char *summary)
{
	if (!is_listed(chunk))
		return;
	buf_fmt(&w->out, "<details class=\"script\"><summary>%s</summary>\n", summary);
	for (const struct block *b = chunk->blocks; b; b = b->more)
		if (!b->hide)
			add_code(w, b->text, chunk->name);
	buf_z(&w->out, "</details>\n");
}

/* ---- Output ---- */

/* How much of a long output stands on the page unfolded. */
enum { LINES_WHOLE = 24, LINES_HEAD = 8, LINES_TAIL = 4 };

bool has_output(const struct chunk *chunk)
{
	const struct option_value *how = &chunk->opt.value[OPT_OUTPUT];
	return how->given ? !str_eq(how->text, S("hide")) : is_listed(chunk);
}

static Str first_lines(Str text, int n)
{
	size_t end = 0;
	while (n-- > 0 && end < text.len)
		end = str_find(text, '\n', end) + 1;
	return str_sub(text, 0, end);
}

static Str last_lines(Str text, int n)
{
	size_t from = text.len;
	while (from > 0 && n > 0) {
		from--;
		while (from > 0 && text.at[from - 1] != '\n')
			from--;
		n--;
	}
	return str_sub(text, from, text.len);
}

static void add_pre(struct weaver *w, const char *what, Str name, Str text)
{
	begin_pre(w, what, name);
	html_output(&w->out, text);
	end_pre(w);
}

static void add_folded_pre(struct weaver *w, Str summary, const char *what, Str name, Str text, bool open)
{
	buf_fmt(&w->out, "<details%s><summary>%.*s</summary>\n", open ? " open" : "", STR_ARG(summary));
	add_pre(w, what, name, text);
	buf_z(&w->out, "</details>\n");
}

/* What the program printed: whole, folded, or both ends of it with the whole in a fold. */
static void add_printed(struct weaver *w, const struct woven_program *p)
{
	const struct option_value *how = &p->chunk->opt.value[OPT_OUTPUT];
	Str name = p->chunk->name;
	int n = count_lines(p->out);
	Str all = str_fmt(w->a, "All %d lines", n);
	if (!p->out.len)
		return;
	if (how->given && str_eq(how->text, S("fold"))) {
		add_folded_pre(w, all, "Output of", name, p->out, false);
	} else if (how->given || n <= LINES_WHOLE) {
		add_pre(w, "Output of", name, p->out);
	} else {
		begin_pre(w, "Output, shortened, of", name);
		html_output(&w->out, first_lines(p->out, LINES_HEAD));
		buf_z(&w->out, "…\n");
		html_output(&w->out, last_lines(p->out, LINES_TAIL));
		end_pre(w);
		add_folded_pre(w, all, "Output of", name, p->out, false);
	}
	if (p->out_omitted)
		buf_fmt(&w->out, "<p class=\"cut\">%ld bytes in the middle were not kept.</p>\n", p->out_omitted);
}

static void add_status(struct weaver *w, const struct woven_program *p)
{
	bool expected = p->chunk->opt.value[OPT_EXPECT].given && !p->failed;
	const char *end = expected ? ", as meant" : "";
	if (p->absent)
		return;         /* its evidence says so */
	if (!p->ran)
		buf_fmt(&w->out, "<span>%s%s</span> ", expected ? "does not compile" : "not run", end);
	else if (p->status > 128)
		buf_fmt(&w->out, "<span>ended by signal %d%s</span> ", p->status - 128, end);
	else if (p->status || expected)
		buf_fmt(&w->out, "<span>exit %d%s</span> ", p->status, end);
}

static void add_digest(struct weaver *w, Str digest)
{
	if (!digest.len)
		return;
	buf_z(&w->out, " <code class=\"digest\" title=\"SHA-256 ");
	html_text(&w->out, digest);
	buf_z(&w->out, "\">");
	html_text(&w->out, str_sub(digest, 0, 12));
	buf_z(&w->out, "</code>");
}

void add_file(struct weaver *w, const struct woven_file *file)
{
	add_file_link(w, file->href, file->name);
	if (file->rows >= 0)
		buf_fmt(&w->out, ", %d row%s", file->rows, file->rows == 1 ? "" : "s");
	add_digest(w, file->digest);
}

/* Everything needed to repeat it: the source, the command, the place, what it left. */
static void add_provenance(struct weaver *w, const struct woven_program *p)
{
	buf_z(&w->out, "<details class=\"made\"><summary>How this was run</summary>\n<dl>\n");
	if (p->source_href.len) {
		buf_z(&w->out, "<dt>Source</dt><dd>");
		add_file_link(w, p->source_href, base_name(p->source_href));
		add_digest(w, p->source_digest);
		buf_z(&w->out, "</dd>\n");
	}
	if (p->command.len) {
		buf_z(&w->out, "<dt>Command</dt><dd><code>");
		html_text(&w->out, p->command);
		buf_z(&w->out, "</code></dd>\n");
	}
	if (p->device.len) {
		buf_z(&w->out, "<dt>Device</dt><dd>");
		html_prose(&w->out, p->device);
		buf_z(&w->out, "</dd>\n");
	}
	if (p->environment.len) {
		buf_z(&w->out, "<dt>Recorded with</dt><dd>");
		html_prose(&w->out, p->environment);
		buf_z(&w->out, "</dd>\n");
	}
	if (p->files)
		buf_z(&w->out, "<dt>Data</dt>");
	for (const struct woven_file *f = p->files; f; f = f->next) {
		buf_z(&w->out, "<dd>");
		add_file(w, f);
		buf_z(&w->out, "</dd>\n");
	}
	buf_z(&w->out, "</dl></details>\n");
}

static void add_streams(struct weaver *w, const struct woven_program *p)
{
	Str name = p->chunk->name;
	add_printed(w, p);
	if (p->err.len) {
		buf_z(&w->out, "<p class=\"stream\">stderr</p>\n");
		add_pre(w, "Errors of", name, p->err);
	}
	if (p->err_omitted)
		buf_fmt(&w->out, "<p class=\"cut\">%ld bytes of stderr were not kept.</p>\n", p->err_omitted);
	if (p->compile_log.len)
		add_folded_pre(w, S("What the compiler said"), "Compiler's report on", name, p->compile_log, !p->ran);
}

static void add_output(struct weaver *w, const struct chunk *chunk)
{
	const struct woven_program *p = find_program(w, chunk->name);
	if (p && p->failed)
		add_fault(w, "Failed:", chunk->name, p->compile_log.len ? p->compile_log : p->err);
	if (!has_output(chunk))
		return;
	buf_fmt(&w->out, "<div class=\"out\" id=\"out-%.*s\"><div class=\"bar\"><span>", STR_ARG(chunk->name));
	if (p && p->source_href.len) {
		buf_z(&w->out, "Output of ");
		add_file_link(w, p->source_href, base_name(p->source_href));
	} else {
		buf_fmt(&w->out, "Output of ⟨%.*s⟩", STR_ARG(chunk->name));
	}
	buf_z(&w->out, "</span><span class=\"r\">");
	if (p) {
		add_status(w, p);
		add_evidence(w, p->evidence, p->device);
	} else {
		buf_z(&w->out, "<span>not run</span>");
	}
	buf_z(&w->out, "</span></div>\n");
	if (p) {
		add_ribbon(w, p->stale, (Str){0});
		add_streams(w, p);
		add_provenance(w, p);
	}
	buf_z(&w->out, "</div>\n");
}

void add_block(struct weaver *w, const struct block *block)
{
	const struct chunk *chunk = block->chunk;
	if (!chunk) {
		add_listing(w, block, false);
		return;
	}
	switch (chunk->kind) {
	case CHUNK_FIGURE:
		if (block->index == 1)
			add_figure(w, chunk);
		break;
	case CHUNK_TABLE:
		if (block->index == 1)
			add_table(w, chunk);
		break;
	case CHUNK_CLAIM:
		if (block->index == 1)
			add_claim(w, chunk);
		break;
	case CHUNK_HELPERS:
	case CHUNK_SETUP:
		if (!block->hide)
			add_listing(w, block, true);
		break;
	case CHUNK_SHOWN:
	case CHUNK_PROGRAM:
		if (!block->hide)
			add_listing(w, block, block->fold);
		if (chunk->kind == CHUNK_PROGRAM && !block->more)
			add_output(w, chunk);
		break;
	}
}

/* ---- The index ---- */

/* Every place that the page links to stands somewhere: what is not in the text is here. */
static void add_index_entry(struct weaver *w, const struct chunk_links *links)
{
	const struct chunk *chunk = links->chunk;
	const struct woven_program *p = find_program(w, chunk->name);
	int nused = 0;
	for (const struct edge *e = links->used_in; e; e = e->next)
		nused++;
	if (is_listed(chunk)) {
		buf_z(&w->out, "<li>");
		add_chunk_link(w, chunk);
	} else {
		buf_fmt(&w->out, "<li id=\"chunk-%.*s\">⟨%.*s⟩", STR_ARG(chunk->name), STR_ARG(chunk->name));
	}
	buf_z(&w->out, " <span class=\"m\"");
	if (chunk->kind == CHUNK_PROGRAM && !has_output(chunk))
		buf_fmt(&w->out, " id=\"out-%.*s\"", STR_ARG(chunk->name));
	buf_char(&w->out, '>');
	html_text(&w->out, language_name(chunk->language));
	if (p && p->source_href.len) {
		buf_z(&w->out, ", program ");
		add_file_link(w, p->source_href, base_name(p->source_href));
	}
	if (!is_listed(chunk))
		buf_z(&w->out, ", not shown");
	if (nused)
		buf_fmt(&w->out, ", used in %d", nused);
	buf_z(&w->out, "</span></li>\n");
}

static bool is_hidden_lua(const struct block *block)
{
	const struct chunk *chunk = block->chunk;
	return chunk && block->hide && (chunk->kind == CHUNK_HELPERS || chunk->kind == CHUNK_SETUP);
}

void add_chunk_index(struct weaver *w)
{
	if (!w->nlinks)
		return;
	buf_z(&w->out, "<section class=\"chunks\">\n<h2 id=\"weft-chunks\">Code on this page</h2>\n<ul class=\"idx\">\n");
	for (int i = 0; i < w->nlinks; i++)
		add_index_entry(w, &w->links[i]);
	buf_z(&w->out, "</ul>\n");
	for (const struct block *b = w->in->doc->blocks; b; b = b->next)
		if (is_hidden_lua(b))
			add_listing(w, b, true);
	buf_z(&w->out, "</section>\n");
}
