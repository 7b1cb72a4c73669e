/* Our own code in a forked child, where it can neither hang nor take the driver with it: the essay's Lua, KaTeX,
 * and whatever else is asked for by build_memo(). */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "../tangle/arena.h"
#include "../tangle/record.h"
#include "../tangle/tsv.h"
#include "evaluate.h"
#include "katex.h"
#include "performer.h"

enum { LUA_CPU_S = 10, TYPESET_CPU_S = 60 };

struct table *result_tables(struct build *b, const struct result *r, struct arena *a)
{
	struct table *first = NULL, **tail = &first;
	for (int i = 0; r && i < r->noutputs; i++) {
		Str text, problem, name = r->outputs[i].name;
		if (!str_ends(name, S(".tsv")) || !store_read(&b->store, r->outputs[i].digest, a, &text))
			continue;
		struct table *t = tsv_parse(str_sub(name, 0, name.len - 4), text, a, &problem);
		if (!t)
			continue;
		*tail = t;
		tail = &t->next;
	}
	return first;
}

struct fork_call {
	struct build *b;
	struct essay *e;
};

/* The files of runtime/lua that an essay's own Lua builds on. */
static int essay_lua(struct build *b, struct file **files, struct arena *a)
{
	int n = 0;
	while (evaluate_files[n])
		n++;
	*files = NEWS(a, struct file, (size_t)n + 1);
	for (int i = 0; i < n; i++) {
		struct file *f = &(*files)[i];
		f->path = str_fmt(a, "%.*s/runtime/lua/%s", STR_ARG(b->data), evaluate_files[i]);
		if (!fs_read(f->path.at, a, &f->text))
			fatal("read '%.*s':", STR_ARG(f->path));
	}
	return n;
}

/* The static facts of a program follow its own tables. */
static void add_facts(struct build *b, struct program_tables *p, const struct action *facts, struct arena *a)
{
	struct table **last = &p->tables;
	while (*last)
		last = &(*last)->next;
	*last = result_tables(b, facts->result, a);
	for (const struct table *t = *last; t; t = t->next)
		p->nfacts++;
	p->facts_absent = facts->absent;
}

static int call_evaluate(void *ctx, int out_fd)
{
	struct fork_call *call = ctx;
	struct arena *a = &call->e->arena;
	struct program_tables *programs = NULL, **tail = &programs;
	for (const struct program *p = call->e->plan.programs; p; p = p->next) {
		*tail = NEW(a, struct program_tables);
		(*tail)->name = p->doc == call->e->doc ? p->chunk->name :
		                str_fmt(a, "%.*s:%.*s", STR_ARG(p->doc->name), STR_ARG(p->chunk->name));
		(*tail)->swept = p->chunk->sweep != NULL;
		(*tail)->tables = result_tables(call->b, p->result->result, a);
		(*tail)->absent = p->result->absent;
		if (p->facts)
			add_facts(call->b, *tail, p->facts, a);
		tail = &(*tail)->next;
	}
	struct file *lua;
	int n = essay_lua(call->b, &lua, a);
	struct buf records = buf_new(a, 1 << 16);
	evaluate(call->e->doc, programs, lua, n, &records, a);
	return fs_write_fd(out_fd, buf_str(&records)) ? 0 : 1;
}

static Digest formula_key(struct build *b, const struct formula *f)
{
	struct hash h = {0};
	hash_str(&h, S("formula 1"));
	hash_digest(&h, b->katex);
	hash_int(&h, f->display);
	hash_str(&h, f->tex);
	return hash_done(&h);
}

/* An engine: from what an earlier one was compiled to, else from KaTeX's text. Duktape trusts what it is given, and may: the
 * store knows a damaged note. */
static struct katex *open_katex(struct build *b, struct arena *a, Str *problem)
{
	struct hash h = {0};
	hash_str(&h, S("katex 1"));
	hash_digest(&h, b->katex);
	Digest key = hash_done(&h);
	Str js, compiled;
	struct katex *k = store_note(&b->store, "katex", key, a, &compiled) ? katex_open_compiled(compiled, a, problem) : NULL;
	if (k)
		return k;
	if (!fs_read(b->katex_js.at, a, &js)) {
		*problem = str_fmt(a, "cannot read '%.*s'", STR_ARG(b->katex_js));
		return NULL;
	}
	compiled = katex_compile(js, a, problem);
	k = compiled.len ? katex_open_compiled(compiled, a, problem) : NULL;
	if (k)
		store_set_note(&b->store, "katex", key, compiled, *a);
	return k;
}

/* One record a formula that has no HTML yet: its index, "html" and the HTML, or "problem", the offset and the message. */
static int call_typeset(void *ctx, int out_fd)
{
	struct fork_call *call = ctx;
	struct arena *a = &call->e->arena;
	Str problem = {0};
	struct katex *k = open_katex(call->b, a, &problem);
	if (!k) {
		dprintf(2, "%.*s\n", STR_ARG(problem));
		return 1;
	}
	int i = 0;
	for (const struct formula *f = call->e->formulas; f; f = f->next, i++) {
		if (f->html.len)
			continue;
		int offset = -1;
		struct buf line = buf_new(a, 4096);
		Str html = katex_render(k, f->tex, f->display, a, &problem, &offset);
		record_field(&line, str_fmt(a, "%d", i));
		record_field(&line, html.len ? S("html") : S("problem"));
		if (!html.len)
			record_int(&line, offset);
		record_field(&line, html.len ? html : problem);
		record_end(&line);
		if (!fs_write_fd(out_fd, buf_str(&line)))
			return 1;
	}
	/* Not closed: the process ends, and taking a heap of small objects apart takes longer than a page of formulas. */
	return 0;
}

static void start_call(struct build *b, struct essay *e, struct action *act, int (*call)(void *, int), int cpu_s)
{
	struct fork_call ctx = {b, e};
	struct child_spec spec = {.call = call, .ctx = &ctx, .timeout_s = 4 * cpu_s, .cpu_s = cpu_s, .keep_all = true};
	child_start(&spec, new_job(e, act));
}

void start_evaluate(struct build *b, struct essay *e, struct action *act)
{
	start_call(b, e, act, call_evaluate, LUA_CPU_S);
}

/* The formula is kept on the essay's list unless it is there. */
static void add_formula(struct essay *e, struct formula new)
{
	struct formula **f = &e->formulas;
	for (; *f; f = &(*f)->next)
		if ((*f)->display == new.display && str_eq((*f)->tex, new.tex))
			return;
	*f = NEW(&e->arena, struct formula);
	**f = new;
}

/* The formulas within a caption or a claim. A caption stands as it is in the essay, save for its escapes; a claim's
 * sentence is what Lua made of it. */
static void add_inline_formulas(struct essay *e, Str text, Span at, bool exact)
{
	Str part, rest = text;
	while (rest.len) {
		if (weave_inline_next(&rest, &part) != INLINE_MATH)
			continue;
		Span here = {at.file, at.line, at.col + (exact ? (int)(part.at - text.at) : 0)};
		add_formula(e, (struct formula){.tex = part, .exact = exact, .at = here});
	}
}

static void list_formulas(struct essay *e)
{
	for (const struct math *m = e->doc->maths; m; m = m->next)
		add_formula(e, (struct formula){.tex = m->tex, .display = m->display, .exact = true, .at = m->at});
	for (const struct chunk *c = e->doc->chunks; c; c = c->next)
		add_inline_formulas(e, c->opt.value[OPT_CAPTION].text, c->opt.value[OPT_CAPTION].at, true);
	for (const struct eval_claim *c = e->evaluation ? e->evaluation->claims : NULL; c; c = c->next)
		add_inline_formulas(e, c->says, doc_chunk(e->doc, c->chunk)->at, false);
}

bool has_new_formulas(struct essay *e)
{
	int before = 0, after = 0;
	for (const struct formula *f = e->formulas; f; f = f->next)
		before++;
	list_formulas(e);
	for (const struct formula *f = e->formulas; f; f = f->next)
		after++;
	return after > before;
}

/* Formulas are kept one by one, so that a new one costs one. */
void start_typeset(struct build *b, struct essay *e, struct action *act)
{
	int missing = 0;
	list_formulas(e);
	for (struct formula *f = e->formulas; f; f = f->next)
		if (!f->html.len && !store_note(&b->store, "tex", formula_key(b, f), &e->arena, &f->html))
			missing++;
	act->state = ACTION_DONE;
	if (missing && b->katex_js.len)
		start_call(b, e, act, call_typeset, TYPESET_CPU_S);
	else if (missing) {
		error_text("KaTeX is not installed (katex.min.js); the formulas of '%.*s' cannot be set", STR_ARG(e->name));
		act->state = ACTION_FAILED;
	}
}

bool keep_formulas(struct build *b, struct essay *e, struct action *act, const struct child_end *end)
{
	if (end->status || end->timed_out) {
		report_failure(act, "failed", end, e->arena);
		return false;
	}
	bool ok = true;
	Str rest = str_copy(&e->arena, end->out);
	struct record *r = NEW(&e->arena, struct record);
	struct formula *f = e->formulas;
	for (int i = 0; record_next(&rest, r, &e->arena); ) {
		/* Records come in the order of the list. */
		for (; f && i < record_get_int(r, 0); i++)
			f = f->next;
		if (!f)
			break;
		if (str_eq(record_get(r, 1), S("html"))) {
			f->html = record_get(r, 2);
			store_set_note(&b->store, "tex", formula_key(b, f), f->html, e->arena);
			continue;
		}
		Span at = f->at;
		for (long k = 0; f->exact && k < record_get_int(r, 2) && k < (long)f->tex.len; k++) {
			at.col++;
			if (f->tex.at[k] == '\n')
				at = (Span){at.file, at.line + 1, 1};
		}
		error_at(at, "%.*s", STR_ARG(record_get(r, 3)));
		ok = false;
	}
	return ok;
}

bool keep_evaluation(struct build *b, struct essay *e, struct action *act, const struct child_end *end)
{
	if (end->status || end->timed_out) {
		error_at((Span){e->doc->file, 0, 0}, "the essay's Lua %s",
		         end->timed_out || end->status > 128 ? "ran out of time (limit 10 s of processor time) or memory" : "could not be evaluated");
		report_log(act, end->err, e->arena);
		return false;
	}
	add_output(b, act->result, S("records"), end->out, false, e->arena);
	return true;
}

bool build_memo(struct build *b, const char *kind, Digest key, int (*call)(void *ctx, int out_fd), void *ctx,
                Str *answer, const char *what, struct arena *a)
{
	if (store_note(&b->store, kind, key, a, answer))
		return true;
	struct child_spec spec = {.call = call, .ctx = ctx, .timeout_s = 4 * LUA_CPU_S, .cpu_s = LUA_CPU_S, .keep_all = true};
	struct child_end end;
	child_start(&spec, NULL);
	while (!child_wait(&end, -1))
		continue;
	/* What it has to say of its input, warnings too, it says itself. */
	fwrite(end.err.at, 1, end.err.len, stderr);
	if (end.status || end.timed_out) {
		error_text("%s %s", what, end.status > 128 || end.timed_out ? "ran out of time or memory" : "failed");
		return false;
	}
	*answer = str_copy(a, end.out);
	store_set_note(&b->store, kind, key, *answer, *a);
	return true;
}
