/* Static facts, recorded:
 *
 *   ptxas.tsv      kernel registers barriers spill_stores[B] spill_loads[B] shared[B] stack[B] constant[B], for sm_90a
 *   occupancy.tsv  kernel device arch block[threads] dynamic[B] registers shared[B] blocks warps occupancy limit
 *
 * Kernels are sorted by name. Occupancy is for the blocks the program launches, where its text says them, else for some usual
 * ones; on each GPU with the registers of a compilation for that GPU. A GPU the program cannot be compiled for has no rows. */
#include "facts.h"

#include <stdio.h>
#include <stdlib.h>

#include "../tangle/ptxas.h"
#include "../tangle/recording.h"
#include "child.h"
#include "commands.h"
#include "performer.h"
#include "recordings.h"

enum { FACTS_TIMEOUT_S = 120, DEVICES_MOST = 16 };

/* What is the same for all programs. */
struct compiler {
	struct build *b;
	Str nvcc, version;      /* "13.0.88" */
	Str dir;                /* private; holds the compiled helper */
	Str device[DEVICES_MOST], arch[DEVICES_MOST];
	int ndevices;
};

/* One program on its way. */
struct facts {
	struct compiler *c;
	struct program *p;
	struct arena *a;
	struct launch *launches;
};

/* Run a command in the sandbox with `dir` as its directory, and wait. The texts of *end live until the next. */
static void run_in(struct build *b, Str dir, Str tool, const Str *argv, int argc, Str stdin_text, struct child_end *end, struct arena *a)
{
	struct command cmd = sandbox_command(b->tier, dir, tool, argv, argc, NULL, 0, a);
	struct child_spec spec = {
		.argv = cmd.argv, .env = cmd.env, .dir = cmd.dir, .stdin_text = stdin_text, .timeout_s = FACTS_TIMEOUT_S, .keep_all = true,
	};
	child_start(&spec, NULL);
	while (!child_wait(end, -1))
		continue;
}

static void must_write(Str path, Str bytes)
{
	if (!fs_write(path.at, bytes, 0644))
		fatal("write '%s':", path.at);
}

/* "13.0.88" of "Cuda compilation tools, release 13.0, V13.0.88". */
static Str version_of(Str answer, struct arena *a)
{
	size_t at = str_search(answer, S(", V"), 0);
	Str rest = str_sub(answer, at + 3, answer.len);
	return str_copy(a, str_trim(str_cut(&rest, '\n')));
}

/* Compile the helper that knows the GPUs. False after reporting. */
static bool make_helper(struct compiler *c, struct arena *a)
{
	struct child_end end;
	Str text, source = str_fmt(a, "%.*s/runtime/cuda/facts.cpp", STR_ARG(c->b->data));
	const Str argv[] = {S("-std=c++17"), S("-o"), S("facts"), S("facts.cpp")};
	const Str list[] = {S("devices")};
	if (!fs_read(source.at, a, &text))
		fatal("read '%s':", source.at);
	must_write(str_fmt(a, "%.*s/facts.cpp", STR_ARG(c->dir)), text);
	run_in(c->b, c->dir, c->nvcc, argv, 4, (Str){0}, &end, a);
	if (end.status) {
		error_text("'%.*s' cannot compile weft's own 'facts.cpp'", STR_ARG(c->nvcc));
		fwrite(end.err.at, 1, end.err.len, stderr);
		return false;
	}
	Str helper = c->b->tier == SANDBOX_BWRAP ? S("/out/facts") : str_fmt(a, "%.*s/facts", STR_ARG(c->dir));
	run_in(c->b, c->dir, helper, list, 1, (Str){0}, &end, a);
	for (Str rest = str_copy(a, end.out); rest.len && c->ndevices < DEVICES_MOST; c->ndevices++) {
		Str line = str_cut(&rest, '\n');
		c->device[c->ndevices] = str_cut(&line, '\t');
		c->arch[c->ndevices] = line;
	}
	if (end.status || !c->ndevices)
		error_text("weft's own 'facts' does not run (exit status %d)", end.status);
	return !end.status && c->ndevices > 0;
}

static bool compiler_open(struct compiler *c, struct build *b, struct arena *a)
{
	struct child_end end;
	const Str ask[] = {S("--version")};
	*c = (struct compiler){.b = b, .nvcc = state_which(&b->state, S("nvcc"))};
	c->dir = str_fmt(a, "%.*s/facts", STR_ARG(b->run_dir));
	fs_mkdirs(c->dir.at);
	run_in(b, c->dir, c->nvcc, ask, 1, (Str){0}, &end, a);
	c->version = version_of(end.out, a);
	if (end.status || !c->version.len) {
		error_text("'%.*s --version' does not answer with a version", STR_ARG(c->nvcc));
		return false;
	}
	return make_helper(c, a);
}

/* ---- Compiling ---- */

/* Flags of a program for the processor are its own compiler's; nvcc gets those that change the text. */
static bool is_common_flag(Str flag)
{
	return str_starts(flag, S("-D")) || str_starts(flag, S("-U")) || str_starts(flag, S("-I")) || str_starts(flag, S("-std="));
}

/* Compile one source for one architecture; its report is appended to `log`. */
static bool compile_source(struct facts *f, Str dir, Str source, Str arch, struct buf *log, struct child_end *end)
{
	enum { WORDS_MOST = 256 };
	struct arena *a = f->a;
	Str compute = str_sub(arch, 3, arch.len);
	Str argv[WORDS_MOST] = {
		S("-std=c++17"), S("-O2"), S("-lineinfo"), S("-I."), S("-Xptxas"), S("-v"), S("-objtemp"), S("-cubin"), S("-o"), S("facts.cubin"),
		str_fmt(a, "-gencode=arch=compute_%.*s,code=%.*s", STR_ARG(compute), STR_ARG(arch)),
	};
	int n = 11;
	Str flags = f->p->chunk->opt.value[OPT_CFLAGS].text;
	for (Str flag; n < WORDS_MOST - 1 && (flag = str_word(&flags)).len; )
		if (f->p->gpu || is_common_flag(flag))
			argv[n++] = flag;
	argv[n++] = source;
	run_in(f->c->b, dir, f->c->nvcc, argv, n, (Str){0}, end, a);
	buf_add(log, end->err);
	return end->status == 0;
}

static Str stage(struct facts *f)
{
	static unsigned counter;
	Str dir = str_fmt(f->a, "%.*s/facts-%u", STR_ARG(f->c->b->run_dir), counter++);
	fs_mkdirs(dir.at);
	for (int i = 0; i < f->p->nsources; i++)
		must_write(str_fmt(f->a, "%.*s/%.*s", STR_ARG(dir), STR_ARG(f->p->sources[i].path)), f->p->sources[i].text);
	return dir;
}

/* Does nvcc compile this one of the program's files, rather than see it included? */
static bool is_unit(const struct program *p, int i)
{
	Str rest = p->chunk->opt.value[OPT_SOURCES].text;
	for (Str word; i > 0 && (word = str_word(&rest)).len; )
		if (str_eq(word, p->sources[i].path))
			return str_ends(word, S(".cu"));
	return i == 0;
}

static void report_uncompiled(struct facts *f, const struct child_end *end, Str log)
{
	const struct action *run = f->p->runs[0];
	if (end->timed_out) {
		error_at(f->p->chunk->at, "nvcc takes longer than %d s for '%.*s'", FACTS_TIMEOUT_S, STR_ARG(f->p->chunk->name));
		note_at(f->p->chunk->at, "loops within loops unrolled in full make nvcc take minutes; '#pragma unroll 4' bounds them");
		return;
	}
	error_at(f->p->chunk->at, "program '%.*s' does not compile for %.*s", STR_ARG(f->p->chunk->name), STR_ARG(f->c->arch[0]));
	report_log(run, log, *f->a);
}

/* Compile for one architecture. NULL when it does not compile; reported if `must`. */
static struct kernel_facts *compile_for(struct facts *f, Str dir, Str arch, bool must, bool *compiled)
{
	struct buf log = buf_new(f->a, 1 << 14);
	struct child_end end;
	const struct program *p = f->p;
	*compiled = true;
	for (int i = 0; i < p->nsources && *compiled; i++)
		*compiled = !is_unit(p, i) || compile_source(f, dir, p->sources[i].path, arch, &log, &end);
	if (*compiled)
		return ptxas_read(buf_str(&log), f->a);
	if (must)
		report_uncompiled(f, &end, buf_str(&log));
	else
		note_at(p->chunk->at, "'%.*s' does not compile for %.*s; its occupancy there is left out", STR_ARG(p->chunk->name), STR_ARG(arch));
	return NULL;
}

/* ---- Tables ---- */

struct row {
	Str key, text;
};

static int by_key(const void *left, const void *right)
{
	return str_cmp(((const struct row *)left)->key, ((const struct row *)right)->key);
}

/* Ask the helper about lines of "DEVICE REGISTERS …"; one line of answer each. */
static bool ask_helper(struct facts *f, Str questions, Str *answers)
{
	struct child_end end;
	struct compiler *c = f->c;
	Str helper = c->b->tier == SANDBOX_BWRAP ? S("/out/facts") : str_fmt(f->a, "%.*s/facts", STR_ARG(c->dir));
	run_in(c->b, c->dir, helper, NULL, 0, questions, &end, f->a);
	*answers = str_copy(f->a, end.out);
	if (end.status)
		error_at(f->p->chunk->at, "no occupancy for '%.*s': %.*s", STR_ARG(f->p->chunk->name), STR_ARG(str_trim(end.err)));
	return end.status == 0;
}

static void ask(struct buf *questions, Str device, const struct kernel_facts *k, long dynamic, long block)
{
	buf_fmt(questions, "%.*s %ld %ld %ld %ld %.*s\n", STR_ARG(device), k->registers, k->shared, dynamic, block, STR_ARG(k->symbol));
}

static bool name_kernels(struct facts *f, struct kernel_facts *kernels)
{
	struct buf questions = buf_new(f->a, 4096);
	Str answers;
	for (struct kernel_facts *k = kernels; k; k = k->next)
		ask(&questions, f->c->device[0], k, 0, 32);
	if (!ask_helper(f, buf_str(&questions), &answers))
		return false;
	for (struct kernel_facts *k = kernels; k; k = k->next) {
		Str line = str_cut(&answers, '\n');
		k->name = str_cut(&line, '\t');
	}
	return true;
}

static Str sorted(const char *header, struct row *rows, int n, struct arena *a)
{
	struct buf out = buf_new(a, 4096);
	buf_z(&out, header);
	if (n)
		qsort(rows, (size_t)n, sizeof *rows, by_key);
	for (int i = 0; i < n; i++)
		buf_add(&out, rows[i].text);
	return buf_str(&out);
}

static int count(const struct kernel_facts *k)
{
	int n = 0;
	for (; k; k = k->next)
		n++;
	return n;
}

static Str ptxas_table(struct facts *f, const struct kernel_facts *kernels)
{
	struct row *rows = NEWS(f->a, struct row, (size_t)count(kernels) + 1);
	int n = 0;
	for (const struct kernel_facts *k = kernels; k; k = k->next, n++) {
		rows[n].key = str_fmt(f->a, "%.*s\t%.*s", STR_ARG(k->name), STR_ARG(k->symbol));
		rows[n].text = str_fmt(f->a, "%.*s\t%ld\t%ld\t%ld\t%ld\t%ld\t%ld\t%ld\n", STR_ARG(k->name), k->registers, k->barriers,
		                       k->spill_stores, k->spill_loads, k->shared, k->stack, k->constant);
	}
	return sorted("kernel\tregisters\tbarriers\tspill_stores[B]\tspill_loads[B]\tshared[B]\tstack[B]\tconstant[B]\n", rows, n, f->a);
}

/* "scale" of "k::scale<float>". */
static Str base_of(Str name)
{
	size_t end = str_find(name, '<', 0), from = end;
	while (from && name.at[from - 1] != ':')
		from--;
	return str_sub(name, from, end);
}

/* How a kernel may be launched. */
struct setting {
	const struct kernel_facts *kernel;
	long block, dynamic;
};

/* A kernel's own launches, or the usual blocks. */
static void add_settings(const struct facts *f, const struct kernel_facts *k, struct setting *list, int *n)
{
	static const long usual[] = {64, 128, 256, 512, 1024};
	int before = *n;
	Str base = base_of(k->name);
	for (const struct launch *l = f->launches; l; l = l->next)
		if (str_eq(l->kernel, base))
			list[(*n)++] = (struct setting){k, l->block, l->dynamic};
	for (size_t i = 0; *n == before + (int)i && i < sizeof usual / sizeof *usual; i++)
		list[(*n)++] = (struct setting){k, usual[i], 0};
}

/* The rows of all kernels on one GPU. */
static bool occupancy_of(struct facts *f, int device, const struct kernel_facts *kernels, struct row *rows, int *n)
{
	int most = 0, nsettings = 0;
	for (const struct launch *l = f->launches; l; l = l->next)
		most++;
	struct setting *list = NEWS(f->a, struct setting, (size_t)count(kernels) * (size_t)(most + 5) + 1);
	struct buf questions = buf_new(f->a, 4096);
	Str answers;
	for (const struct kernel_facts *k = kernels; k; k = k->next)
		add_settings(f, k, list, &nsettings);
	for (int i = 0; i < nsettings; i++)
		ask(&questions, f->c->device[device], list[i].kernel, list[i].dynamic, list[i].block);
	if (!ask_helper(f, buf_str(&questions), &answers))
		return false;
	for (int i = 0; i < nsettings; i++, (*n)++) {
		const struct kernel_facts *k = list[i].kernel;
		Str rest = str_cut(&answers, '\n'), name = str_cut(&rest, '\t'), where = str_cut(&rest, '\t'), arch = str_cut(&rest, '\t');
		rows[*n].key = str_fmt(f->a, "%.*s\t%.*s\t%02d\t%6ld\t%9ld", STR_ARG(name), STR_ARG(k->symbol), device, list[i].block, list[i].dynamic);
		rows[*n].text = str_fmt(f->a, "%.*s\t%.*s\t%.*s\t%ld\t%ld\t%ld\t%ld\t%.*s\n", STR_ARG(name), STR_ARG(where), STR_ARG(arch),
		                        list[i].block, list[i].dynamic, k->registers, k->shared, STR_ARG(rest));
	}
	return true;
}

/* Both tables of a program. False after reporting. */
static bool find_facts(struct facts *f, Str *ptxas, Str *occupancy)
{
	struct kernel_facts *kernels[DEVICES_MOST] = {0};
	int room = 1, n = 0, nlaunches = 5;
	Str dir = stage(f);
	for (int i = 0; i < f->p->nsources; i++)
		launches_read(f->p->sources[i].text, &f->launches, f->a);
	for (const struct launch *l = f->launches; l; l = l->next)
		nlaunches++;
	for (int d = 0; d < f->c->ndevices; d++) {
		int same = 0;
		while (!str_eq(f->c->arch[same], f->c->arch[d]))
			same++;
		bool compiled = true;
		kernels[d] = same < d ? kernels[same] : compile_for(f, dir, f->c->arch[d], d == 0, &compiled);
		if ((!compiled && d == 0) || (same == d && !name_kernels(f, kernels[d])))
			return false;
		room += count(kernels[d]) * nlaunches;
	}
	*ptxas = ptxas_table(f, kernels[0]);
	struct row *rows = NEWS(f->a, struct row, (size_t)room);
	for (int d = 0; d < f->c->ndevices; d++)
		if (kernels[d] && !occupancy_of(f, d, kernels[d], rows, &n))
			return false;
	*occupancy = sorted("kernel\tdevice\tarch\tblock[threads]\tdynamic[B]\tregisters\tshared[B]\tblocks\twarps\toccupancy\tlimit\n", rows, n, f->a);
	fs_remove_tree(dir.at);
	return true;
}

/* ---- Recording ---- */

static bool same_files(const struct recording *r, const struct recording *other)
{
	bool same = r->nfiles == other->nfiles;
	for (int i = 0; same && i < r->nfiles; i++)
		same = str_eq(r->files[i].name, other->files[i].name) && digest_eq(r->files[i].digest, other->files[i].digest);
	return same;
}

/* Compare with what is recorded. True when that may be replaced. */
static bool compare(struct facts *f, const struct recording *was, const struct recording *r, bool comparing)
{
	Span at = f->p->chunk->at;
	Str name = f->p->chunk->name, toolkit = recording_circumstance(was, "toolkit");
	if (!digest_eq(was->recipe, r->recipe)) {
		if (comparing)
			error_at(at, "the static facts of '%.*s' are stale: the program has changed since", STR_ARG(name));
		return true;
	}
	if (!str_eq(toolkit, f->c->version)) {
		note_at(at, "the static facts of '%.*s' are of nvcc %.*s; this is %.*s, and %s", STR_ARG(name), STR_ARG(toolkit),
		        STR_ARG(f->c->version), same_files(was, r) ? "says the same" : "says something else");
		return true;
	}
	if (same_files(was, r))
		return true;
	error_at(at, "nvcc %.*s does not say again what is recorded of '%.*s'", STR_ARG(toolkit), STR_ARG(name));
	return false;
}

static void record_facts(struct compiler *c, struct essay *e, struct program *p, bool comparing)
{
	struct arena scratch = e->arena, *a = &scratch;
	struct facts f = {.c = c, .p = p, .a = a};
	Str bytes[2], *was_bytes, problem, dir = recording_dir(e->name, p->chunk->name, POINT_STATIC, a);
	if (!find_facts(&f, &bytes[1], &bytes[0]))
		return;
	struct circumstance toolkit = {NULL, S("toolkit"), c->version};
	struct recorded_file files[] = {
		{S("occupancy.tsv"), digest_of(bytes[0]), (long)bytes[0].len, false},
		{S("ptxas.tsv"), digest_of(bytes[1]), (long)bytes[1].len, false},
	};
	struct recording r = {
		.essay = e->name, .program = p->chunk->name, .point = POINT_STATIC, .recipe = source_digest(p),
		.device = str_fmt(a, "a machine with nvcc %.*s", STR_ARG(c->version)), .environment = &toolkit, .repeats = 1, .files = files, .nfiles = 2,
	};
	const struct recording *was = recording_load(NULL, NULL, dir, &was_bytes, &problem, a);
	if (!was && problem.len && comparing)
		error_at(p->chunk->at, "the recording in '%.*s' is damaged: %.*s", STR_ARG(dir), STR_ARG(problem));
	else if (!was && comparing)
		note_at(p->chunk->at, "no static facts of '%.*s' are recorded", STR_ARG(p->chunk->name));
	if ((was && !compare(&f, was, &r, comparing)) || comparing)
		return;
	recording_save(dir, &r, bytes, *a);
	printf("%.*s\n", STR_ARG(dir));
}

int facts_run(const struct build_options *opt, bool comparing)
{
	struct arena a = arena_map((size_t)4 << 30);
	struct build b;
	struct compiler c;
	build_open(&b, opt, &a);
	build_prepare(&b);
	/* Which nvcc that is may have changed since the last build. */
	state_tools_unchanged(&b.state);
	if (!state_which(&b.state, S("nvcc")).len) {
		error_text("static facts are what nvcc says of a program, and there is no nvcc in PATH");
		build_close(&b);
		return 2;
	}
	Str *names;
	int n = chosen_essays(opt, &names, &a);
	bool open = compiler_open(&c, &b, &a);
	for (int i = 0; i < n && open; i++) {
		struct essay *e = essay_open(&b, names[i]);
		for (struct program *p = e && !e->faulty ? e->plan.programs : NULL; p; p = p->next)
			if (p->facts && p->doc == e->doc)
				record_facts(&c, e, p, comparing);
		if (e)
			essay_close(&b, e);
	}
	build_close(&b);
	return diag_errors ? 1 : 0;
}
