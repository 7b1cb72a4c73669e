/* Building: find out what changed, plan it, carry it out, publish.
 *
 * Essays are opened one after the other, only as many at a time as keep the processors busy, and closed when they are
 * published, so memory does not grow with the site. */
#include "build.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "../tangle/arena.h"
#include "child.h"
#include "evaluate.h"
#include "jobserver.h"
#include "katex.h"
#include "kit.h"
#include "progress.h"
#include "setup.h"

enum { ESSAY_SPACE = 1 << 30 };
#define STORE_MOST ((int64_t)4 << 30)   /* bytes; a site of fifty essays has some ten million */

/* ---- Opening the site ---- */

static void take_lock(void)
{
	int fd = open("build/lock", O_RDWR | O_CREAT | O_CLOEXEC, 0666);
	if (fd < 0)
		fatal("open 'build/lock':");
	if (!flock(fd, LOCK_EX | LOCK_NB))
		return;
	fprintf(stderr, "weft: note: another weft works in this tree; waiting for it\n");
	while (flock(fd, LOCK_EX))
		if (errno != EINTR)
			fatal("lock 'build/lock':");
}

/* What a killed build left behind; under the lock nothing there is anyone else's. */
static void sweep(void)
{
	struct arena scratch = arena_map(1 << 20), whole = scratch;
	static const char *const dirs[] = {"build/run", "build/tmp"};
	for (int i = 0; i < 2; i++) {
		/* Not if there is nothing: a build with nothing to do writes nothing. */
		if (rmdir(dirs[i]) && errno != ENOENT)
			fs_remove_tree(dirs[i]);
		fs_mkdirs(dirs[i]);
	}
	arena_unmap(whole);
}

static Str read_line_of(const char *path, const char *key, struct arena *a)
{
	FILE *f = fopen(path, "r");
	char line[512];
	Str value = {0};
	while (f && !value.len && fgets(line, sizeof line, f)) {
		Str rest = str_of(line);
		if (!key)
			value = str_copy(a, str_trim(rest));
		else if (str_starts(rest, str_of(key)))
			value = str_copy(a, str_trim(str_sub(rest, str_find(rest, ':', 0) + 1, rest.len)));
	}
	if (f)
		fclose(f);
	return value;
}

static void find_machine(struct build *b)
{
	Str model = read_line_of("/proc/cpuinfo", "model name", b->arena);
	b->machine = str_fmt(b->arena, "%.*s, %ld processors", STR_ARG(model), sysconf(_SC_NPROCESSORS_ONLN));
}

/* The sandbox tier; found by trying once a boot. */
static void find_tier(struct build *b)
{
	Str boot = read_line_of("/proc/sys/kernel/random/boot_id", NULL, b->arena);
	if (!b->opt.no_run && (!b->state.has_tier || !str_eq(b->state.boot, boot))) {
		b->state.tier = sandbox_probe(b->arena);
		b->state.boot = boot;
		b->state.has_tier = true;
	}
	b->tier = b->state.tier;
}

struct configure {
	struct build *b;
	struct file recipes, site;
};

static int call_configure(void *ctx, int out_fd)
{
	struct configure *c = ctx;
	struct buf records = buf_new(c->b->arena, 1 << 14);
	config_evaluate(c->recipes.text, c->site.text.len ? &c->site : NULL, &records, c->b->arena);
	return fs_write_fd(out_fd, buf_str(&records)) ? 0 : 1;
}

/* Recipes and the site's settings, from their Lua. */
static void configure(struct build *b)
{
	struct configure *c = NEW(b->arena, struct configure);
	c->b = b;
	Digest recipes, site = {{0}};
	c->recipes.path = str_fmt(b->arena, "%.*s/runtime/lua/recipes.lua", STR_ARG(b->data));
	if (!state_read(&b->state, c->recipes.path, &b->shared, &c->recipes.text, &recipes, b->arena))
		fatal("read '%s':", c->recipes.path.at);
	c->site.path = S("essays/site.lua");
	state_read(&b->state, c->site.path, &b->shared, &c->site.text, &site, b->arena);
	struct hash h = {0};
	hash_str(&h, S("config 1"));
	hash_digest(&h, b->self);
	hash_digest(&h, recipes);
	hash_digest(&h, site);
	Str answer;
	bool ok = build_memo(b, "config", hash_done(&h), call_configure, c, &answer, "the site's configuration", b->arena);
	b->config = ok ? config_read(answer, &c->site, b->arena) : NULL;
	if (!b->config)
		exit(1);
}

/* Digest of weft's own Lua and theme; every essay depends on them. */
static Digest own_files(struct build *b, const char *dir, Str suffix)
{
	struct hash h = {0};
	Str *name;
	Str root = str_fmt(b->arena, "%.*s/%s", STR_ARG(b->data), dir);
	int n = fs_list(root.at, suffix, &name, b->arena);
	for (int i = 0; i < n; i++) {
		hash_str(&h, name[i]);
		hash_digest(&h, state_file(&b->state, str_fmt(b->arena, "%.*s/%.*s", STR_ARG(root), STR_ARG(name[i])), &b->shared));
	}
	return hash_done(&h);
}

void build_open(struct build *b, const struct build_options *opt, struct arena *a)
{
	*b = (struct build){.opt = *opt, .arena = a, .started_s = now_s()};
	char cwd[4096], self[4096];
	if (!getcwd(cwd, sizeof cwd))
		fatal("getcwd:");
	b->site = str_copy(a, str_of(cwd));
	b->data = fs_data_root(a);
	if (access("essays", R_OK | X_OK))
		fatal("no directory 'essays' here; a site is a directory with one ('weft new site DIR' makes it)");
	if (access("build", F_OK))
		fs_mkdirs("build");
	take_lock();
	fs_temp_dir("build/tmp");
	b->run_dir = str_fmt(a, "%.*s/build/run", STR_ARG(b->site));
	store_open(&b->store, S("build/store"));
	/* Within make's own -j its slots are the limit. */
	if (jobserver_open() && opt->jobs <= 0)
		b->opt.jobs = CHILDREN_MOST;
	else if (opt->jobs <= 0)
		b->opt.jobs = (int)sysconf(_SC_NPROCESSORS_ONLN);
	if (b->opt.jobs > CHILDREN_MOST - 2)
		b->opt.jobs = CHILDREN_MOST - 2;
	state_load(&b->state, S("build/state"), a);
	ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
	b->self = state_file(&b->state, str_copy(a, (Str){self, n > 0 ? (size_t)n : 0}), &b->shared);
	children_begin();
}

static void leave_by_signal(void)
{
	jobserver_hold(0);
	fs_remove_tree("build/run");
	fs_remove_tree("build/tmp");
}

void build_prepare(struct build *b)
{
	sweep();
	children_at_signal(leave_by_signal);
	b->progress = progress_new(b->opt.quiet, b->opt.verbose, b->arena);
	find_tier(b);
	find_machine(b);
	struct hash h = {0};
	hash_digest(&h, own_files(b, "runtime/lua", S(".lua")));
	hash_digest(&h, b->self);
	b->lua = hash_done(&h);
	own_files(b, "runtime/theme", (Str){0});
	configure(b);
	b->katex_js = katex_find(b->arena).js;
	if (b->katex_js.len)
		b->katex = state_file(&b->state, b->katex_js, &b->shared);
}

void build_close(struct build *b)
{
	if (!b->opt.look_only)
		state_save(&b->state);
	if (b->executed)
		store_trim(&b->store, STORE_MOST, *b->arena);
	fs_remove_tree("build/run");
	progress_end(b->progress);
}

/* ---- Essays ---- */

struct other_doc *essay_other(struct build *b, struct essay *e, Str name)
{
	for (struct other_doc *o = e->others; o; o = o->next)
		if (str_eq(o->doc->name, name))
			return o;
	struct file *file = NEW(&e->arena, struct file);
	Digest digest;
	file->path = str_fmt(&e->arena, "essays/%.*s.md", STR_ARG(name));
	if (!state_read(&b->state, file->path, &e->inputs, &file->text, &digest, &e->arena))
		return NULL;
	struct other_doc *o = NEW(&e->arena, struct other_doc);
	int before = diag_silenced;
	diag_silent = true;
	*o = (struct other_doc){.next = e->others, .doc = doc_parse(file, &e->arena)};
	diag_silent = false;
	o->faulty = diag_silenced > before;
	e->others = o;
	return o;
}

struct setup {
	struct build *b;
	struct essay *e;
};

static int call_setup(void *ctx, int out_fd)
{
	struct setup *s = ctx;
	struct buf records = buf_new(&s->e->arena, 4096);
	setup_evaluate(s->e->doc, &records, &s->e->arena);
	return fs_write_fd(out_fd, buf_str(&records)) ? 0 : 1;
}

/* The essay's .setup chunks may set options; they run before the plan, and again only when they changed. */
static bool run_setup(struct build *b, struct essay *e)
{
	if (!setup_is_needed(e->doc))
		return true;
	struct hash h = {0};
	hash_digest(&h, b->lua);
	for (const struct chunk *c = e->doc->chunks; c; c = c->next)
		for (const struct block *k = c->kind == CHUNK_SETUP ? c->blocks : NULL; k; k = k->more) {
			hash_str(&h, c->name);
			hash_str(&h, k->text);
		}
	Str answer;
	struct setup ctx = {b, e};
	return build_memo(b, "setup", hash_done(&h), call_setup, &ctx, &answer, "the essay's setup", &e->arena) &&
	       setup_apply(e->doc, answer, &e->arena);
}

struct essay *essay_open(struct build *b, Str name)
{
	struct arena whole = arena_map(ESSAY_SPACE), a = whole;
	struct essay *e = NEW(&a, struct essay);
	*e = (struct essay){.arena = a, .whole = whole, .name = str_copy(b->arena, name)};
	e->file.path = str_fmt(&e->arena, "essays/%.*s.md", STR_ARG(name));
	Digest digest;
	if (!state_read(&b->state, e->file.path, &e->inputs, &e->file.text, &digest, &e->arena)) {
		error_text("no essay '%.*s': cannot read '%s'", STR_ARG(name), e->file.path.at);
		arena_unmap(whole);
		return NULL;
	}
	struct world *world = NEW(&e->arena, struct world);
	world_of(b, e, world);
	int before = diag_errors;
	e->doc = doc_parse(&e->file, &e->arena);
	plan_begin(&e->plan, e->doc, b->config->recipes, world, &e->arena);
	e->plan.checking = b->opt.check;
	if (diag_errors == before && run_setup(b, e))
		plan_essay(&e->plan, b->lua, b->katex);
	e->faulty = diag_errors > before;
	for (struct action *act = e->plan.first; act && !e->faulty; act = act->next)
		e->unfinished++;
	return e;
}

void essay_close(struct build *b, struct essay *e)
{
	struct essay **at = &b->essays;
	while (*at && *at != e)
		at = &(*at)->next;
	if (*at)
		*at = e->next;
	for (struct other_doc *o = e->others; o; o = o->next)
		doc_close(o->doc);
	doc_close(e->doc);
	struct arena whole = e->whole;
	arena_unmap(whole);
}

/* ---- Carrying out ---- */

/* Actions whose needs failed will not run. */
static void skip_hopeless(struct essay *e)
{
	for (struct action *act = e->plan.first; act; act = act->next) {
		if (act->state != ACTION_WAITING)
			continue;
		for (int i = 0; i < act->nneeds; i++)
			if (act->needs[i]->state == ACTION_FAILED || act->needs[i]->state == ACTION_SKIPPED)
				act->state = ACTION_SKIPPED;
		if (act->state == ACTION_SKIPPED)
			e->unfinished--;
	}
}

static bool is_ready(const struct action *act)
{
	if (act->state != ACTION_WAITING)
		return false;
	for (int i = 0; i < act->nneeds; i++)
		if (act->needs[i]->state != ACTION_DONE)
			return false;
	return !perform_is_underway(act);
}

/* Processors an action keeps busy. */
static int threads_of(const struct action *act)
{
	long n = act->kind == ACT_RUN ? act->chunk->opt.value[OPT_THREADS].number : 1;
	return n < 1 ? 1 : (int)n;
}

/* What runs now: processors taken, and whether one of them must be alone. */
struct load {
	int threads;
	bool measuring;
};

static struct load load_of(const struct build *b)
{
	struct load load = {0};
	for (const struct essay *e = b->essays; e; e = e->next)
		for (const struct action *act = e->plan.first; act; act = act->next)
			if (act->state == ACTION_RUNNING) {
				load.threads += threads_of(act);
				load.measuring = load.measuring || act->measured;
			}
	return load;
}

/* The next action to start, in order of essays and plans; a measurement only when nothing else could run. */
static struct action *next_ready(struct build *b, struct load load, bool measured, struct essay **essay)
{
	for (struct essay *e = b->essays; e; e = e->next)
		for (struct action *act = e->plan.first; act; act = act->next)
			if (act->measured == measured && is_ready(act) &&
			    (!load.threads || (!load.measuring && load.threads + threads_of(act) <= b->opt.jobs))) {
				*essay = e;
				return act;
			}
	return NULL;
}

/* An action and all that depend on it are to be done again. */
static void redo(struct essay *e, const struct program *p)
{
	for (int i = 0; i < p->nruns; i++) {
		p->runs[i]->force = true;
		p->runs[i]->state = ACTION_WAITING;
		e->unfinished++;
	}
	for (struct action *act = e->plan.first; act; act = act->next)
		for (int i = 0; i < act->nneeds && act->state != ACTION_WAITING; i++)
			if (act->needs[i]->state == ACTION_WAITING) {
				act->state = ACTION_WAITING;
				e->unfinished++;
			}
}

static struct program *program_by_name(struct essay *e, Str name)
{
	for (struct program *p = e->plan.programs; p; p = p->next)
		if (p->doc == e->doc && str_eq(p->chunk->name, name))
			return p;
	return NULL;
}

static bool claim_is_kept(const struct eval_claim *c)
{
	return c->fails.len ? !c->holds : c->holds;
}

/* A failing claim over measurements gets one more, alone. */
static bool measure_again(struct essay *e)
{
	bool any = false;
	for (const struct eval_claim *c = e->evaluation->claims; c && !e->remeasured; c = c->next)
		for (int i = 0; i < c->from.n && !claim_is_kept(c); i++) {
			struct program *p = program_by_name(e, c->from.name[i]);
			if (p && p->runs[0]->measured && !p->recorded && p->runs[0]->state == ACTION_DONE) {
				redo(e, p);
				any = true;
			}
		}
	e->remeasured = e->remeasured || any;
	return any;
}

/* Read what the essay's Lua said, once. */
static void take_evaluation(struct build *b, struct essay *e)
{
	const struct action *act = e->plan.evaluate;
	const struct output *o = act && act->state == ACTION_DONE ? result_output(act->result, S("records")) : NULL;
	Str records;
	if (o && store_read(&b->store, o->digest, &e->arena, &records) && !(e->evaluation = evaluation_parse(records, &e->arena)))
		error_at((Span){&e->file, 0, 0}, "the evaluation in the store cannot be read");
	if (e->evaluation && evaluation_report(e->evaluation, e->doc))
		e->faulty = true;
}

static bool has_source(const struct sources *from, Str name)
{
	for (int i = 0; i < from->n; i++)
		if (str_eq(from->name[i], name))
			return true;
	return false;
}

/* Does the essay's Lua, or a figure, read a program's static facts? */
static bool reads_facts(const struct essay *e, const struct program *p, struct arena scratch)
{
	const struct evaluation *ev = e->evaluation;
	Str name = p->doc == e->doc ? str_join(&scratch, p->chunk->name, S(".static")) :
	           str_fmt(&scratch, "%.*s:%.*s.static", STR_ARG(p->doc->name), STR_ARG(p->chunk->name));
	for (int i = 0; ev && i < ev->nvalues; i++)
		if (has_source(&ev->value[i].from, name))
			return true;
	for (const struct eval_table *t = ev ? ev->tables : NULL; t; t = t->next)
		if (has_source(&t->from, name))
			return true;
	for (const struct eval_claim *c = ev ? ev->claims : NULL; c; c = c->next)
		if (has_source(&c->from, name))
			return true;
	for (const struct figure *f = e->plan.figures; f; f = f->next)
		for (int i = 0; i < f->nfrom; i++) {
			Str script = f->script;
			bool names = str_search(script, S("ptxas.tsv"), 0) < script.len || str_search(script, S("occupancy.tsv"), 0) < script.len;
			if (f->from[i] == p && names)
				return true;
		}
	return false;
}

static void report_facts(struct build *b, struct essay *e)
{
	for (const struct program *p = e->plan.programs; p; p = p->next)
		if (p->facts && p->facts->state == ACTION_DONE && reads_facts(e, p, e->arena))
			recall_facts_read(b, e, p->facts);
}

/* Nothing of the essay is left to do. Returns false when that brought up new work. */
static bool finish(struct build *b, struct essay *e)
{
	e->evaluation = NULL;
	if (!e->faulty)
		take_evaluation(b, e);
	if (e->evaluation && !e->faulty && measure_again(e))
		return false;
	if (e->evaluation && e->plan.typeset && e->plan.typeset->state == ACTION_DONE && has_new_formulas(e)) {
		e->plan.typeset->state = ACTION_WAITING;
		e->unfinished++;
		return false;
	}
	for (const struct action *act = e->plan.first; act; act = act->next)
		if (act->state == ACTION_FAILED || act->state == ACTION_SKIPPED)
			e->faulty = true;
	report_facts(b, e);
	recall_report_strays(b, e);
	int errors = diag_errors;
	bool published = publish_essay(b, e);
	if (!published || diag_errors > errors)
		b->failed++;
	essay_close(b, e);
	return true;
}

static void done(struct build *b, struct essay *e, struct action *act)
{
	e->unfinished--;
	if (act->executed)
		b->executed++;
	else if (act->state == ACTION_DONE)
		b->reused++;
	progress_done(b->progress, act);
	if (act->state == ACTION_FAILED)
		skip_hopeless(e);
	else if (act->executed)
		remember_key(b, act, e->arena);
}

static void finish_all(struct build *b)
{
	for (struct essay *e = b->essays, *next; e; e = next) {
		next = e->next;
		if (!e->unfinished && !finish(b, e))
			next = b->essays;
	}
}

/* Open the next essay of the list that is there. False when none is left. */
static bool open_next(struct build *b, Str *names, int n, int *at)
{
	if (*at == n || (b->failed && !b->opt.keep_going))
		return false;
	struct essay *e = essay_open(b, names[(*at)++]);
	if (!e) {
		b->failed++;
		return true;
	}
	struct essay **tail = &b->essays;
	while (*tail)
		tail = &(*tail)->next;
	*tail = e;
	for (const struct action *act = e->plan.first; act; act = act->next)
		progress_expect(b->progress);
	return true;
}

/* Measurements of all trees on this machine take turns. True when it is ours; a machine without a place for the lock
 * has none. */
static bool take_turn(struct build *b)
{
	const char *dir = getenv("XDG_RUNTIME_DIR");
	char path[4096];
	snprintf(path, sizeof path, "%s/weft-timing-%d.lock", dir && *dir ? dir : "/tmp", (int)getuid());
	if (b->turn_fd <= 0)
		b->turn_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	return b->turn_fd <= 0 || !flock(b->turn_fd, LOCK_EX | LOCK_NB);
}

static void end_turn(struct build *b)
{
	if (b->turn_fd > 0)
		flock(b->turn_fd, LOCK_UN);
}

/* Choose what to start now, with a slot of make's for it. NULL: nothing, or not yet; *waiting says whether something would be
 * ready but for another process. */
static struct action *choose(struct build *b, struct load load, struct essay **e, bool *waiting)
{
	struct action *act = next_ready(b, load, false, e);
	*waiting = false;
	if (!act && !load.threads && (act = next_ready(b, load, true, e)) && !take_turn(b)) {
		*waiting = true;
		return NULL;
	}
	if (act && !jobserver_hold(load.threads + threads_of(act) - 1)) {
		*waiting = true;
		return NULL;
	}
	return act;
}

/* Wait for a child's end, a slot, a turn, or the time to redraw. */
static void await(struct build *b, bool waiting)
{
	enum { TURN_MS = 100 };
	struct child_end end;
	struct essay *e;
	int interval = progress_interval_ms(b->progress);
	children_also_poll(waiting ? jobserver_fd() : -1);
	if (!child_wait(&end, waiting && (interval < 0 || interval > TURN_MS) ? TURN_MS : interval)) {
		progress_tick(b->progress);
		return;
	}
	progress_clear(b->progress);
	struct action *act = performed(b, &end, &e);
	/* A compile's second half has begun. */
	if (act->state == ACTION_RUNNING)
		return;
	if (act->measured)
		end_turn(b);
	done(b, e, act);
	jobserver_hold(load_of(b).threads > 0 ? load_of(b).threads - 1 : 0);
}

static void start(struct build *b, struct essay *e, struct action *act)
{
	progress_started(b->progress, act);
	perform(b, e, act);
	if (act->state == ACTION_RUNNING || act->state == ACTION_WAITING)
		return;
	if (act->measured)
		end_turn(b);
	done(b, e, act);
}

static void carry_out(struct build *b, Str *names, int n)
{
	for (int at = 0; ; ) {
		struct essay *e;
		struct load load = load_of(b);
		bool waiting, more = !next_ready(b, load, false, &e) && load.threads < b->opt.jobs && open_next(b, names, n, &at);
		struct action *act = more ? NULL : choose(b, load, &e, &waiting);
		if (act)
			start(b, e, act);
		else if (!more && !load.threads && !waiting)
			return;
		else if (!more)
			await(b, waiting);
		finish_all(b);
	}
}

void build_carry_out(struct build *b, struct essay *e)
{
	for (;;) {
		struct load load = load_of(b);
		bool waiting;
		struct action *act = choose(b, load, &e, &waiting);
		if (act)
			start(b, e, act);
		else if (!load.threads && !waiting)
			return;
		else
			await(b, waiting);
	}
}

/* ---- What changed ---- */

static int list_essays(Str **names, struct arena *a)
{
	int n = fs_list("essays", S(".md"), names, a);
	for (int i = 0; i < n; i++)
		(*names)[i] = str_sub((*names)[i], 0, (*names)[i].len - 3);
	return n;
}

static bool is_wanted(const struct build_options *opt, Str name)
{
	bool wanted = !opt->nessays;
	for (int i = 0; i < opt->nessays; i++)
		wanted = wanted || str_eq(opt->essays[i], name);
	return wanted;
}

/* The names of the essays to build: those asked for that are not as the state has them. *gone: some essay of the
 * state has no file any more. */
static int find_dirty(struct build *b, Str *all, int nall, Str **dirty, bool *gone)
{
	bool same_tools = b->state.loaded && state_tools_unchanged(&b->state);
	int n = 0;
	*dirty = NEWS(b->arena, Str, (size_t)(nall + b->opt.nessays) + 1);
	for (int i = 0; i < nall; i++) {
		struct essay_facts *facts = state_essay(&b->state, all[i], false);
		if (facts) {
			facts->seen = true;
			/* Which tools an essay was made with is not among its inputs: with others, none is as it should be. */
			facts->ok = facts->ok && same_tools;
		}
		if (is_wanted(&b->opt, all[i]) &&
		    (b->opt.draft || b->opt.no_run || b->opt.record || b->opt.all || !facts || !facts->ok ||
		     !state_unchanged(&b->state, &facts->inputs) ||
		     !state_unchanged(&b->state, &facts->outputs)))
			(*dirty)[n++] = all[i];
	}
	/* Asked for by name and not there: opening it says so. */
	for (int i = 0; i < b->opt.nessays; i++) {
		bool there = false;
		for (int k = 0; k < nall; k++)
			there = there || str_eq(b->opt.essays[i], all[k]);
		if (!there)
			(*dirty)[n++] = b->opt.essays[i];
	}
	*gone = false;
	for (struct essay_facts *f = b->state.essays; f; f = f->next) {
		f->seen = f->seen || !f->name.len;
		*gone = *gone || !f->seen;
	}
	return n;
}

/* Pages of essays that are no longer there. */
static void remove_gone(struct build *b)
{
	for (struct essay_facts *f = b->state.essays; f; f = f->next)
		for (int i = 0; !f->seen && i < f->outputs.n; i++)
			fs_retract(b->state.known[f->outputs.at[i]].path.at);
}

static bool site_is_current(struct build *b)
{
	struct essay_facts *site = state_essay(&b->state, (Str){0}, false);
	return site && site->ok && state_unchanged(&b->state, &site->inputs) && state_unchanged(&b->state, &site->outputs);
}

static void print_pages(struct build *b, Str *names, int n)
{
	const char *dir = b->opt.draft ? "build/draft" : "build/site";
	for (int i = 0; i < n; i++) {
		struct essay_facts *facts = state_essay(&b->state, names[i], false);
		if (is_wanted(&b->opt, names[i]) && facts && (facts->ok || b->opt.draft))
			printf("%s/%.*s.html\n", dir, STR_ARG(names[i]));
	}
}

int build_run(const struct build_options *opt)
{
	struct arena a = arena_map((size_t)4 << 30);
	struct build b;
	build_open(&b, opt, &a);
	Str *all, *dirty;
	bool gone;
	int nall = list_essays(&all, &a), ndirty = find_dirty(&b, all, nall, &dirty, &gone);
	if (!ndirty && !gone && site_is_current(&b)) {
		if (!opt->quiet)
			fprintf(stderr, "weft: nothing to do\n");
		print_pages(&b, all, nall);
		return 0;
	}
	build_prepare(&b);
	if (opt->record)
		kit_record_here(&b, dirty, ndirty);
	carry_out(&b, dirty, ndirty);
	if (!opt->look_only) {
		remove_gone(&b);
		publish_site(&b);
	}
	build_close(&b);
	if (!opt->quiet)
		fprintf(stderr, "weft: %d done, %d from the store, %.1f s, sandbox: %s%s\n", b.executed, b.reused, now_s() - b.started_s,
		        sandbox_name(b.tier), b.failed || diag_errors ? "; with mistakes" : "");
	if (!opt->look_only)
		print_pages(&b, all, nall);
	return b.failed || diag_errors ? 1 : 0;
}
