/* The plan: an essay's programs, figures and Lua as a graph of actions. */
#include "plan.h"

#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "depfile.h"
#include "expand.h"
#include "tsv.h"

/* Lists that grow while an action is planned. */
struct inputs {
	struct action_input *at;
	int n, room;
	struct arena *arena;
};

static struct action_input *add_input(struct inputs *list, struct action_input in)
{
	if (list->n == list->room) {
		int room = list->room ? 2 * list->room : 8;
		struct action_input *more = NEWS(list->arena, struct action_input, (size_t)room);
		if (list->n)
			memcpy(more, list->at, (size_t)list->n * sizeof *more);
		list->at = more;
		list->room = room;
	}
	list->at[list->n] = in;
	return &list->at[list->n++];
}

static void add_text(struct inputs *list, Str path, Str text)
{
	add_input(list, (struct action_input){.kind = INPUT_TEXT, .path = path, .text = text, .digest = digest_of(text)});
}

static bool has_input(const struct inputs *list, Str path)
{
	for (int i = 0; i < list->n; i++)
		if (str_eq(list->at[i].path, path))
			return true;
	return false;
}

/* A new action at the end of the plan; its needs are the actions its inputs come from. */
static struct action *add_action(struct essay_plan *plan, struct action model, struct inputs *in)
{
	struct action *act = NEW(plan->arena, struct action);
	*act = model;
	act->inputs = in->at;
	act->ninputs = in->n;
	act->needs = NEWS(plan->arena, struct action *, (size_t)in->n + 1);
	for (int i = 0; i < in->n; i++)
		if (in->at[i].from)
			act->needs[act->nneeds++] = in->at[i].from;
	*plan->tail = act;
	plan->tail = &act->next;
	return act;
}

static const struct recipe *recipe_of(const struct essay_plan *plan, Str language)
{
	for (const struct recipe *r = plan->recipes; r; r = r->next)
		if (str_eq(r->language, language))
			return r;
	return NULL;
}

/* The words of an option, split at blanks; "…" inside a word is the business of whoever writes args: none needed it. */
static int words(Str text, Str **list, struct arena *a)
{
	int n = 0;
	*list = NEWS(a, Str, text.len / 2 + 1);
	for (Str word; (word = str_word(&text)).len; )
		(*list)[n++] = word;
	return n;
}

static const struct option_value *option(const struct chunk *c, enum option o)
{
	return &c->opt.value[o];
}

/* Follow the #include "…" lines of C text and add each file of the site that is there, once. */
struct follow {
	struct essay_plan *plan;
	struct inputs *in;
	Str dir;                /* of the file that includes, with a trailing slash, or empty */
};

static void follow_includes(struct essay_plan *plan, struct inputs *in, Str path, Str text);

static void follow_one(void *ctx, Str name)
{
	struct follow *f = ctx;
	struct arena *a = f->plan->arena;
	const struct world *w = f->plan->world;
	Str bytes, real;
	Digest digest;
	if (str_eq(name, S("weft.h"))) {
		if (!has_input(f->in, name)) {
			w->data(w->ctx, S("runtime/include/weft.h"), &bytes, &digest, &real);
			add_input(f->in, (struct action_input){.kind = INPUT_FILE, .path = S("weft.h"), .file = real, .text = bytes, .digest = digest});
		}
		return;
	}
	Str candidates[] = {str_join(a, f->dir, name), str_copy(a, name)};
	for (int i = f->dir.len ? 0 : 1; i < 2; i++) {
		if (has_input(f->in, candidates[i]))
			return;
		if (!w->file(w->ctx, candidates[i], &bytes, &digest, &real))
			continue;
		add_input(f->in, (struct action_input){
			.kind = INPUT_FILE, .path = candidates[i], .file = real, .text = bytes, .digest = digest,
		});
		follow_includes(f->plan, f->in, candidates[i], bytes);
		return;
	}
}

static void follow_includes(struct essay_plan *plan, struct inputs *in, Str path, Str text)
{
	size_t slash = path.len;
	while (slash && path.at[slash - 1] != '/')
		slash--;
	struct follow f = {plan, in, str_sub(path, 0, slash)};
	include_each(text, follow_one, &f);
}

/* Files named by an option, one input each. */
static bool add_files(struct essay_plan *plan, struct inputs *in, const struct option_value *v, bool source)
{
	bool ok = true;
	Str *name, bytes, real;
	Digest digest;
	int n = words(v->text, &name, plan->arena);
	for (int i = 0; i < n; i++) {
		if (has_input(in, name[i]))
			continue;
		if (!plan->world->file(plan->world->ctx, name[i], &bytes, &digest, &real)) {
			error_at(v->at, "no file '%.*s' in the site", STR_ARG(name[i]));
			ok = false;
			continue;
		}
		add_input(in, (struct action_input){
			.kind = INPUT_FILE, .path = name[i], .file = real, .text = bytes, .digest = digest,
		});
		if (source)
			follow_includes(plan, in, name[i], bytes);
	}
	return ok;
}

/* "gemm.o" of "kernels/nn/gemm.cu": where a compiler that does not link leaves it. */
static Str object_of(Str source, struct arena *a)
{
	size_t slash = source.len, dot = source.len;
	while (slash && source.at[slash - 1] != '/')
		slash--;
	while (dot > slash && source.at[dot - 1] != '.')
		dot--;
	return str_fmt(a, "%.*s.o", STR_ARG(str_sub(source, slash, dot > slash ? dot - 1 : source.len)));
}

/* A recipe's argv with its variables replaced. */
static int fill_argv(struct essay_plan *plan, const struct program *p, const Str *model, int n, Str **argv)
{
	struct arena *a = plan->arena;
	const struct chunk *c = p->chunk;
	Str *cflags, *sources, *libs;
	int ncflags = words(option(c, OPT_CFLAGS)->text, &cflags, a);
	int nsources = words(option(c, OPT_SOURCES)->text, &sources, a);
	int nlibs = words(option(c, OPT_LIBS)->text, &libs, a);
	*argv = NEWS(a, Str, (size_t)(n + ncflags + 2 * nsources + nlibs) + 2);
	int k = 0;
	for (int i = 0; i < n; i++) {
		if (str_eq(model[i], S("$SOURCE")))
			(*argv)[k++] = p->source_name;
		else if (str_eq(model[i], S("$OUT")))
			(*argv)[k++] = c->name;
		else if (str_eq(model[i], S("$CFLAGS")))
			for (int j = 0; j < ncflags; j++)
				(*argv)[k++] = cflags[j];
		else if (str_eq(model[i], S("$SOURCES")))
			for (int j = 0; j < nsources; j++)
				(*argv)[k++] = sources[j];
		else if (str_eq(model[i], S("$OBJECTS")))
			for (int j = -1; j < nsources; j++)
				(*argv)[k++] = object_of(j < 0 ? p->source_name : sources[j], a);
		else if (str_eq(model[i], S("$LIBS")))
			for (int j = 0; j < nlibs; j++)
				(*argv)[k++] = str_fmt(a, "-l%.*s", STR_ARG(libs[j]));
		else
			(*argv)[k++] = model[i];
	}
	return k;
}

/* Two sources of one name in different directories would leave one object. */
static bool check_objects(const struct program *p, struct arena scratch)
{
	Str rest = option(p->chunk, OPT_SOURCES)->text, *seen = NEWS(&scratch, Str, rest.len / 2 + 2);
	int n = 0;
	seen[n++] = object_of(p->source_name, &scratch);
	for (Str word; (word = str_word(&rest)).len; n++) {
		seen[n] = object_of(word, &scratch);
		for (int i = 0; i < n; i++)
			if (str_eq(seen[i], seen[n])) {
				error_at(option(p->chunk, OPT_SOURCES)->at, "two sources would both be compiled to '%.*s'", STR_ARG(seen[n]));
				return false;
			}
	}
	return true;
}

/* What a program is made of, and the commands that would compile it. */
static bool find_sources(struct essay_plan *plan, struct program *p)
{
	const struct recipe *r = p->recipe;
	struct inputs in = {.arena = plan->arena};
	add_text(&in, p->source_name, p->source);
	if (r->ncompile)
		follow_includes(plan, &in, p->source_name, p->source);
	if (r->ncompile && !add_files(plan, &in, option(p->chunk, OPT_SOURCES), true))
		return false;
	p->sources = in.at;
	p->nsources = in.n;
	bool check = plan->checking && r->ncheck;
	p->ncommand = fill_argv(plan, p, check ? r->check : r->compile, check ? r->ncheck : r->ncompile, &p->command);
	p->nlink = fill_argv(plan, p, r->link, r->nlink, &p->link);
	return !r->nlink || check_objects(p, *plan->arena);
}

static bool plan_compile(struct essay_plan *plan, struct program *p)
{
	const struct recipe *r = p->recipe;
	const struct world *w = plan->world;
	/* A GPU's program is compiled only to find its mistakes: what the page shows is its recording. */
	if (p->gpu && !w->has_tools(w->ctx, r))
		return true;
	struct inputs in = {.at = p->sources, .n = p->nsources, .room = p->nsources, .arena = plan->arena};
	struct action model = {
		.kind = ACT_COMPILE, .doc = plan->doc, .program = p, .chunk = p->chunk, .tool = r->tools[0],
		.label = str_fmt(plan->arena, "compile %.*s:%.*s", STR_ARG(plan->doc->name), STR_ARG(p->chunk->name)),
		.argv = p->command, .argc = p->ncommand,
	};
	if (!w->tools(w->ctx, r, (Str){0}, p->chunk->at, &model.tools))
		return false;
	p->compile = add_action(plan, model, &in);
	return true;
}

/* The static facts of a CUDA program are read from the repository, whatever runs it. */
static void plan_facts(struct essay_plan *plan, struct program *p)
{
	struct inputs in = {.arena = plan->arena};
	p->facts = add_action(plan, (struct action){
		.kind = ACT_FACTS, .doc = plan->doc, .program = p, .chunk = p->chunk,
		.label = str_fmt(plan->arena, "facts %.*s:%.*s", STR_ARG(plan->doc->name), STR_ARG(p->chunk->name)),
	}, &in);
}

/* "train" or "essay:train". Another essay's program becomes part of this plan. */
static struct program *program_named(struct essay_plan *plan, Str name, Span at)
{
	size_t colon = str_find(name, ':', 0);
	struct doc *own = plan->doc, *doc = own;
	if (colon < name.len) {
		doc = plan->world->other(plan->world->ctx, str_sub(name, 0, colon), at);
		if (!doc)
			return NULL;
		name = str_sub(name, colon + 1, name.len);
	}
	struct chunk *c = doc_chunk(doc, name);
	if (!c || c->kind != CHUNK_PROGRAM) {
		error_at(at, "no program '%.*s' in %.*s", STR_ARG(name), STR_ARG(doc->file->path));
		return NULL;
	}
	plan->doc = doc;
	struct program *p = plan_program(plan, c);
	plan->doc = own;
	return p;
}

/* Inputs that every run of a program has: the executable or the source, files, results of other programs. */
static bool run_inputs(struct essay_plan *plan, struct program *p, struct inputs *in)
{
	bool ok = true;
	/* A GPU's program runs elsewhere. */
	if (p->compile && !p->gpu)
		add_input(in, (struct action_input){.kind = INPUT_RESULT, .path = p->chunk->name, .from = p->compile, .output = S("program")});
	else if (!p->recipe->ncompile)
		add_text(in, p->source_name, p->source);
	if (!add_files(plan, in, option(p->chunk, OPT_INPUTS), false))
		ok = false;
	const struct option_value *needs = option(p->chunk, OPT_NEEDS);
	Str *name;
	int n = words(needs->text, &name, plan->arena);
	for (int i = 0; i < n; i++) {
		struct program *other = program_named(plan, name[i], needs->at);
		if (!other || !other->result) {
			ok = false;
			continue;
		}
		Str dir = other->chunk->name;
		add_input(in, (struct action_input){.kind = INPUT_RESULT, .path = dir, .from = other->result});
	}
	return ok;
}

/* The arguments of one run: the recipe's run words for an interpreted program, args, the point's name=value. */
static void run_argv(struct essay_plan *plan, struct program *p, int point, struct action *act)
{
	struct arena *a = plan->arena;
	const struct sweep *s = p->chunk->sweep;
	Str *args, *recipe_words = NULL;
	int nargs = words(option(p->chunk, OPT_ARGS)->text, &args, a), nrecipe = 0;
	if (p->recipe->nrun)
		nrecipe = fill_argv(plan, p, p->recipe->run, p->recipe->nrun, &recipe_words);
	act->argv = NEWS(a, Str, (size_t)(nrecipe + nargs + (s ? s->nparams : 0)) + 1);
	for (int i = 0; i < nrecipe; i++)
		act->argv[act->argc++] = recipe_words[i];
	for (int i = 0; i < nargs; i++)
		act->argv[act->argc++] = args[i];
	for (int i = 0; s && i < s->nparams; i++)
		act->argv[act->argc++] = str_fmt(a, "%.*s=%.*s", STR_ARG(s->name[i]), STR_ARG(s->value[point][i]));
}

/* "n=256 seed=1": a point of a sweep. */
static void write_point(struct buf *out, const struct sweep *s, int point)
{
	for (int i = 0; i < s->nparams; i++)
		buf_fmt(out, "%s%.*s=%.*s", i ? " " : "", STR_ARG(s->name[i]), STR_ARG(s->value[point][i]));
}

static Str run_label(struct essay_plan *plan, struct program *p, int point)
{
	struct buf label = buf_new(plan->arena, 64);
	buf_fmt(&label, "run %.*s:%.*s", STR_ARG(plan->doc->name), STR_ARG(p->chunk->name));
	if (p->chunk->sweep) {
		buf_char(&label, ' ');
		write_point(&label, p->chunk->sweep, point);
	}
	return buf_str(&label);
}

/* The files of a recording lie beside `record`, and beside the directory of static facts. */
static bool check_outputs(const struct program *p)
{
	const struct option_value *outputs = option(p->chunk, OPT_OUTPUTS);
	Str rest = outputs->text;
	for (Str word; p->recorded && (word = str_word(&rest)).len; )
		if (str_eq(word, S("record")) || str_eq(word, S("static"))) {
			error_at(outputs->at, "an output of a recorded program cannot be called '%.*s'", STR_ARG(word));
			return false;
		}
	return true;
}

static bool plan_runs(struct essay_plan *plan, struct program *p)
{
	const struct sweep *s = p->chunk->sweep;
	struct inputs in = {.arena = plan->arena};
	if (!check_outputs(p) || !run_inputs(plan, p, &in))
		return false;
	Digest tools = {{0}};
	bool interpreted = !p->recipe->ncompile;
	if (interpreted && !plan->world->tools(plan->world->ctx, p->recipe, (Str){0}, p->chunk->at, &tools))
		return false;
	p->nruns = s ? s->npoints : 1;
	p->runs = NEWS(plan->arena, struct action *, (size_t)p->nruns);
	for (int i = 0; i < p->nruns; i++) {
		struct action model = {
			.kind = ACT_RUN, .doc = plan->doc, .program = p, .chunk = p->chunk, .point = i, .tools = tools,
			.tool = interpreted ? p->recipe->tools[0] : (Str){0},
			.label = run_label(plan, p, i), .measured = option(p->chunk, OPT_MEASURED)->given,
			.recorded = p->recorded,
		};
		run_argv(plan, p, i, &model);
		p->runs[i] = add_action(plan, model, &in);
	}
	p->result = p->runs[0];
	if (s) {
		struct inputs points = {.arena = plan->arena};
		for (int i = 0; i < p->nruns; i++) {
			/* The point is part of what is gathered: another one may have left the same. */
			struct buf point = buf_new(plan->arena, 64);
			write_point(&point, s, i);
			add_input(&points, (struct action_input){.kind = INPUT_RESULT, .path = buf_str(&point), .from = p->runs[i]});
		}
		p->result = add_action(plan, (struct action){
			.kind = ACT_GATHER, .doc = plan->doc, .program = p, .chunk = p->chunk,
			.label = str_fmt(plan->arena, "gather %.*s:%.*s", STR_ARG(plan->doc->name), STR_ARG(p->chunk->name)),
		}, &points);
	}
	return true;
}

struct program *plan_program(struct essay_plan *plan, struct chunk *chunk)
{
	struct program **at = &plan->programs;
	for (; *at; at = &(*at)->next)
		if ((*at)->chunk == chunk) {
			if (!(*at)->planning)
				return *at;
			error_at(chunk->at, "program '%.*s' needs its own results", STR_ARG(chunk->name));
			return NULL;
		}
	bool gpu = str_eq(option(chunk, OPT_DEVICE)->text, S("gpu")), cuda = str_eq(chunk->language, S("cuda"));
	const struct recipe *r = recipe_of(plan, gpu ? str_join(plan->arena, chunk->language, S("-gpu")) : chunk->language);
	if (!r || (!r->ncompile && !r->nrun)) {
		error_at(chunk->at, "no recipe runs the language '%.*s'", STR_ARG(chunk->language));
		return NULL;
	}
	struct program *p = *at = NEW(plan->arena, struct program);
	p->doc = plan->doc;
	p->chunk = chunk;
	p->recipe = r;
	p->gpu = gpu;
	p->recorded = gpu || option(chunk, OPT_RECORDED)->given;
	p->planning = true;
	p->source_name = str_fmt(plan->arena, "%.*s.%.*s", STR_ARG(chunk->name), STR_ARG(r->extension));
	struct buf source = buf_new(plan->arena, 8192);
	bool ok = expand(plan->doc, chunk, r->line.len ? PLACES_CHUNK : PLACES_NONE, r->line, &source);
	p->source = buf_str(&source);
	ok = ok && find_sources(plan, p) && (!r->ncompile || plan_compile(plan, p)) && plan_runs(plan, p);
	if (ok && cuda)
		plan_facts(plan, p);
	p->planning = false;
	return ok ? p : NULL;
}

static bool plan_figure(struct essay_plan *plan, struct chunk *c, struct figure *f)
{
	struct arena *a = plan->arena;
	f->chunk = c;
	struct buf script = buf_new(a, 1024);
	if (!expand(plan->doc, c, PLACES_NONE, (Str){0}, &script))
		return false;
	f->script = buf_str(&script);
	const struct option_value *from = option(c, OPT_FROM);
	Str *name, *shared;
	int n = words(from->text, &name, a);
	f->from = NEWS(a, struct program *, (size_t)n + 1);
	struct inputs in = {.arena = a};
	add_text(&in, S("script.gp"), f->script);
	int nshared = plan->world->plot_scripts(plan->world->ctx, &shared);
	for (int i = 0; i < nshared; i++) {
		struct action_input file = {.kind = INPUT_FILE, .path = shared[i]};
		Str bytes;
		plan->world->data(plan->world->ctx, shared[i], &bytes, &file.digest, &file.file);
		add_input(&in, file);
	}
	for (int i = 0; i < n; i++) {
		struct program *p = program_named(plan, name[i], from->at);
		if (!p || !p->result)
			return false;
		f->from[f->nfrom++] = p;
		Str dir = n > 1 ? p->chunk->name : (Str){0};
		add_input(&in, (struct action_input){.kind = INPUT_RESULT, .path = dir, .from = p->result});
		if (p->facts)
			add_input(&in, (struct action_input){.kind = INPUT_RESULT, .path = dir, .from = p->facts});
	}
	struct action model = {.kind = ACT_PLOT, .doc = plan->doc, .chunk = c, .tool = S("gnuplot")};
	if (!plan->world->tools(plan->world->ctx, NULL, model.tool, c->at, &model.tools))
		return false;
	for (int narrow = 0; narrow < 2; narrow++) {
		struct inputs own = in;
		own.room = own.n;
		model.narrow = narrow;
		model.label = str_fmt(a, "plot %.*s:%.*s%s", STR_ARG(plan->doc->name), STR_ARG(c->name), narrow ? " (narrow)" : "");
		*(narrow ? &f->narrow : &f->wide) = add_action(plan, model, &own);
	}
	return true;
}

/* All Lua of the essay in one text, each piece under its name: what EVALUATE's key is made of. */
static Str lua_of(struct essay_plan *plan)
{
	struct buf text = buf_new(plan->arena, 4096);
	for (const struct chunk *c = plan->doc->chunks; c; c = c->next)
		if (c->kind & (CHUNK_TABLE | CHUNK_CLAIM | CHUNK_HELPERS)) {
			buf_fmt(&text, "\n-- %d %.*s from %.*s\n", (int)c->kind, STR_ARG(c->name), STR_ARG(option(c, OPT_FROM)->text));
			for (const struct block *b = c->blocks; b; b = b->more)
				buf_add(&text, b->text);
		}
	for (const struct inline_lua *l = plan->doc->luas; l; l = l->next)
		buf_fmt(&text, "\n-- inline\n%.*s", STR_ARG(l->expr));
	return buf_str(&text);
}

static void plan_evaluate(struct essay_plan *plan, Digest lua)
{
	Str text = lua_of(plan);
	if (!text.len)
		return;
	struct inputs in = {.arena = plan->arena};
	add_text(&in, S("lua"), text);
	/* Which programs the Lua reads shows only when it runs, so it has them all. */
	for (struct program *p = plan->programs; p; p = p->next) {
		add_input(&in, (struct action_input){.kind = INPUT_RESULT, .path = p->chunk->name, .from = p->result});
		if (p->facts)
			add_input(&in, (struct action_input){.kind = INPUT_RESULT, .path = p->chunk->name, .from = p->facts});
	}
	plan->evaluate = add_action(plan, (struct action){
		.kind = ACT_EVALUATE, .doc = plan->doc, .tools = lua,
		.label = str_fmt(plan->arena, "evaluate %.*s", STR_ARG(plan->doc->name)),
	}, &in);
}

/* Formulas stand in the text, in captions, and in what claims say, for which helpers may have a hand. */
static bool may_have_formulas(const struct doc *doc)
{
	if (doc->maths)
		return true;
	for (const struct chunk *c = doc->chunks; c; c = c->next) {
		if (str_has(option(c, OPT_CAPTION)->text, '$'))
			return true;
		for (const struct block *b = c->kind & (CHUNK_CLAIM | CHUNK_HELPERS) ? c->blocks : NULL; b; b = b->more)
			if (str_has(b->text, '$'))
				return true;
	}
	return false;
}

static void plan_typeset(struct essay_plan *plan, Digest katex)
{
	if (!may_have_formulas(plan->doc))
		return;
	struct buf text = buf_new(plan->arena, 4096);
	for (const struct math *m = plan->doc->maths; m; m = m->next)
		buf_fmt(&text, "%c %.*s\n", m->display ? 'd' : 'i', STR_ARG(m->tex));
	struct inputs in = {.arena = plan->arena};
	add_text(&in, S("formulas"), buf_str(&text));
	plan->typeset = add_action(plan, (struct action){
		.kind = ACT_TYPESET, .doc = plan->doc, .tools = katex,
		.label = str_fmt(plan->arena, "typeset %.*s", STR_ARG(plan->doc->name)),
	}, &in);
}

void plan_begin(struct essay_plan *plan, struct doc *doc, const struct recipe *recipes, const struct world *world,
                struct arena *a)
{
	*plan = (struct essay_plan){.doc = doc, .recipes = recipes, .world = world, .arena = a};
	plan->tail = &plan->first;
}

bool plan_essay(struct essay_plan *plan, Digest lua, Digest katex)
{
	bool ok = true;
	/* Typesetting first: it is the longest of the small actions and needs nothing. */
	plan_typeset(plan, katex);
	for (struct chunk *c = plan->doc->chunks; c; c = c->next)
		if (c->kind == CHUNK_PROGRAM && !plan_program(plan, c))
			ok = false;
	struct figure **tail = &plan->figures;
	for (struct chunk *c = plan->doc->chunks; ok && c; c = c->next)
		if (c->kind == CHUNK_FIGURE) {
			*tail = NEW(plan->arena, struct figure);
			ok = plan_figure(plan, c, *tail);
			tail = &(*tail)->next;
		}
	if (ok)
		plan_evaluate(plan, lua);
	return ok;
}

void plan_print(const struct essay_plan *plan, bool keys, struct buf *out)
{
	static const char *state[] = {"waiting", "running", "done", "failed", "skipped"};
	struct arena scratch = *plan->arena;
	for (const struct action *act = plan->first; act; act = act->next) {
		buf_add(out, act->label);
		if (keys) {
			buf_fmt(out, "\t%s\t", state[act->state]);
			buf_add(out, str_sub(digest_text(&scratch, act->key), 0, 12));
		}
		for (int i = 0; i < act->nneeds; i++)
			buf_fmt(out, "%s%.*s", i ? ", " : "\n    needs ", STR_ARG(act->needs[i]->label));
		buf_char(out, '\n');
		for (int i = 0; i < act->ninputs; i++)
			if (act->inputs[i].kind != INPUT_RESULT)
				buf_fmt(out, "    reads %.*s\n", STR_ARG(act->inputs[i].path));
		if (act->argc) {
			buf_z(out, "    argv ");
			for (int i = 0; i < act->argc; i++)
				buf_fmt(out, " %.*s", STR_ARG(act->argv[i]));
			buf_char(out, '\n');
		}
	}
}
