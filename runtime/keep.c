/* Keeping what a child left: outputs are checked, stored, and become the action's result; failures are reported
 * at the chunk, in the essay's own lines. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "../tangle/arena.h"
#include "../tangle/elf.h"
#include "../tangle/place.h"
#include "../tangle/tsv.h"
#include "performer.h"

void add_output(struct build *b, struct result *r, Str name, Str bytes, bool executable, struct arena scratch)
{
	r->outputs[r->noutputs++] = (struct output){name, store_add(&b->store, bytes, executable, scratch), (long)bytes.len, executable};
}

void report_log(const struct action *act, Str log, struct arena scratch)
{
	fflush(stdout);
	struct buf out = buf_new(&scratch, log.len + 1024);
	while (log.len) {
		Str line = str_cut(&log, '\n');
		buf_add(&out, printable(&scratch, place_translate(act->doc, line, &scratch)));
		buf_char(&out, '\n');
		/* The compiler cannot open "essays/x.md#tiles" to show the line; we can. */
		Span at;
		bool remark = str_search(line, S(": error:"), 0) < line.len || str_search(line, S(": warning:"), 0) < line.len ||
		              str_search(line, S(": note:"), 0) < line.len || str_search(line, S("Assertion"), 0) < line.len;
		if (remark && place_find(act->doc, line, &at))
			excerpt(&out, at);
	}
	fwrite(out.at, 1, out.len, stderr);
}

void report_failure(struct action *act, const char *what, const struct child_end *end, struct arena scratch)
{
	Span at = act->chunk ? act->chunk->at : (Span){act->doc->file, 0, 0};
	const char *label = str_z(&scratch, act->label);
	if (end->timed_out && end->out.len + end->err.len > KEEP_HEAD)
		error_at(at, "'%s' printed more than 64 MiB and was killed", label);
	else if (end->timed_out)
		error_at(at, "'%s' took longer than its time limit and was killed after %.0f s", label, end->wall_s);
	else if (end->status > 128)
		error_at(at, "'%s' %s: killed by signal %d (%s)", label, what, end->status - 128, strsignal(end->status - 128));
	else if (end->status)
		error_at(at, "'%s' %s (exit status %d)", label, what, end->status);
	else
		error_at(at, "'%s' %s", label, what);
	if (end->timed_out && act->kind == ACT_COMPILE && act->program->gpu)
		note_at(at, "loops within loops unrolled in full make nvcc take minutes; '#pragma unroll 4' bounds them");
	report_log(act, end->err, scratch);
}

struct libm_check {
	struct action *act;
	int bad;
};

static void check_symbol(void *ctx, Str name, Str version)
{
	struct libm_check *check = ctx;
	(void)version;
	if (libm_is_exact(name))
		return;
	const char *instead = libm_substitute(name);
	check->bad++;
	error_at(check->act->chunk->at, "program '%.*s' calls '%.*s' of libm, whose last bits depend on the processor",
	         STR_ARG(check->act->chunk->name), STR_ARG(name));
	if (instead)
		note_at(check->act->chunk->at, "use %s() of weft.h, or declare approx=\"rel=…\"", instead);
	else
		note_at(check->act->chunk->at, "declare approx=\"rel=…\" if its results may differ between machines");
}

/* An exact program uses nothing from libm whose bits depend on the machine. */
static bool is_exact(struct action *act, Str elf)
{
	struct libm_check check = {act, 0};
	if (!option_of(act, OPT_APPROX)->given && !option_of(act, OPT_MEASURED)->given)
		elf_undefined(elf, check_symbol, &check);
	return check.bad == 0;
}

static bool expects_failure(const struct action *act)
{
	return option_of(act, OPT_EXPECT)->given;
}

static bool keep_compile(struct build *b, struct essay *e, struct action *act, Str dir, const struct child_end *end)
{
	struct arena scratch = e->arena;
	Str program;
	Str path = str_fmt(&scratch, "%.*s/%.*s", STR_ARG(dir), STR_ARG(act->chunk->name));
	bool compiled = end->status == 0 && fs_read(path.at, &scratch, &program);
	if (end->timed_out || (!compiled && !expects_failure(act))) {
		report_failure(act, "failed", end, scratch);
		return false;
	}
	if (!compiled)
		return true;
	note_headers(b, e, act, dir, scratch);
	if (act->program->recipe->libm && !is_exact(act, program))
		return false;
	add_output(b, act->result, S("program"), program, true, scratch);
	if (end->err.len)
		report_log(act, end->err, scratch);
	return true;
}

/* Is this file of a run's directory one of its inputs (bound or copied in), not something it left? */
static bool is_input(const struct action *act, Str path)
{
	for (int i = 0; i < act->ninputs; i++) {
		const struct action_input *in = &act->inputs[i];
		if (str_eq(in->path, path) || (in->kind == INPUT_RESULT && str_starts(path, in->path) &&
		                               path.len > in->path.len && path.at[in->path.len] == '/'))
			return true;
		if (str_starts(in->path, path) && in->path.len > path.len && in->path.at[path.len] == '/')
			return true;
	}
	return false;
}

static bool is_declared(const struct action *act, Str name)
{
	Str list = option_of(act, OPT_OUTPUTS)->text;
	for (Str word; (word = str_word(&list)).len; )
		if (str_eq(word, name))
			return true;
	return false;
}

/* Keep one file that a run left in its directory, or say that it is dropped. False after reporting. */
static bool keep_file(struct build *b, struct action *act, Str dir, Str name, struct arena scratch)
{
	Str path = str_fmt(&scratch, "%.*s/%.*s", STR_ARG(dir), STR_ARG(name)), bytes, problem;
	bool table = str_ends(name, S(".tsv"));
	struct stat st;
	if ((!table && !is_declared(act, name)) || lstat(path.at, &st) || !S_ISREG(st.st_mode)) {
		note_at(act->chunk->at, "'%.*s' left the file '%.*s', which is neither a table nor declared in outputs; dropped",
		        STR_ARG(act->label), STR_ARG(name));
		return true;
	}
	if (!fs_read(path.at, &scratch, &bytes)) {
		error_at(act->chunk->at, "cannot read '%.*s', which '%.*s' left: %s", STR_ARG(name), STR_ARG(act->label), strerror(errno));
		return false;
	}
	if (table && !tsv_parse(name, bytes, &scratch, &problem)) {
		error_at(act->chunk->at, "'%.*s' left '%.*s', which is not a table: %.*s", STR_ARG(act->label), STR_ARG(name),
		         STR_ARG(problem));
		return false;
	}
	add_output(b, act->result, name, bytes, false, scratch);
	return true;
}

static bool keep_files(struct build *b, struct essay *e, struct action *act, Str dir)
{
	Str *name;
	bool ok = true;
	int n = fs_list(dir.at, (Str){0}, &name, &e->arena);
	act->result->outputs = NEWS(&e->arena, struct output, (size_t)n + 2);   /* and what it printed */
	for (int i = 0; i < n; i++)
		if (!is_input(act, name[i]) && !keep_file(b, act, dir, name[i], e->arena))
			ok = false;
	Str list = option_of(act, OPT_OUTPUTS)->text;
	for (Str word; ok && (word = str_word(&list)).len; )
		if (!result_output(act->result, word)) {
			error_at(option_of(act, OPT_OUTPUTS)->at, "'%.*s' did not leave '%.*s'", STR_ARG(act->label), STR_ARG(word));
			ok = false;
		}
	return ok;
}

static bool keep_run(struct build *b, struct essay *e, struct action *act, Str dir, const struct child_end *end)
{
	bool failed = end->status != 0;
	if (end->timed_out || (failed && !expects_failure(act))) {
		report_failure(act, "failed", end, e->arena);
		return false;
	}
	if (!failed && expects_failure(act)) {
		error_at(act->chunk->at, "'%.*s' was expected to fail, and did not", STR_ARG(act->label));
		return false;
	}
	return keep_files(b, e, act, dir);
}

/* gnuplot names the script's line as: "script.gp" line 7: message, or "script.gp", line 7: message. A line it repeats
 * with a caret below is left out: the essay's own is shown. */
static Str translate_gnuplot(const struct action *act, Str log, struct arena *a)
{
	struct buf out = buf_new(a, log.len + 256);
	size_t last = 0;        /* where the line before begins */
	while (log.len) {
		Str line = str_cut(&log, '\n');
		size_t at = str_search(line, S("\"script.gp\""), 0), number = str_search(line, S("line "), at);
		size_t colon = str_find(line, ':', number);
		Str message = str_sub(line, colon, line.len);
		if (str_eq(str_trim(line), S("^"))) {
			out.len = last;
			continue;
		}
		last = out.len;
		if (message.len)
			buf_fmt(&out, "%.*s#%.*s:%.*s%s%.*s\n", STR_ARG(act->doc->file->path), STR_ARG(act->chunk->name),
			        STR_ARG(str_sub(line, number + 5, colon)), str_starts(message, S(": warning:")) ? "" : ": error",
			        STR_ARG(message));
		else if (str_trim(line).len)
			buf_fmt(&out, "%.*s\n", STR_ARG(line));
	}
	return buf_str(&out);
}

/* A figure is drawn twice, and what is wrong with it said once. */
static bool is_reported(const struct essay *e, const struct action *act)
{
	for (const struct figure *f = e->plan.figures; f; f = f->next)
		if (f->chunk == act->chunk && (f->wide->state == ACTION_FAILED || f->narrow->state == ACTION_FAILED))
			return true;
	return false;
}

static bool keep_plot(struct build *b, struct essay *e, struct action *act, Str dir, struct child_end *end)
{
	struct arena scratch = e->arena;
	Str svg;
	bool drawn = fs_read(str_fmt(&scratch, "%.*s/figure.svg", STR_ARG(dir)).at, &scratch, &svg) && svg.len;
	/* What it draws may be what is not recorded; if not, the figure is as good as any. */
	if ((end->status || end->err.len || !drawn) && needs_absent(act)) {
		recall_absent(e, act);
		return true;
	}
	end->err = translate_gnuplot(act, end->err, &scratch);
	if (end->status || end->timed_out || end->err.len || !drawn) {
		const char *what = end->status ? "failed" : end->err.len ? "warned, and a warning fails a figure" : "drew nothing";
		if (!is_reported(e, act))
			report_failure(act, what, end, scratch);
		return false;
	}
	add_output(b, act->result, S("figure.svg"), svg, false, scratch);
	return true;
}

bool keep_result(struct build *b, struct essay *e, struct action *act, Str dir, struct child_end *end)
{
	enum { FEW = 3 };       /* what anything but a run leaves at most */
	act->result->outputs = NEWS(&e->arena, struct output, FEW);
	bool ok = false;
	switch (act->kind) {
	case ACT_COMPILE: ok = keep_compile(b, e, act, dir, end); break;
	case ACT_RUN: ok = keep_run(b, e, act, dir, end); break;
	case ACT_PLOT: ok = keep_plot(b, e, act, dir, end); break;
	case ACT_TYPESET: ok = keep_formulas(b, e, act, end); break;
	case ACT_EVALUATE: ok = keep_evaluation(b, e, act, end); break;
	case ACT_GATHER:
	case ACT_FACTS: break;  /* have no child */
	}
	/* A draft shows what a failure printed, too. */
	if (act->kind == ACT_COMPILE || act->kind == ACT_RUN) {
		if (end->out.len)
			add_output(b, act->result, S("stdout"), end->out, false, e->arena);
		if (end->err.len)
			add_output(b, act->result, S("stderr"), end->err, false, e->arena);
	}
	result_sort(act->result);
	return ok;
}
