/* Carrying out actions: look in the store; else prepare a private directory and start a child.
 *
 * A result enters the store only when the action did what was wanted of it (success, or the failure the author
 * expects), after its outputs were checked. What fails runs again next time. */
#include <stdio.h>
#include <stdlib.h>

#include "../tangle/arena.h"
#include "../tangle/depfile.h"
#include "../tangle/record.h"
#include "../tangle/tsv.h"
#include "performer.h"

enum { COMPILE_TIMEOUT_S = 300, NVCC_TIMEOUT_S = 120, PLOT_TIMEOUT_S = 60, HEADERS_MOST = 4096 };

static struct job jobs[CHILDREN_MOST];

struct job *new_job(struct essay *e, struct action *act)
{
	struct job *j = jobs;
	while (j->act)
		j++;
	*j = (struct job){.act = act, .essay = e};
	act->state = ACTION_RUNNING;
	act->executed = true;
	return j;
}

bool perform_is_underway(const struct action *act)
{
	if (digest_is_zero(act->key))
		return false;
	for (const struct job *j = jobs; j < jobs + CHILDREN_MOST; j++)
		if (j->act && j->act != act && digest_eq(j->act->key, act->key))
			return true;
	return false;
}

const struct option_value *option_of(const struct action *act, enum option o)
{
	return &act->chunk->opt.value[o];
}

/* The header sets of earlier compiles with this pre-key, newest last:
 *   h PATH DIGEST   one header     set   ends one set */
static bool find_headers(struct build *b, struct essay *e, Digest prekey, Digest *key, struct arena scratch)
{
	Str text;
	if (!store_note(&b->store, "mf", prekey, &scratch, &text))
		return false;
	Str *path = NEWS(&scratch, Str, HEADERS_MOST);
	Digest *digest = NEWS(&scratch, Digest, HEADERS_MOST);
	struct record *r = NEW(&scratch, struct record);
	bool fits = true;
	for (int n = 0; record_next(&text, r, &scratch); ) {
		if (str_eq(record_get(r, 0), S("h"))) {
			fits = fits && n < HEADERS_MOST && digest_parse(record_get(r, 2), &digest[n]) &&
			       digest_eq(digest[n], state_file(&b->state, record_get(r, 1), NULL));
			if (n < HEADERS_MOST)
				path[n++] = record_get(r, 1);
			continue;
		}
		if (fits) {
			for (int i = 0; i < n; i++)
				state_file(&b->state, path[i], &e->inputs);
			*key = compile_key(prekey, path, digest, n);
			return true;
		}
		n = 0;
		fits = true;
	}
	return false;
}

struct header_list {
	Str *path;
	int n;
	struct arena *arena;
};

static void add_header(void *ctx, Str path)
{
	struct header_list *list = ctx;
	if (path.at[0] == '/' && list->n < HEADERS_MOST)
		list->path[list->n++] = str_copy(list->arena, path);
}

static int by_path(const void *left, const void *right)
{
	return str_cmp(*(const Str *)left, *(const Str *)right);
}

void note_headers(struct build *b, struct essay *e, struct action *act, Str dir, struct arena scratch)
{
	struct header_list list = {NEWS(&scratch, Str, HEADERS_MOST), 0, &scratch};
	Str *name, text;
	int n = fs_list(dir.at, S(".d"), &name, &scratch);
	for (int i = 0; i < n; i++)
		if (fs_read(str_fmt(&scratch, "%.*s/%.*s", STR_ARG(dir), STR_ARG(name[i])).at, &scratch, &text))
			depfile_each(text, add_header, &list);
	if (list.n)
		qsort(list.path, (size_t)list.n, sizeof *list.path, by_path);
	Digest *digest = NEWS(&scratch, Digest, (size_t)list.n + 1);
	int kept = 0;
	for (int i = 0; i < list.n; i++) {
		if (kept && str_eq(list.path[i], list.path[kept - 1]))
			continue;
		list.path[kept] = list.path[i];
		digest[kept++] = state_file(&b->state, list.path[i], &e->inputs);
	}
	Digest prekey = act->key;
	act->key = compile_key(prekey, list.path, digest, kept);
	Str old = {0};
	store_note(&b->store, "mf", prekey, &scratch, &old);
	/* Compilers come and go; a manifest of a hundred sets would only cost time. */
	if (old.len > 1 << 20)
		old = (Str){0};
	struct buf out = buf_new(&scratch, old.len + 160 * (size_t)kept);
	for (int i = 0; i < kept; i++) {
		record_field(&out, S("h"));
		record_field(&out, list.path[i]);
		record_digest(&out, digest[i]);
		record_end(&out);
	}
	record_line(&out, "set", NULL);
	buf_add(&out, old);
	store_set_note(&b->store, "mf", prekey, buf_str(&out), scratch);
}

static Digest measured_key(struct build *b, Digest key)
{
	struct hash h = {0};
	hash_digest(&h, key);
	hash_str(&h, b->machine);
	return hash_done(&h);
}

bool perform_lookup(struct build *b, struct essay *e, struct action *act)
{
	act->key = action_key(act, e->arena);
	if (act->measured)
		act->key = measured_key(b, act->key);
	Digest key = act->key;
	if (act->kind == ACT_COMPILE && !find_headers(b, e, act->key, &key, e->arena))
		return false;
	struct result *r = store_get(&b->store, key, &e->arena);
	if (!r)
		return false;
	act->key = key;
	act->result = r;
	return true;
}

static void must_write(Str path, Str bytes)
{
	if (!fs_write(path.at, bytes, 0644))
		fatal("write '%s':", path.at);
}

/* What the command will see, gathered while its directory is prepared. */
struct stage {
	struct build *b;
	Str dir;
	struct bind *binds;
	int nbinds, room;
	struct arena *arena;
};

/* Make `real` visible as dir/seen: bound in where the sandbox can, copied elsewhere. */
static void show(struct stage *s, Str real, Str seen)
{
	if (s->b->tier == SANDBOX_BWRAP) {
		if (s->nbinds == s->room)
			fatal("more than %d inputs for one action", s->room);
		char *absolute = real.at[0] == '/' ? str_z(s->arena, real) :
		                 str_z(s->arena, str_fmt(s->arena, "%.*s/%.*s", STR_ARG(s->b->site), STR_ARG(real)));
		s->binds[s->nbinds++] = (struct bind){str_of(absolute), str_fmt(s->arena, "/out/%.*s", STR_ARG(seen)), false, false};
		return;
	}
	struct arena scratch = *s->arena;
	Str bytes;
	if (!fs_read(str_z(&scratch, real), &scratch, &bytes))
		fatal("read '%.*s':", STR_ARG(real));
	must_write(str_fmt(&scratch, "%.*s/%.*s", STR_ARG(s->dir), STR_ARG(seen)), bytes);
}

/* Every kept file of a result but what was printed, below `path`/. */
static void show_result(struct stage *s, const struct result *r, Str path)
{
	for (int i = 0; r && i < r->noutputs; i++) {
		const struct output *o = &r->outputs[i];
		if (!is_printed(o->name))
			show(s, store_path(&s->b->store, o->digest, s->arena),
			     str_fmt(s->arena, "%.*s%s%.*s", STR_ARG(path), path.len ? "/" : "", STR_ARG(o->name)));
	}
}

static void stage_inputs(struct stage *s, const struct action *act)
{
	for (int i = 0; i < act->ninputs; i++) {
		const struct action_input *in = &act->inputs[i];
		if (in->kind == INPUT_TEXT)
			must_write(str_fmt(s->arena, "%.*s/%.*s", STR_ARG(s->dir), STR_ARG(in->path)), in->text);
		else if (in->kind == INPUT_FILE)
			show(s, in->file, in->path);
		else if (act->kind == ACT_RUN && in->from->kind != ACT_COMPILE)
			show_result(s, in->from->result, in->path);
	}
}

/* gnuplot gets tables without units in their headers, and a script that sets the stage. */
static void stage_plot(struct stage *s, const struct action *act)
{
	enum { TABLES_MOST = 256 };
	struct table **table = NEWS(s->arena, struct table *, TABLES_MOST);
	Str *name = NEWS(s->arena, Str, TABLES_MOST);
	int n = 0;
	for (int i = 0; i < act->ninputs; i++) {
		const struct action_input *in = &act->inputs[i];
		if (in->kind != INPUT_RESULT)
			continue;
		const struct result *r = in->from->result;
		for (int k = 0; k < r->noutputs && n < TABLES_MOST; k++) {
			Str text, problem, file = r->outputs[k].name;
			if (!str_ends(file, S(".tsv")) || !store_read(&s->b->store, r->outputs[k].digest, s->arena, &text))
				continue;
			table[n] = tsv_parse(file, text, s->arena, &problem);
			if (!table[n])
				continue;
			name[n] = str_fmt(s->arena, "%.*s%s%.*s", STR_ARG(in->path), in->path.len ? "/" : "", STR_ARG(file));
			must_write(str_fmt(s->arena, "%.*s/%.*s", STR_ARG(s->dir), STR_ARG(name[n])), tsv_bare_header(text, s->arena));
			n++;
		}
	}
	must_write(str_fmt(s->arena, "%.*s/main.gp", STR_ARG(s->dir)), plot_prologue(act, table, name, n, s->arena));
}

static Str private_dir(struct build *b, struct arena *a)
{
	static unsigned counter;
	Str dir = str_fmt(a, "%.*s/%u", STR_ARG(b->run_dir), counter++);
	fs_mkdirs(dir.at);
	return dir;
}

/* Memory and time of a run, and what it reads from stdin. */
static void limit_run(const struct action *act, struct child_spec *spec)
{
	const struct option_value *timeout = option_of(act, OPT_TIMEOUT), *memory = option_of(act, OPT_MEMORY);
	Str cflags = option_of(act, OPT_CFLAGS)->text;
	spec->timeout_s = timeout->given ? (int)timeout->number : TIMEOUT_DEFAULT_S;
	spec->one_cpu = act->measured && option_of(act, OPT_THREADS)->number < 2;
	/* A sanitizer reserves terabytes of addresses. */
	if (str_search(cflags, S("-fsanitize"), 0) == cflags.len)
		spec->memory_bytes = memory->given ? memory->number : (long)MEMORY_DEFAULT_MB << 20;
	spec->stdin_text = option_of(act, OPT_STDIN)->text;
}

/* Where the compiled program of a run is, as the command will see it. */
static Str show_program(struct stage *s, const struct action *act)
{
	const struct output *program = result_output(act->program->compile->result, S("program"));
	Str blob = store_path(&s->b->store, program->digest, s->arena);
	Str real = str_fmt(s->arena, "%.*s/%.*s", STR_ARG(s->b->site), STR_ARG(blob));
	if (s->b->tier != SANDBOX_BWRAP)
		return real;
	Str seen = str_fmt(s->arena, "/prog/%.*s", STR_ARG(act->chunk->name));
	s->binds[s->nbinds++] = (struct bind){real, seen, false, false};
	return seen;
}

/* Prepare an action's directory, and the command that runs in it. */
static struct command stage_command(struct build *b, const struct action *act, Str dir, struct arena *a)
{
	enum { BINDS_MOST = 2048 };
	struct stage s = {.b = b, .dir = dir, .binds = NEWS(a, struct bind, BINDS_MOST), .room = BINDS_MOST - 1, .arena = a};
	stage_inputs(&s, act);
	if (act->kind == ACT_PLOT) {
		const Str argv[] = {S("main.gp")};
		stage_plot(&s, act);
		return sandbox_command(b->tier, dir, state_which(&b->state, act->tool), argv, 1, s.binds, s.nbinds, a);
	}
	/* The first word of a tool's argv is its name. */
	bool has_tool = act->tool.len > 0;
	Str tool = has_tool ? state_which(&b->state, act->tool) : show_program(&s, act);
	return sandbox_command(b->tier, dir, tool, act->argv + has_tool, act->argc - has_tool, s.binds, s.nbinds, a);
}

static void start_process(struct build *b, struct essay *e, struct action *act)
{
	struct arena scratch = e->arena;
	struct job *job = new_job(e, act);
	job->dir = private_dir(b, b->arena);
	struct command cmd = stage_command(b, act, job->dir, &scratch);
	struct child_spec spec = {.argv = cmd.argv, .env = cmd.env, .dir = cmd.dir};
	spec.timeout_s = act->kind == ACT_COMPILE ? act->program->gpu ? NVCC_TIMEOUT_S : COMPILE_TIMEOUT_S : PLOT_TIMEOUT_S;
	if (act->kind == ACT_RUN)
		limit_run(act, &spec);
	child_start(&spec, job);
}

/* The compiler is done: link what it left, in the same place. */
static void start_link(struct build *b, struct job *job, const struct child_end *compiled)
{
	struct arena scratch = job->essay->arena;
	const struct program *p = job->act->program;
	job->linking = true;
	job->log = str_copy(b->arena, compiled->err);
	struct command cmd = sandbox_command(b->tier, job->dir, state_which(&b->state, p->link[0]), p->link + 1, p->nlink - 1, NULL, 0, &scratch);
	struct child_spec spec = {.argv = cmd.argv, .env = cmd.env, .dir = cmd.dir, .timeout_s = COMPILE_TIMEOUT_S};
	child_start(&spec, job);
}

/* Tables and declared files that a run on the terminal left, where they can be looked at: build/out/ESSAY/PROGRAM/. */
static void hand_over(const struct action *act, Str dir, struct arena *a)
{
	Str *name, bytes;
	int n = fs_list(dir.at, S(".tsv"), &name, a);
	for (int i = 0; i < n; i++) {
		Str to = str_fmt(a, "build/out/%.*s/%.*s/%.*s", STR_ARG(act->doc->name), STR_ARG(act->chunk->name), STR_ARG(name[i]));
		if (fs_read(str_fmt(a, "%.*s/%.*s", STR_ARG(dir), STR_ARG(name[i])).at, a, &bytes) && fs_write(to.at, bytes, 0644))
			fprintf(stderr, "weft: it left %s\n", to.at);
	}
}

int perform_on_terminal(struct build *b, struct essay *e, struct action *act)
{
	Str dir = private_dir(b, b->arena);
	struct command cmd = stage_command(b, act, dir, &e->arena);
	struct child_spec spec = {.argv = cmd.argv, .env = cmd.env, .dir = cmd.dir, .terminal = true, .timeout_s = 1 << 30};
	struct child_end end;
	child_start(&spec, NULL);
	while (!child_wait(&end, -1))
		continue;
	/* In the essay's own lines, with them below. */
	report_log(act, end.err, e->arena);
	hand_over(act, dir, &e->arena);
	fs_remove_tree(dir.at);
	return end.status;
}

struct action *performed(struct build *b, const struct child_end *child, struct essay **essay)
{
	struct job *job = child->tag;
	struct child_end end = *child;
	struct action *act = job->act;
	struct essay *e = *essay = job->essay;
	if (act->kind == ACT_COMPILE && act->program->nlink && !job->linking && !end.status && !end.timed_out) {
		start_link(b, job, &end);
		return act;
	}
	if (job->linking)
		end.err = str_join(&e->arena, job->log, end.err);
	act->result = NEW(&e->arena, struct result);
	*act->result = (struct result){.status = end.status, .wall_s = end.wall_s, .out_omitted = end.out_omitted, .err_omitted = end.err_omitted};
	if (act->measured)
		act->result->machine = b->machine;
	bool ok = keep_result(b, e, act, job->dir, &end);
	act->state = ok ? ACTION_DONE : ACTION_FAILED;
	/* Formulas are kept one by one. A compile that fails as expected leaves no list of headers to key it by: it is repeated. */
	if (ok && !act->absent && act->kind != ACT_TYPESET && !(act->kind == ACT_COMPILE && end.status))
		store_put(&b->store, act->key, act->result, e->arena);
	if (ok && act->recorded)
		recall_repeated(b, e, act);
	if (job->dir.len)
		fs_remove_tree(job->dir.at);
	*job = (struct job){0};
	return act;
}

/* A run whose compile failed as its author expects has nothing to run. */
static bool has_nothing_to_run(const struct action *act)
{
	const struct action *compile = act->program ? act->program->compile : NULL;
	return act->kind == ACT_RUN && compile && !act->program->gpu && !result_output(compile->result, S("program"));
}

bool needs_absent(const struct action *act)
{
	for (int i = 0; i < act->nneeds; i++)
		if (act->needs[i]->absent)
			return true;
	return false;
}

void perform(struct build *b, struct essay *e, struct action *act)
{
	if (has_nothing_to_run(act)) {
		act->result = NEW(&e->arena, struct result);
		act->result->status = act->program->compile->result->status;
		act->state = ACTION_DONE;
		return;
	}
	if (act->kind == ACT_TYPESET) {
		start_typeset(b, e, act);
		return;
	}
	if (act->kind == ACT_FACTS) {
		recall_facts(b, e, act);
		return;
	}
	if (act->recorded && recall(b, e, act))
		return;
	if ((act->kind == ACT_RUN || act->kind == ACT_GATHER) && needs_absent(act)) {
		recall_absent(e, act);
		return;
	}
	bool found = perform_lookup(b, e, act);
	if (found && !act->force && !(act->recorded && b->opt.all)) {
		act->state = ACTION_DONE;
		if (act->recorded)
			recall_repeated(b, e, act);
		return;
	}
	/* A figure of static facts alone can be drawn, and is then in the store. */
	if (act->kind == ACT_PLOT && b->opt.no_run && needs_absent(act)) {
		recall_absent(e, act);
		return;
	}
	if (!act->force && perform_is_underway(act))
		return;
	act->force = false;
	act->result = NULL;
	bool is_process = act->kind == ACT_COMPILE || act->kind == ACT_RUN || act->kind == ACT_PLOT;
	if (b->opt.no_run && is_process) {
		error_at(act->chunk->at, "'%.*s' has no result in the store; 'weft build' makes it", STR_ARG(act->label));
		act->state = ACTION_FAILED;
		return;
	}
	if (act->kind == ACT_GATHER)
		gather(b, e, act);
	else if (act->kind == ACT_EVALUATE)
		start_evaluate(b, e, act);
	else
		start_process(b, e, act);
}
