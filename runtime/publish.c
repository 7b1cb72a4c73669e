/* Publishing: an essay that is whole becomes its page, its figures and its data, each written by rename and only where
 * it changed, the page last. A faulty one leaves the old page as it is. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../tangle/arena.h"
#include "../tangle/html.h"
#include "../tangle/mathcss.h"
#include "../tangle/place.h"
#include "../tangle/record.h"
#include "../tangle/recording.h"
#include "../tangle/siteindex.h"
#include "../tangle/svg.h"
#include "../tangle/tsv.h"
#include "publisher.h"

/* One essay on its way to its page. */
struct publication {
	struct build *b;
	struct essay *e;
	struct arena *a;
	const char *root;       /* build/site or build/draft */
	struct weave weave;
	bool ok;
};

/* A file in the tree itself (figures/): a tree that cannot be written to is a note, no more. */
static void put_in_tree(struct build *b, struct uses *outputs, Str path, Str bytes, struct arena scratch)
{
	static bool told;
	if (b->opt.look_only)
		return;
	Digest digest = digest_of(bytes);
	Str kept = str_copy(&scratch, path);
	if (!digest_eq(state_file(&b->state, kept, NULL), digest) && !fs_write(kept.at, bytes, 0644)) {
		if (!told)
			fprintf(stderr, "weft: note: cannot write '%s': %s; figures are in '%s' only\n", kept.at, strerror(errno), publish_root(b));
		told = true;
		return;
	}
	state_wrote(&b->state, kept, digest, outputs);
}

/* Text of one output, or nothing. */
static Str output_text(struct publication *p, const struct result *r, Str name)
{
	const struct output *o = r ? result_output(r, name) : NULL;
	Str text;
	return o && store_read(&p->b->store, o->digest, p->a, &text) ? text : (Str){0};
}

static struct program *program_of(struct essay *e, const struct chunk *c)
{
	for (struct program *p = e->plan.programs; p; p = p->next)
		if (p->chunk == c)
			return p;
	return NULL;
}

static bool is_measured(const struct chunk *c)
{
	return c->opt.value[OPT_MEASURED].given;
}

/* Are all numbers of a figure the same on every machine? */
static bool is_exact_figure(const struct figure *f)
{
	for (int i = 0; i < f->nfrom; i++)
		for (int k = 0; k < f->from[i]->nruns; k++)
			if (f->from[i]->runs[k]->measured && !f->from[i]->recorded)
				return false;
	return true;
}

static int count_rows(Str tsv)
{
	int n = -1;
	for (size_t i = 0; i < tsv.len; i++)
		n += tsv.at[i] == '\n';
	return n;
}

/* Publish what a program left, and list it. */
static struct woven_file *program_files(struct publication *p, const struct program *prog, const struct result *r)
{
	struct woven_file *first = NULL, **tail = &first;
	for (int i = 0; r && i < r->noutputs; i++) {
		const struct output *o = &r->outputs[i];
		Str bytes;
		if (is_printed(o->name) || !store_read(&p->b->store, o->digest, p->a, &bytes))
			continue;
		struct woven_file *f = *tail = NEW(p->a, struct woven_file);
		f->name = o->name;
		f->href = str_fmt(p->a, "results/%.*s/%.*s/%.*s", STR_ARG(p->e->name), STR_ARG(prog->chunk->name), STR_ARG(o->name));
		f->digest = digest_text(p->a, o->digest);
		f->rows = str_ends(o->name, S(".tsv")) ? count_rows(bytes) : -1;
		publish_file(p->b, &p->e->outputs, str_fmt(p->a, "%s/%.*s", p->root, STR_ARG(f->href)), bytes, *p->a);
		tail = &f->next;
	}
	return first;
}

static Str command_of(const Str *argv, int argc, struct arena *a)
{
	struct buf out = buf_new(a, 256);
	for (int i = 0; i < argc; i++)
		buf_fmt(&out, "%s%.*s", i ? " " : "", STR_ARG(argv[i]));
	return buf_str(&out);
}

static Str name_for(const struct publication *p, const struct program *prog, const char *suffix)
{
	if (prog->doc == p->e->doc)
		return str_join(p->a, prog->chunk->name, str_of(suffix));
	return str_fmt(p->a, "%.*s:%.*s%s", STR_ARG(prog->doc->name), STR_ARG(prog->chunk->name), suffix);
}

/* Other programs whose results its runs read: input `i`, or NULL. */
static const struct program *needed_program(const struct program *prog, int i)
{
	const struct action_input *in = &prog->runs[0]->inputs[i];
	return in->kind == INPUT_RESULT && in->from->kind != ACT_COMPILE ? in->from->program : NULL;
}

/* How good a program's results are: as good as the worst of what went into them. */
static enum evidence evidence_for(const struct program *prog)
{
	if (!prog->result || prog->result->state != ACTION_DONE || prog->result->absent)
		return EVIDENCE_NONE;
	enum evidence weakest = prog->recorded ? EVIDENCE_RECORDED : is_measured(prog->chunk) ? EVIDENCE_MEASURED : EVIDENCE_EXACT;
	for (int i = 0; i < prog->runs[0]->ninputs; i++) {
		const struct program *needed = needed_program(prog, i);
		enum evidence one = needed ? evidence_for(needed) : EVIDENCE_EXACT;
		weakest = one < weakest ? one : weakest;
	}
	return weakest;
}

/* Where the recording, or the measurement, was made: its own, or that of what it needs. */
static Str device_for(const struct program *prog, enum evidence evidence)
{
	const struct result *run = prog->result ? prog->result->result : NULL;
	if (run && run->machine.len)
		return run->machine;
	for (int i = 0; i < prog->runs[0]->ninputs; i++) {
		const struct program *needed = needed_program(prog, i);
		if (needed && evidence_for(needed) == evidence)
			return device_for(needed, evidence);
	}
	return (Str){0};
}

static Str stale_for(const struct program *prog)
{
	for (int i = 0; i < prog->nruns; i++)
		if (prog->runs[i]->stale.len)
			return prog->runs[i]->stale;
	for (int i = 0; prog->nruns && i < prog->runs[0]->ninputs; i++) {
		const struct program *needed = needed_program(prog, i);
		if (needed && stale_for(needed).len)
			return S("it reads what was recorded for an earlier version of another program");
	}
	return (Str){0};
}

/* "driver 580.65, toolkit 13.0.88": of a sweep, that of its first point. */
static Str environment_for(const struct recording *r, struct arena *a)
{
	struct buf out = buf_new(a, 256);
	for (const struct circumstance *c = r ? r->environment : NULL; c; c = c->next)
		buf_fmt(&out, "%s%.*s %.*s", out.len ? ", " : "", STR_ARG(c->name), STR_ARG(c->value));
	return buf_str(&out);
}

/* The static facts of a CUDA program, as something that numbers come from. */
static struct woven_program *weave_facts(struct publication *p, const struct program *prog)
{
	const struct action *facts = prog->facts;
	struct woven_program *w = NEW(p->a, struct woven_program);
	bool there = facts->state == ACTION_DONE && !facts->absent;
	w->name = name_for(p, prog, ".static");
	w->evidence = there ? EVIDENCE_RECORDED : EVIDENCE_NONE;
	w->device = there ? facts->recording->device : (Str){0};
	w->stale = facts->stale;
	w->absent = !there;
	return w;
}

static struct woven_program *weave_program(struct publication *p, const struct program *prog)
{
	struct woven_program *w = NEW(p->a, struct woven_program);
	const struct result *compile = prog->compile && !prog->gpu ? prog->compile->result : NULL;
	const struct result *run = prog->result ? prog->result->result : NULL;
	w->failed = !prog->result || prog->result->state != ACTION_DONE;
	w->evidence = evidence_for(prog);
	w->device = run ? device_for(prog, w->evidence) : (Str){0};
	w->stale = stale_for(prog);
	w->absent = run && prog->result->absent;
	w->environment = environment_for(prog->nruns ? prog->runs[0]->recording : NULL, p->a);
	if (prog->doc != p->e->doc) {
		w->name = name_for(p, prog, "");
		return w;
	}
	w->chunk = prog->chunk;
	w->source_href = str_fmt(p->a, "results/%.*s/%.*s", STR_ARG(p->e->name), STR_ARG(prog->source_name));
	w->source_digest = digest_text(p->a, digest_of(prog->source));
	publish_file(p->b, &p->e->outputs, str_fmt(p->a, "%s/%.*s", p->root, STR_ARG(w->source_href)), prog->source, *p->a);
	if (prog->ncommand || prog->nruns)
		w->command = prog->ncommand ? command_of(prog->command, prog->ncommand, p->a) :
		             command_of(prog->runs[0]->argv, prog->runs[0]->argc, p->a);
	w->compile_log = place_translate(p->e->doc, output_text(p, compile, S("stderr")), p->a);
	w->out = place_translate(p->e->doc, output_text(p, run, S("stdout")), p->a);
	w->err = place_translate(p->e->doc, output_text(p, run, S("stderr")), p->a);
	w->status = run ? run->status : compile ? compile->status : 0;
	w->out_omitted = run ? run->out_omitted : 0;
	w->err_omitted = run ? run->err_omitted : 0;
	w->ran = run && !w->absent && (!compile || result_output(compile, S("program")));
	w->files = program_files(p, prog, run);
	for (const struct table *t = result_tables(p->b, run, p->a); t; t = t->next)
		if (str_eq(t->name, S("lines")))
			w->lines = t;
	return w;
}

static void weave_programs(struct publication *p)
{
	const struct woven_program **tail = &p->weave.programs;
	for (const struct program *prog = p->e->plan.programs; prog; prog = prog->next) {
		struct woven_program *w = weave_program(p, prog);
		*tail = w;
		tail = (const struct woven_program **)&w->next;
		if (!prog->facts)
			continue;
		*tail = w = weave_facts(p, prog);
		tail = (const struct woven_program **)&w->next;
	}
}

/* gnuplot's SVG as the page takes it. Drawing it anew takes as long as all else of a page whose words changed, so it is kept. */
static Str kept_fragment(struct publication *p, Str svg, Digest digest, const struct svg_labels *labels, Str *problem)
{
	struct hash h = {0};
	hash_str(&h, S("fragment 1"));
	hash_digest(&h, p->b->self);
	hash_digest(&h, digest);
	hash_str(&h, labels->id);
	hash_str(&h, labels->title);
	hash_str(&h, labels->desc);
	hash_int(&h, labels->standalone);
	hash_str(&h, labels->css_class);
	Digest key = hash_done(&h);
	Str out;
	if (store_note(&p->b->store, "svg", key, p->a, &out))
		return out;
	out = svg_fragment(svg, labels, p->a, problem);
	if (out.len)
		store_set_note(&p->b->store, "svg", key, out, *p->a);
	return out;
}

/* One width of a figure as a fragment for the page. */
static Str fragment(struct publication *p, const struct figure *f, const struct action *act, const char *css_class, bool standalone)
{
	Str svg = act && act->state == ACTION_DONE ? output_text(p, act->result, S("figure.svg")) : (Str){0};
	if (!svg.len)
		return svg;
	Digest digest = result_output(act->result, S("figure.svg"))->digest;
	struct svg_labels labels = {
		.id = act->narrow ? str_fmt(p->a, "%.*s-n", STR_ARG(f->chunk->name)) : f->chunk->name,
		.title = f->chunk->opt.value[OPT_CAPTION].text,
		.desc = f->chunk->opt.value[OPT_ALT].text,
		.standalone = standalone,
		.css_class = str_of(css_class),
	};
	Str problem, out = kept_fragment(p, svg, digest, &labels, &problem);
	if (!out.len) {
		error_at(f->chunk->at, "the figure '%.*s' cannot be put in a page: %.*s", STR_ARG(f->chunk->name), STR_ARG(problem));
		p->ok = false;
	}
	return out;
}

static struct woven_figure *weave_figure(struct publication *p, const struct figure *f)
{
	struct woven_figure *w = NEW(p->a, struct woven_figure);
	w->chunk = f->chunk;
	w->wide = fragment(p, f, f->wide, "w", false);
	/* What is wrong with one is wrong with the others: once is enough. */
	w->narrow = w->wide.len ? fragment(p, f, f->narrow, "n", false) : (Str){0};
	w->absent = f->wide->absent || f->narrow->absent;
	w->failed = !w->absent && (!w->wide.len || !w->narrow.len);
	w->script_digest = digest_text(p->a, digest_of(f->script));
	Str alone = w->failed ? (Str){0} : fragment(p, f, f->wide, "", true);
	w->file_href = str_fmt(p->a, "figures/%.*s/%.*s.svg", STR_ARG(p->e->name), STR_ARG(f->chunk->name));
	if (alone.len) {
		publish_file(p->b, &p->e->outputs, str_fmt(p->a, "%s/%.*s", p->root, STR_ARG(w->file_href)), alone, *p->a);
		/* A drift of an exact figure is a diff in the tree. */
		if (!p->b->opt.draft && is_exact_figure(f))
			put_in_tree(p->b, &p->e->outputs, w->file_href, alone, *p->a);
	}
	return w;
}

static void weave_figures(struct publication *p)
{
	const struct woven_figure **tail = &p->weave.figures;
	for (const struct figure *f = p->e->plan.figures; f; f = f->next) {
		struct woven_figure *w = weave_figure(p, f);
		*tail = w;
		tail = (const struct woven_figure **)&w->next;
	}
}

/* ---- References ---- */

struct bib_call {
	struct build *b;
	struct essay *e;
	struct file file;
};

static int call_bib(void *ctx, int out_fd)
{
	struct bib_call *c = ctx;
	struct buf out = buf_new(&c->e->arena, 1 << 16);
	struct bib *bib = bib_parse(&c->file, &c->e->arena);
	if (diag_errors)
		return 1;
	bib_write(bib, &out);
	return fs_write_fd(out_fd, buf_str(&out)) ? 0 : 1;
}

static bool has_citations(const struct essay *e)
{
	for (const struct eval_claim *c = e->evaluation ? e->evaluation->claims : NULL; c; c = c->next)
		if (c->ncites)
			return true;
	return e->doc->cites != NULL;
}

/* The site's bibliography, formatted; read again only when the file changed. */
static const struct bib *read_bib(struct publication *p)
{
	struct bib_call *c = NEW(p->a, struct bib_call);
	Digest digest;
	Str answer;
	*c = (struct bib_call){p->b, p->e, {S("essays/refs.bib"), {0}}};
	if (!has_citations(p->e))
		return NULL;
	if (!state_read(&p->b->state, c->file.path, &p->e->inputs, &c->file.text, &digest, p->a)) {
		error_at((Span){&p->e->file, 0, 0}, "the essay cites, and there is no 'essays/refs.bib'");
		p->ok = false;
		return NULL;
	}
	struct hash h = {0};
	hash_str(&h, S("bib 1"));
	hash_digest(&h, p->b->self);
	hash_digest(&h, digest);
	if (!build_memo(p->b, "bib", hash_done(&h), call_bib, c, &answer, "reading 'essays/refs.bib'", p->a)) {
		p->ok = false;
		return NULL;
	}
	return bib_read(answer, p->a);
}

/* ---- Callbacks of the weaver ---- */

static Str math_html(void *ctx, Str tex, bool display)
{
	struct publication *p = ctx;
	for (const struct formula *f = p->e->formulas; f; f = f->next)
		if (f->display == display && str_eq(f->tex, tex))
			return math_classes(f->html, p->a);
	return (Str){0};
}

/* Is `id` an anchor of another essay? Read from the state when that essay is published, else from its text. */
static bool has_anchor(struct publication *p, Str essay, Str id)
{
	struct other_doc *other = essay_other(p->b, p->e, essay);
	return other && (!id.len || doc_anchor(other->doc, id));
}

/* other.md#claim-x becomes other.html#claim-x; what other.md does not have is a mistake. */
static Str rewrite_link(void *ctx, Str url, Span at)
{
	struct publication *p = ctx;
	size_t hash = str_find(url, '#', 0);
	Str file = str_sub(url, 0, hash), id = str_sub(url, hash + 1, url.len);
	if (!str_ends(file, S(".md")) || str_has(file, ':') || str_has(file, '/'))
		return (Str){0};
	Str essay = str_sub(file, 0, file.len - 3);
	if (!has_anchor(p, essay, id)) {
		error_at(at, "the link '%.*s' leads nowhere", STR_ARG(url));
		p->ok = false;
	}
	return str_fmt(p->a, "%.*s.html%.*s", STR_ARG(essay), STR_ARG(str_sub(url, hash, url.len)));
}

/* ---- The page ---- */

/* How the page was made: what weft, which sandbox, the one command. Nothing that differs between two machines that
 * give the same results. */
static Str proof(struct publication *p)
{
	struct buf out = buf_new(p->a, 1024);
	Digest source = digest_of(p->e->file.text);
	buf_z(&out, "<details class=\"proof\"><summary>Every number below came out of the code on this page. How, and on what</summary>\n<dl>");
	buf_fmt(&out, "<dt>Source</dt><dd><a href=\"results/%.*s/%.*s.md\">%.*s.md</a> <code>%.12s</code></dd>", STR_ARG(p->e->name),
	        STR_ARG(p->e->name), STR_ARG(p->e->name), digest_text(p->a, source).at);
	Str machine = {0}, device = {0};
	int nprograms = 0, nrecorded = 0;
	for (const struct program *prog = p->e->plan.programs; prog; prog = prog->next) {
		Str where = prog->result && prog->result->result ? prog->result->result->machine : (Str){0};
		nprograms += !prog->recorded;
		nrecorded += prog->recorded;
		if (where.len)
			*(prog->recorded ? &device : &machine) = where;
	}
	buf_fmt(&out, "<dt>Programs</dt><dd>%d, compiled and run when this page was built</dd>", nprograms);
	if (nrecorded)
		buf_fmt(&out, "<dt>Recordings</dt><dd>%d program%s shown as recorded%s%.*s</dd>", nrecorded, nrecorded == 1 ? "" : "s",
		        device.len ? " on " : "; none is at hand", STR_ARG(prose_html(device, p->a)));
	if (machine.len)
		buf_fmt(&out, "<dt>Timings</dt><dd>measured on %.*s</dd>", STR_ARG(prose_html(machine, p->a)));
	buf_fmt(&out, "<dt>Again</dt><dd><code>weft build %.*s</code></dd></dl></details>", STR_ARG(p->e->name));
	return buf_str(&out);
}

/* Links to the essays before and after in the site's order. */
static Str neighbours(struct publication *p)
{
	const struct site *c = &p->b->config->site;
	Str before = {0}, after = {0};
	for (int i = 0; i < c->norder; i++) {
		if (!str_eq(c->order[i], p->e->name))
			continue;
		before = i > 0 ? c->order[i - 1] : before;
		after = i + 1 < c->norder ? c->order[i + 1] : after;
	}
	if (!before.len && !after.len)
		return (Str){0};
	struct buf out = buf_new(p->a, 256);
	buf_z(&out, "<nav aria-label=\"Essays\">");
	Str names[] = {before, after};
	for (int i = 0; i < 2; i++) {
		struct other_doc *other = names[i].len ? essay_other(p->b, p->e, names[i]) : NULL;
		if (other)
			buf_fmt(&out, "<a href=\"%.*s.html\">%s: %.*s</a>", STR_ARG(names[i]), i ? "Next" : "Previous",
			        STR_ARG(prose_html(other->doc->front.title, p->a)));
	}
	buf_z(&out, "</nav>");
	return buf_str(&out);
}

static struct index_entry entry_of(const struct essay *e, const struct woven *w)
{
	const struct front *f = &e->doc->front;
	return (struct index_entry){
		.name = e->name, .title = f->title, .category = f->category, .summary = f->summary, .date = f->date,
		.updated = f->updated, .tags = f->tags, .ntags = f->ntags, .minutes = w->minutes, .nclaims = w->nclaims, .nheld = w->nheld,
	};
}

static Str page_of(struct publication *p, const struct woven *w)
{
	const struct site *c = &p->b->config->site;
	const struct front *f = &p->e->doc->front;
	struct index_entry entry = entry_of(p->e, w);
	Str styles = p->e->formulas ? S("<link rel=\"stylesheet\" href=\"katex.css\"><link rel=\"stylesheet\" href=\"math.css\">") : (Str){0};
	const struct slot slots[] = {
		{S("language"), prose_html(c->language.len ? c->language : S("en"), p->a)},
		{S("title"), prose_html(f->title, p->a)},
		{S("author"), prose_html(c->name, p->a)},
		{S("root"), {0}},
		{S("canonical"), canonical_link(c, str_fmt(p->a, "%.*s.html", STR_ARG(p->e->name)), p->a)},
		{S("summary"), prose_html(f->summary, p->a)},
		{S("category"), prose_html(f->category, p->a)},
		{S("date"), prose_html(f->date, p->a)},
		{S("section"), prose_html(c->section_title, p->a)},
		{S("styles"), styles},
		{S("meta"), index_meta(&entry, p->a)},
		{S("tags"), index_tags(&entry, p->a)},
		{S("proof"), proof(p)},
		{S("toc"), w->toc},
		{S("body"), w->body},
		{S("neighbours"), neighbours(p)},
		{S("source"), str_fmt(p->a, "results/%.*s/%.*s.md", STR_ARG(p->e->name), STR_ARG(p->e->name))},
	};
	return fill_template("page.html", theme_file(p->b, "page.html", &p->e->inputs, p->a), slots, sizeof slots / sizeof *slots, p->a);
}

/* ---- Claims ---- */

static struct program *named(struct essay *e, Str name)
{
	struct chunk *c = doc_chunk(e->doc, name);
	return c ? program_of(e, c) : NULL;
}

static bool rests_on_measurement(struct essay *e, const struct eval_claim *c)
{
	for (int i = 0; i < c->from.n; i++) {
		struct program *prog = named(e, c->from.name[i]);
		if (prog && is_measured(prog->chunk) && !prog->recorded)
			return true;
	}
	return false;
}

/* A claim that does not hold, or holds although it was declared to fail, is a mistake. */
static void check_claims(struct publication *p)
{
	for (const struct eval_claim *c = p->e->evaluation ? p->e->evaluation->claims : NULL; c; c = c->next) {
		bool kept = c->fails.len ? !c->holds : c->holds;
		/* Without a check: what it reads is not recorded. */
		if (kept || !c->nchecks)
			continue;
		Span at = doc_chunk(p->e->doc, c->chunk)->at;
		if (p->b->opt.report_measured && rests_on_measurement(p->e, c)) {
			warn_at(at, "claim '%.*s' did not hold on this machine", STR_ARG(c->chunk));
			continue;
		}
		error_at(at, c->fails.len ? "claim '%.*s' is declared to fail, and holds: %.*s" : "claim '%.*s' does not hold: %.*s",
		         STR_ARG(c->chunk), STR_ARG(c->says));
		for (int i = 0; i < c->nchecks; i++)
			if (c->fails.len || !c->check[i].holds)
				note_at(at, "%.*s", STR_ARG(c->check[i].detail));
		p->ok = false;
	}
}

/* ---- Facts and formulas for the site's own files ---- */

static Str joined(const Str *list, int n, struct arena *a)
{
	struct buf out = buf_new(a, 256);
	for (int i = 0; i < n; i++)
		buf_fmt(&out, "%s%.*s", i ? "\n" : "", STR_ARG(list[i]));
	return buf_str(&out);
}

static void keep_facts(struct publication *p, const struct woven *w)
{
	struct arena *a = p->b->arena;
	struct essay_facts *facts = state_essay(&p->b->state, p->e->name, true);
	const struct front *f = &p->e->doc->front;
	facts->ok = p->ok && !p->b->opt.draft && !p->b->opt.report_measured;
	facts->seen = true;
	facts->title = str_copy(a, f->title);
	facts->category = str_copy(a, f->category);
	facts->summary = str_copy(a, f->summary);
	facts->date = str_copy(a, f->date);
	facts->updated = str_copy(a, f->updated);
	facts->tags = str_copy(a, joined(f->tags, f->ntags, p->a));
	facts->draft = f->draft;
	facts->minutes = w->minutes;
	facts->nclaims = w->nclaims;
	facts->nheld = w->nheld;
	facts->inputs = p->e->inputs;
	facts->outputs = p->e->outputs;
}

/* The distinct words of the class attributes in `html`, as one element: all that cutting the style sheet needs. */
static void add_class_words(Str html, struct buf *words, struct buf *seen)
{
	for (size_t i = 0; (i = str_search(html, S("class=\""), i)) < html.len; ) {
		i += 7;
		size_t end = str_find(html, '"', i);
		Str list = str_sub(html, i, end);
		for (Str word; (word = str_word(&list)).len; ) {
			size_t before = seen->len;
			buf_fmt(seen, " %.*s ", STR_ARG(word));
			if (str_search((Str){seen->at, before}, (Str){seen->at + before, seen->len - before}, 0) < before)
				seen->len = before;
			else
				buf_fmt(words, "%s%.*s", words->len ? " " : "", STR_ARG(word));
		}
		i = end;
	}
}

/* What the site's math.css and katex.css need to know of this essay's formulas: build/math/NAME. */
static void keep_formula_styles(struct publication *p)
{
	struct buf rules = buf_new(p->a, 8192), words = buf_new(p->a, 4096), seen = buf_new(p->a, 4096), out = buf_new(p->a, 16384);
	for (const struct formula *f = p->e->formulas; f; f = f->next) {
		math_rules(f->html, &rules);
		add_class_words(f->html, &words, &seen);
	}
	record_field(&out, S("rules"));
	record_field(&out, buf_str(&rules));
	record_end(&out);
	record_field(&out, S("classes"));
	record_field(&out, buf_str(&words));
	record_end(&out);
	publish_file(p->b, &p->e->outputs, str_fmt(p->a, "build/math/%.*s", STR_ARG(p->e->name)), buf_str(&out), *p->a);
}

static void check_minutes(const struct publication *p, const struct woven *w)
{
	const struct front *f = &p->e->doc->front;
	if (f->minutes && abs(f->minutes - w->minutes) > 1)
		warn_at(f->at_minutes, "the head promises %d minutes; the page takes %d", f->minutes, w->minutes);
}

/* Not as it should be: the old page stays, and the next build tries again. */
static bool refuse(struct essay_facts *before)
{
	if (before)
		before->ok = false;
	return false;
}

bool publish_essay(struct build *b, struct essay *e)
{
	struct publication p = {.b = b, .e = e, .a = &e->arena, .root = publish_root(b), .ok = !e->faulty};
	struct uses old = {0};
	for (int i = 0; i < b->shared.n; i++)
		state_file(&b->state, b->state.known[b->shared.at[i]].path, &e->inputs);
	struct essay_facts *before = state_essay(&b->state, e->name, false);
	if (before)
		old = before->outputs;
	if (p.ok)
		check_claims(&p);
	const struct bib *bib = p.ok || b->opt.draft ? read_bib(&p) : NULL;
	if (!p.ok && !b->opt.draft)
		return refuse(before);
	int errors = diag_errors;
	p.weave = (struct weave){
		.doc = e->doc, .ev = e->evaluation, .bib = bib, .math_html = math_html, .link = rewrite_link, .ctx = &p, .draft = b->opt.draft,
	};
	weave_figures(&p);
	weave_programs(&p);
	struct woven w = weave(&p.weave, p.a);
	Str page = page_of(&p, &w);
	p.ok = p.ok && diag_errors == errors;
	if (!p.ok && !b->opt.draft)
		return refuse(before);
	check_minutes(&p, &w);
	keep_formula_styles(&p);
	publish_file(b, &e->outputs, str_fmt(p.a, "%s/results/%.*s/%.*s.md", p.root, STR_ARG(e->name), STR_ARG(e->name)), e->file.text, *p.a);
	publish_file(b, &e->outputs, str_fmt(p.a, "%s/%.*s.html", p.root, STR_ARG(e->name)), page, *p.a);
	if (b->opt.look_only)
		return p.ok;
	/* What the essay no longer has. */
	for (int i = 0; i < old.n && !b->opt.draft; i++) {
		bool kept = false;
		for (int k = 0; k < e->outputs.n; k++)
			kept = kept || e->outputs.at[k] == old.at[i];
		if (!kept)
			fs_retract(b->state.known[old.at[i]].path.at);
	}
	keep_facts(&p, &w);
	return p.ok;
}
