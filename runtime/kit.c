/* The kit is a directory:
 *
 *   run.sh             compiles everything, then hands over to `kit`
 *   kit.cu             runs programs, one after the other, and writes recordings
 *   programs.sh        one call of run.sh's program() for each
 *   runs               records, one `run` with what belongs to it for each point (write_run())
 *   src/E/P/           the program's texts at their paths
 *   in/E/P/            what a run reads: inputs at their paths, results of other programs below their names
 *
 * The result directory holds recordings as the repository does, ESSAY/PROGRAM/[POINT/]record, so that importing is verifying
 * and copying. */
#include "kit.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../tangle/ctoken.h"
#include "../tangle/record.h"
#include "../tangle/recording.h"
#include "child.h"
#include "commands.h"
#include "recordings.h"

#define KIT_DIR "build/gpu-kit"

/* A kit being written. */
struct kit {
	struct build *b;
	struct buf programs, runs;
	int nprograms;
	bool fresh_too;         /* also what is recorded as it is now */
};

static void must_write(Str path, Str bytes)
{
	if (!fs_write(path.at, bytes, 0644))
		fatal("write '%s':", path.at);
}

/* Copy a file of weft's own into the kit. */
static void add_own(struct kit *k, const char *name, struct arena scratch)
{
	Str text, from = str_fmt(&scratch, "%.*s/runtime/cuda/%s", STR_ARG(k->b->data), name);
	if (!fs_read(from.at, &scratch, &text))
		fatal("read '%s':", from.at);
	must_write(str_fmt(&scratch, KIT_DIR "/%s", name), text);
}

/* ---- Programs ---- */

static bool is_arch_flag(Str word)
{
	return str_starts(word, S("-gencode")) || str_starts(word, S("-arch")) || str_starts(word, S("--gpu-"));
}

/* Words for the shell in single quotes, one string of them. */
static void add_quoted(struct buf *out, Str words)
{
	buf_z(out, " '");
	for (size_t i = 0; i < words.len; i++) {
		if (words.at[i] == '\'')
			buf_z(out, "'\\''");
		else
			buf_char(out, words.at[i]);
	}
	buf_char(out, '\'');
}

static bool mentions(Str text, Str what)
{
	return str_search(text, what, 0) < text.len;
}

/* Does it use instructions that only sm_90a has? */
static bool needs_hopper(const struct program *p)
{
	static const char *const only[] = {"wgmma.", "cp.async.bulk", "setmaxnreg"};
	struct ctoken token;
	if (mentions(p->chunk->opt.value[OPT_CFLAGS].text, S("90a")))
		return true;
	for (int i = 0; i < p->nsources; i++) {
		struct ctokens in = {.text = p->sources[i].text};
		while (ctoken_next(&in, &token))
			for (size_t k = 0; k < sizeof only / sizeof *only; k++)
				if (token.kind == CTOKEN_TEXT && mentions(token.text, str_of(only[k])))
					return true;
	}
	return false;
}

/* program ESSAY NAME any|sm_90a ok|fail SOURCES FLAGS LIBS */
static void add_program(struct kit *k, const struct program *p, struct arena scratch)
{
	struct buf sources = buf_new(&scratch, 256), flags = buf_new(&scratch, 256), libs = buf_new(&scratch, 64);
	buf_add(&sources, p->source_name);
	for (Str rest = p->chunk->opt.value[OPT_SOURCES].text, word; (word = str_word(&rest)).len; )
		buf_fmt(&sources, " %.*s", STR_ARG(word));
	for (Str rest = p->chunk->opt.value[OPT_CFLAGS].text, word; (word = str_word(&rest)).len; )
		if (!is_arch_flag(word))
			buf_fmt(&flags, "%.*s ", STR_ARG(word));
	for (Str rest = p->chunk->opt.value[OPT_LIBS].text, word; (word = str_word(&rest)).len; )
		buf_fmt(&libs, "-l%.*s ", STR_ARG(word));
	buf_fmt(&k->programs, "program %.*s %.*s %s %s", STR_ARG(p->doc->name), STR_ARG(p->chunk->name), needs_hopper(p) ? "sm_90a" : "any",
	        p->chunk->opt.value[OPT_EXPECT].given ? "fail" : "ok");
	add_quoted(&k->programs, buf_str(&sources));
	add_quoted(&k->programs, str_trim(buf_str(&flags)));
	add_quoted(&k->programs, str_trim(buf_str(&libs)));
	buf_char(&k->programs, '\n');
	for (int i = 0; i < p->nsources; i++)
		must_write(str_fmt(&scratch, KIT_DIR "/src/%.*s/%.*s/%.*s", STR_ARG(p->doc->name), STR_ARG(p->chunk->name),
		                   STR_ARG(p->sources[i].path)), p->sources[i].text);
	k->nprograms++;
}

/* ---- Runs ---- */

/* Everything a run finds in its directory. */
static void add_inputs(struct kit *k, const struct action *run, struct arena scratch)
{
	Str dir = str_fmt(&scratch, KIT_DIR "/in/%.*s/%.*s", STR_ARG(run->doc->name), STR_ARG(run->chunk->name)), bytes;
	for (int i = 0; i < run->ninputs; i++) {
		const struct action_input *in = &run->inputs[i];
		if (in->kind == INPUT_FILE)
			must_write(str_fmt(&scratch, "%.*s/%.*s", STR_ARG(dir), STR_ARG(in->path)), in->text);
		const struct result *r = in->kind == INPUT_RESULT && in->from->kind != ACT_COMPILE ? in->from->result : NULL;
		for (int f = 0; r && f < r->noutputs; f++) {
			const struct output *o = &r->outputs[f];
			if (is_printed(o->name))
				continue;
			if (!store_read(&k->b->store, o->digest, &scratch, &bytes))
				fatal("'%.*s' of '%.*s' is no longer in the store", STR_ARG(o->name), STR_ARG(in->from->label));
			must_write(str_fmt(&scratch, "%.*s/%.*s/%.*s", STR_ARG(dir), STR_ARG(in->path), STR_ARG(o->name)), bytes);
		}
	}
}

/* A run as records; `kit` reads them:
 *
 *   run ESSAY PROGRAM POINT POINTDIR RECIPE exact|measured|check TIMEOUT_S ok|fail
 *   stdin TEXT
 *   arg TEXT                          any number, in order
 *   output NAME                       any number: declared outputs
 *
 * "check" is a program for the processor: that it compiles and runs on a GPU too is worth knowing, its results there are not its
 * recording. */
static void write_run(struct kit *k, const struct action *run, struct arena scratch)
{
	struct buf *out = &k->runs;
	const struct option_value *value = run->chunk->opt.value;
	Str point = point_name(run->chunk->sweep, run->point, &scratch);
	record_field(out, S("run"));
	record_field(out, run->doc->name);
	record_field(out, run->chunk->name);
	record_field(out, point);
	record_field(out, point_dir(point, &scratch));
	record_digest(out, recipe_digest(run));
	record_field(out, !run->program->gpu ? S("check") : run->measured ? S("measured") : S("exact"));
	record_int(out, value[OPT_TIMEOUT].given ? value[OPT_TIMEOUT].number : TIMEOUT_DEFAULT_S);
	record_field(out, value[OPT_EXPECT].given ? S("fail") : S("ok"));
	record_end(out);
	record_field(out, S("stdin"));
	record_field(out, value[OPT_STDIN].text);
	record_end(out);
	for (int i = 0; i < run->argc; i++) {
		record_field(out, S("arg"));
		record_field(out, run->argv[i]);
		record_end(out);
	}
	for (Str rest = value[OPT_OUTPUTS].text, word; (word = str_word(&rest)).len; ) {
		record_field(out, S("output"));
		record_field(out, word);
		record_end(out);
	}
}

static bool is_kit_program(const struct essay *e, const struct program *p)
{
	return p->doc == e->doc && p->nruns && (p->gpu || (p->recorded && str_eq(p->chunk->language, S("cuda"))));
}

/* Is everything there that the program's runs read? */
static bool is_ready(const struct program *p)
{
	const struct action *run = p->runs[0];
	for (int i = 0; i < run->nneeds; i++) {
		const struct action *need = run->needs[i];
		if (need->kind == ACT_COMPILE)
			continue;
		if (need->absent)
			note_at(p->chunk->at, "'%.*s' is left out of the kit: it needs '%.*s', which is not recorded", STR_ARG(p->chunk->name),
			        STR_ARG(need->chunk->name));
		if (need->state != ACTION_DONE || need->absent)
			return false;
	}
	return true;
}

static bool is_fresh(struct build *b, struct essay *e, const struct program *p)
{
	Str device;
	for (int i = 0; i < p->nruns; i++)
		if (!recall_is_fresh(b, e, p->runs[i], &device))
			return false;
	return true;
}

/* Must it be done here before the kit's programs can be packed? Their own compilation and runs are the kit's. */
static bool is_wanted(const struct essay *e, const struct action *act)
{
	for (const struct program *p = e->plan.programs; p; p = p->next) {
		bool own = act->kind == ACT_COMPILE && act->program == p;
		for (int i = 0; is_kit_program(e, p) && !own && i < p->nruns; i++)
			if (act != p->runs[i] && action_needed(p->runs[i], act))
				return true;
	}
	return false;
}

/* Run what the kit's programs of an essay need, then add them. */
static void add_essay(struct kit *k, struct essay *e)
{
	for (struct action *act = e->plan.first; act; act = act->next)
		if (!is_wanted(e, act))
			act->state = ACTION_SKIPPED;
	k->b->essays = e;
	build_carry_out(k->b, e);
	for (const struct program *p = e->plan.programs; p; p = p->next) {
		if (!is_kit_program(e, p) || !is_ready(p) || (!k->fresh_too && is_fresh(k->b, e, p)))
			continue;
		add_program(k, p, e->arena);
		add_inputs(k, p->runs[0], e->arena);
		for (int i = 0; i < p->nruns; i++)
			write_run(k, p->runs[i], e->arena);
	}
	k->b->essays = NULL;
}

/* Write build/gpu-kit/. Returns how many programs are in it. */
static int write_kit(struct build *b, Str *names, int n, bool fresh_too)
{
	struct kit k = {.b = b, .fresh_too = fresh_too, .programs = buf_new(b->arena, 4096), .runs = buf_new(b->arena, 1 << 14)};
	fs_remove_tree(KIT_DIR);
	record_line(&k.runs, "kit", "1", NULL);
	for (int i = 0; i < n; i++) {
		struct essay *e = essay_open(b, names[i]);
		if (e && !e->faulty)
			add_essay(&k, e);
		if (e)
			essay_close(b, e);
	}
	must_write(S(KIT_DIR "/programs.sh"), buf_str(&k.programs));
	must_write(S(KIT_DIR "/runs"), buf_str(&k.runs));
	add_own(&k, "run.sh", *b->arena);
	add_own(&k, "kit.cu", *b->arena);
	chmod(KIT_DIR "/run.sh", 0755);
	return k.nprograms;
}

/* Run a tool of the system and wait. True when it ended well. */
static bool run_tool(struct build *b, const char *name, const char *const *words)
{
	char *argv[32] = {str_z(b->arena, state_which(&b->state, str_of(name)))};
	int n = 1;
	for (; *words && n < 31; words++)
		argv[n++] = str_z(b->arena, str_of(*words));
	char *env[] = {str_z(b->arena, str_join(b->arena, S("PATH="), str_of(getenv("PATH")))), NULL};
	struct child_spec spec = {.argv = argv, .env = env, .timeout_s = 600, .terminal = true};
	struct child_end end;
	if (!*argv[0]) {
		error_text("the tool '%s' is not in PATH", name);
		return false;
	}
	child_start(&spec, NULL);
	while (!child_wait(&end, -1))
		continue;
	return end.status == 0;
}

int kit_run(const struct build_options *opt)
{
	/* The same kit gives the same bytes. */
	static const char *const pack[] = {
		"--sort=name", "--mtime=@0", "--owner=0", "--group=0", "--numeric-owner", "--mode=u+rw,go+r-w", "-I", "gzip -n",
		"-cf", KIT_DIR ".tar.gz", "-C", "build", "gpu-kit", NULL,
	};
	struct arena a = arena_map((size_t)4 << 30);
	struct build b;
	Str *names;
	build_open(&b, opt, &a);
	b.opt.silent = true;
	build_prepare(&b);
	state_tools_unchanged(&b.state);
	int n = chosen_essays(opt, &names, &a), nprograms = write_kit(&b, names, n, true);
	if (!diag_errors && run_tool(&b, "tar", pack))
		printf(KIT_DIR ".tar.gz\n");
	else if (!diag_errors)
		error_text("the kit could not be packed");
	if (!opt->quiet)
		fprintf(stderr, "weft: %d program%s in the kit; on a machine with a GPU and nvcc: sh run.sh, then here: weft record --from=RESULTS\n",
		        nprograms, nprograms == 1 ? "" : "s");
	build_close(&b);
	return diag_errors ? 1 : 0;
}

/* ---- Importing ---- */

/* A verified recording on its way into the repository. */
struct import {
	struct import *next;
	struct recording *recording;
	Str *bytes;
};

struct importer {
	struct build *b;
	struct import *first, **tail;
	struct arena *a;
};

static bool is_directory(Str path)
{
	struct stat st;
	return !stat(path.at, &st) && S_ISDIR(st.st_mode);
}

/* Has the program, as it stands in the essay, such a point to record? Reported when not. */
static bool is_known(const struct importer *in, const struct recording *r, Str dir)
{
	struct essay *e = essay_open(in->b, r->essay);
	bool known = false;
	for (const struct program *p = e ? e->plan.programs : NULL; p; p = p->next)
		for (int i = 0; p->doc == e->doc && p->recorded && str_eq(p->chunk->name, r->program) && i < p->nruns; i++)
			known = known || str_eq(point_name(p->chunk->sweep, i, in->a), r->point);
	if (e && !known)
		error_text("'%.*s': essay '%.*s' has no recorded program '%.*s'%s%.*s", STR_ARG(dir), STR_ARG(r->essay), STR_ARG(r->program),
		           r->point.len ? " with the point " : "", STR_ARG(r->point));
	if (e)
		essay_close(in->b, e);
	return known;
}

/* One directory that should hold a recording of essay:program. */
static void read_one(struct importer *in, Str dir, Str essay, Str program, Str point)
{
	Str problem, *bytes;
	struct recording *r = recording_load(NULL, NULL, dir, &bytes, &problem, in->a);
	if (!r) {
		error_text("'%.*s' is refused: %.*s", STR_ARG(dir), STR_ARG(problem.len ? problem : S("it has no 'record'")));
		return;
	}
	if (!str_eq(r->essay, essay) || !str_eq(r->program, program) || !str_eq(point_dir(r->point, in->a), point)) {
		error_text("'%.*s' is refused: it is the recording of %.*s:%.*s%s%.*s", STR_ARG(dir), STR_ARG(r->essay), STR_ARG(r->program),
		           r->point.len ? " " : "", STR_ARG(r->point));
		return;
	}
	if (!is_known(in, r, dir))
		return;
	*in->tail = NEW(in->a, struct import);
	**in->tail = (struct import){NULL, r, bytes};
	in->tail = &(*in->tail)->next;
}

/* A program's directory: one recording, or one a point. */
static void read_program(struct importer *in, Str dir, Str essay, Str program)
{
	Str *name, record = str_fmt(in->a, "%.*s/record", STR_ARG(dir));
	int n = fs_list(dir.at, (Str){0}, &name, in->a), npoints = 0;
	for (int i = 0; i < n; i++) {
		Str path = str_fmt(in->a, "%.*s/%.*s", STR_ARG(dir), STR_ARG(name[i]));
		if (!is_directory(path))
			continue;
		read_one(in, path, essay, program, name[i]);
		npoints++;
	}
	if (!npoints || !access(record.at, F_OK))
		read_one(in, dir, essay, program, (Str){0});
}

static void read_results(struct importer *in, Str dir)
{
	Str *essay, *program;
	int n = fs_list(dir.at, (Str){0}, &essay, in->a);
	for (int i = 0; i < n; i++) {
		Str path = str_fmt(in->a, "%.*s/%.*s", STR_ARG(dir), STR_ARG(essay[i]));
		int nprograms = is_directory(path) ? fs_list(path.at, (Str){0}, &program, in->a) : 0;
		for (int k = 0; k < nprograms; k++) {
			Str below = str_fmt(in->a, "%.*s/%.*s", STR_ARG(path), STR_ARG(program[k]));
			if (is_directory(below))
				read_program(in, below, essay[i], program[k]);
		}
	}
}

/* False after reporting. */
static bool import_results(struct build *b, Str dir)
{
	struct importer in = {.b = b, .a = b->arena};
	int before = diag_errors, n = 0;
	in.tail = &in.first;
	read_results(&in, dir);
	if (!in.first && diag_errors == before)
		error_text("'%.*s' holds no recordings", STR_ARG(dir));
	if (diag_errors > before) {
		error_text("nothing was imported");
		return false;
	}
	for (const struct import *i = in.first; i; i = i->next, n++) {
		const struct recording *r = i->recording;
		Str to = recording_dir(r->essay, r->program, r->point, in.a);
		recording_save(to, r, i->bytes, *in.a);
		printf("%.*s\n", STR_ARG(to));
	}
	fflush(stdout);
	if (!b->opt.quiet)
		fprintf(stderr, "weft: %d recording%s imported; 'weft check' says whether they are of the programs as they are now\n", n,
		        n == 1 ? "" : "s");
	return true;
}

int import_run(const struct build_options *opt, Str dir)
{
	struct arena a = arena_map((size_t)4 << 30);
	struct build b;
	build_open(&b, opt, &a);
	build_prepare(&b);
	Str place = str_of(str_z(&a, dir));
	if (is_directory(place))
		import_results(&b, place);
	else
		error_text("'%.*s' is no directory", STR_ARG(dir));
	build_close(&b);
	return diag_errors ? 1 : 0;
}

/* ---- Here ---- */

/* The device files of NVIDIA's driver, made visible in the sandbox. */
static int device_binds(struct bind **binds, struct arena *a)
{
	Str *name;
	int n = fs_list("/dev", (Str){0}, &name, a), k = 0;
	*binds = NEWS(a, struct bind, (size_t)n + 2);
	for (int i = 0; i < n; i++)
		if (str_starts(name[i], S("nvidia"))) {
			Str path = str_fmt(a, "/dev/%.*s", STR_ARG(name[i]));
			(*binds)[k++] = (struct bind){.real = path, .seen = path, .device = true};
		}
	(*binds)[k++] = (struct bind){.real = S("/sys"), .seen = S("/sys")};
	return k;
}

void kit_record_here(struct build *b, Str *names, int n)
{
	enum { LIMIT_S = 6 * 3600 };
	Str nvcc = state_which(&b->state, S("nvcc"));
	struct bind *binds;
	if (!nvcc.len || access("/dev/nvidiactl", F_OK) || !write_kit(b, names, n, b->opt.all))
		return;
	struct arena scratch = *b->arena;
	Str dir = str_fmt(&scratch, "%.*s/" KIT_DIR, STR_ARG(b->site));
	const Str argv[] = {str_join(&scratch, S("NVCC="), nvcc), S("sh"), S("run.sh"), S("results")};
	int nbinds = device_binds(&binds, &scratch);
	struct command cmd = sandbox_command(b->tier, dir, S("/usr/bin/env"), argv, 4, binds, nbinds, &scratch);
	struct child_spec spec = {.argv = cmd.argv, .env = cmd.env, .dir = cmd.dir, .timeout_s = LIMIT_S, .terminal = true};
	struct child_end end;
	child_start(&spec, NULL);
	while (!child_wait(&end, -1))
		continue;
	if (end.status)
		error_text("the GPU programs did not all run (exit status %d); nothing was recorded", end.status);
	else
		import_results(b, S(KIT_DIR "/results"));
}
