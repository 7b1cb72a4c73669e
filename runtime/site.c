/* The site's own files: the list of essays, style sheets, fonts; and what they share with the essays' pages. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "../tangle/arena.h"
#include "../tangle/html.h"
#include "../tangle/mathcss.h"
#include "../tangle/record.h"
#include "../tangle/siteindex.h"
#include "katex.h"
#include "publisher.h"

const char *publish_root(const struct build *b)
{
	return b->opt.draft ? "build/draft" : "build/site";
}

void publish_file(struct build *b, struct uses *outputs, Str path, Str bytes, struct arena scratch)
{
	if (b->opt.look_only)
		return;
	Digest digest = digest_of(bytes);
	Str kept = str_copy(&scratch, path);
	if (!digest_eq(state_file(&b->state, kept, NULL), digest) && !fs_write(kept.at, bytes, 0644))
		fatal("write '%s':", kept.at);
	state_wrote(&b->state, kept, digest, outputs);
}

Str prose_html(Str text, struct arena *a)
{
	struct buf out = buf_new(a, text.len + 64);
	html_prose(&out, text);
	return buf_str(&out);
}

Str theme_file(struct build *b, const char *name, struct uses *inputs, struct arena *a)
{
	Str text, path = str_fmt(a, "theme/%s", name);
	Digest digest;
	if (state_read(&b->state, path, inputs, &text, &digest, a))
		return text;
	path = str_fmt(a, "%.*s/runtime/theme/%s", STR_ARG(b->data), name);
	if (!state_read(&b->state, path, inputs, &text, &digest, a))
		fatal("read '%s':", path.at);
	return text;
}

Str fill_template(const char *name, Str template_text, const struct slot *slots, int n, struct arena *a)
{
	struct buf page = buf_new(a, template_text.len + (1 << 16));
	Str unknown;
	if (!template_fill(template_text, slots, n, &page, &unknown))
		error_text("the template '%s' has an unknown slot '%.*s'", name, STR_ARG(unknown));
	return buf_str(&page);
}

Str canonical_link(const struct site *c, Str page, struct arena *a)
{
	return c->url.len ? str_fmt(a, "<link rel=\"canonical\" href=\"%.*s%.*s\">", STR_ARG(html_url(a, c->url)), STR_ARG(page)) : (Str){0};
}

/* Copy one file of the theme or of KaTeX, by its digest. */
static void copy_asset(struct build *b, struct uses *inputs, struct uses *outputs, Str from, Str to)
{
	struct arena scratch = arena_map(16 << 20), whole = scratch;
	Digest digest = state_file(&b->state, from, inputs);
	Str bytes;
	if (!digest_eq(state_file(&b->state, to, NULL), digest)) {
		if (!fs_read(from.at, &scratch, &bytes))
			fatal("read '%s':", from.at);
		if (!fs_write(to.at, bytes, 0644))
			fatal("write '%s':", to.at);
	}
	state_wrote(&b->state, to, digest, outputs);
	arena_unmap(whole);
}

static void publish_assets(struct build *b, struct essay_facts *site)
{
	struct arena *a = b->arena;
	static const char *const files[] = {"style.css", "theme.js", "page.js"};
	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		struct arena scratch = arena_map(4 << 20), whole = scratch;
		Str text = theme_file(b, files[i], &site->inputs, &scratch);
		publish_file(b, &site->outputs, str_fmt(&scratch, "%s/%s", publish_root(b), files[i]), text, scratch);
		arena_unmap(whole);
	}
	Str *font;
	Str dir = str_fmt(a, "%.*s/runtime/theme/fonts", STR_ARG(b->data));
	int n = fs_list(dir.at, (Str){0}, &font, a);
	for (int i = 0; i < n; i++)
		copy_asset(b, &site->inputs, &site->outputs, str_fmt(a, "%.*s/%.*s", STR_ARG(dir), STR_ARG(font[i])),
		           str_fmt(a, "%s/fonts/%.*s", publish_root(b), STR_ARG(font[i])));
}

/* katex.css cut to what the site's formulas use, math.css with their styles, and the fonts they need. */
static void publish_math(struct build *b, struct essay_facts *site, struct arena *a)
{
	struct buf rules = buf_new(a, 1 << 14), classes = buf_new(a, 1 << 14);
	struct record *r = NEW(a, struct record);
	buf_z(&classes, "<i class=\"");
	for (const struct essay_facts *f = b->state.essays; f; f = f->next) {
		Str text;
		if (!f->seen || !f->name.len || !fs_read(str_fmt(a, "build/math/%.*s", STR_ARG(f->name)).at, a, &text))
			continue;
		while (record_next(&text, r, a)) {
			if (str_eq(record_get(r, 0), S("rules")))
				buf_add(&rules, record_get(r, 1));
			else
				buf_fmt(&classes, " %.*s", STR_ARG(record_get(r, 1)));
		}
	}
	buf_z(&classes, "\"></i>");
	struct katex_files katex = katex_find(a);
	Str css, fonts, cut;
	Digest digest;
	if (!katex.css.len || !state_read(&b->state, katex.css, &site->inputs, &css, &digest, a))
		return;
	cut = katex_css_cut(css, buf_str(&classes), a, &fonts);
	publish_file(b, &site->outputs, str_fmt(a, "%s/katex.css", publish_root(b)), cut, *a);
	publish_file(b, &site->outputs, str_fmt(a, "%s/math.css", publish_root(b)), math_sheet(buf_str(&rules), a), *a);
	while (fonts.len) {
		Str name = str_cut(&fonts, '\n');
		if (name.len)
			copy_asset(b, &site->inputs, &site->outputs, str_fmt(b->arena, "%.*s/%.*s", STR_ARG(katex.fonts), STR_ARG(name)),
			           str_fmt(b->arena, "%s/fonts/%.*s", publish_root(b), STR_ARG(name)));
	}
}

static int split_lines(Str text, Str **list, struct arena *a)
{
	int n = 0;
	*list = NEWS(a, Str, text.len + 1);
	while (text.len)
		(*list)[n++] = str_cut(&text, '\n');
	return n;
}

static void add_entry(struct index_entry *entries, int *n, const struct essay_facts *f, struct arena *a)
{
	if (!f || !f->seen || !f->name.len || !f->title.len || f->draft)
		return;
	for (int i = 0; i < *n; i++)
		if (str_eq(entries[i].name, f->name))
			return;
	struct index_entry *e = &entries[(*n)++];
	Str *tags;
	*e = (struct index_entry){
		.name = f->name, .title = f->title, .category = f->category, .summary = f->summary, .date = f->date, .updated = f->updated,
		.minutes = f->minutes, .nclaims = f->nclaims, .nheld = f->nheld,
	};
	e->ntags = split_lines(f->tags, &tags, a);
	e->tags = tags;
}

/* The list of essays: first in the site's own order, then by name. */
static void publish_index(struct build *b, struct essay_facts *site, struct arena *a)
{
	const struct site *c = &b->config->site;
	int n = 0, room = 1;
	for (const struct essay_facts *f = b->state.essays; f; f = f->next)
		room++;
	struct index_entry *entries = NEWS(a, struct index_entry, (size_t)room);
	for (int i = 0; i < c->norder; i++)
		add_entry(entries, &n, state_essay(&b->state, c->order[i], false), a);
	Str *names;
	int nnames = fs_list("essays", S(".md"), &names, a);
	for (int i = 0; i < nnames; i++)
		add_entry(entries, &n, state_essay(&b->state, str_sub(names[i], 0, names[i].len - 3), false), a);
	const struct slot slots[] = {
		{S("language"), prose_html(c->language.len ? c->language : S("en"), a)},
		{S("title"), prose_html(c->section_title, a)},
		{S("author"), prose_html(c->name, a)},
		{S("root"), {0}},
		{S("canonical"), canonical_link(c, (Str){0}, a)},
		{S("role"), prose_html(c->role, a)},
		{S("lead"), prose_html(c->section_lead, a)},
		{S("about"), prose_html(c->section_about, a)},
		{S("tagline"), prose_html(c->tagline, a)},
		{S("list"), index_list(entries, n, (Str){0}, a)},
	};
	Str page = fill_template("index.html", theme_file(b, "index.html", &site->inputs, a), slots, sizeof slots / sizeof *slots, a);
	publish_file(b, &site->outputs, str_fmt(a, "%s/index.html", publish_root(b)), page, *a);
}

/* ---- What nobody publishes any more ---- */

static int by_bytes(const void *left, const void *right)
{
	return str_cmp(*(const Str *)left, *(const Str *)right);
}

/* All that essays and site have published, sorted. */
struct published {
	Str *path;
	size_t n;
	struct arena *a;
};

static struct published all_published(struct build *b, struct arena *a)
{
	struct published all = {.a = a};
	for (const struct essay_facts *f = b->state.essays; f; f = f->next)
		all.n += (size_t)f->outputs.n;
	all.path = NEWS(a, Str, all.n + 1);
	all.n = 0;
	for (const struct essay_facts *f = b->state.essays; f; f = f->next)
		for (int i = 0; f->seen && i < f->outputs.n; i++)
			all.path[all.n++] = b->state.known[f->outputs.at[i]].path;
	qsort(all.path, all.n, sizeof *all.path, by_bytes);
	return all;
}

/* Delete the files below `dir` whose names begin with `prefix` and that are not among those published, and directories
 * that are empty. */
static void sweep_below(const struct published *all, Str dir, Str prefix)
{
	Str *name;
	int n = fs_list(dir.at, (Str){0}, &name, all->a);
	for (int i = 0; i < n; i++) {
		Str path = str_fmt(all->a, "%.*s/%.*s", STR_ARG(dir), STR_ARG(name[i]));
		struct stat st;
		if (lstat(path.at, &st))
			continue;
		if (S_ISDIR(st.st_mode)) {
			sweep_below(all, path, prefix);
			rmdir(path.at);
		} else if (str_starts(name[i], prefix) && !bsearch(&path, all->path, all->n, sizeof path, by_bytes)) {
			unlink(path.at);
		}
	}
}

/* A build that was killed, or whose state was lost, left files that the state does not know. They are told from those of
 * an essay with mistakes, whose old page stays, only when there is none. In the tree only our own kind of name is touched. */
static void sweep_site(struct build *b, struct arena *a)
{
	Str *essay;
	int n = fs_list("essays", S(".md"), &essay, a);
	for (int i = 0; i < n; i++) {
		essay[i] = str_sub(essay[i], 0, essay[i].len - 3);
		const struct essay_facts *f = state_essay(&b->state, essay[i], false);
		if (!f || !f->ok)
			return;
	}
	struct published all = all_published(b, a);
	sweep_below(&all, S("build/site"), (Str){0});
	for (int i = 0; i < n; i++) {
		Str dir = str_fmt(a, "figures/%.*s", STR_ARG(essay[i]));
		sweep_below(&all, dir, S("fig-"));
		rmdir(dir.at);
	}
}

void publish_site(struct build *b)
{
	struct arena a = arena_map((size_t)256 << 20), whole = a;
	struct essay_facts *site = state_essay(&b->state, (Str){0}, true);
	int errors = diag_errors;
	site->seen = true;
	site->inputs = site->outputs = (struct uses){0};
	for (int i = 0; i < b->shared.n; i++)
		state_file(&b->state, b->state.known[b->shared.at[i]].path, &site->inputs);
	publish_assets(b, site);
	publish_math(b, site, &a);
	publish_index(b, site, &a);
	site->ok = diag_errors == errors && !b->opt.draft;
	if (site->ok)
		sweep_site(b, &a);
	arena_unmap(whole);
}
