/* Recalling: a recorded program's result is that of its recording, whatever machine builds the page.
 *
 *   fresh      its recipe is the program's: shown as "recorded on DEVICE"
 *   stale      the program has changed since: shown behind a ribbon
 *   missing    nothing is shown but "not recorded"
 *   foreign    it is the recording of something else: as missing
 *   damaged    an error: nobody can tell what it said
 *
 * The middle three are remarks of a build and mistakes for `weft check`. */
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>

#include "../tangle/arena.h"
#include "../tangle/recording.h"
#include "performer.h"
#include "recordings.h"

enum recall { RECALL_FRESH, RECALL_STALE, RECALL_MISSING, RECALL_FOREIGN, RECALL_DAMAGED };

/* A recording as found, and what is to be said of it. */
struct recalled {
	enum recall state;
	const struct recording *recording;
	Str *bytes;
	Str remark;
};

static Str point_of(const struct action *act, struct arena *a)
{
	return act->kind == ACT_FACTS ? POINT_STATIC : point_name(act->chunk->sweep, act->point, a);
}

static Str dir_of(const struct action *act, struct arena *a)
{
	return recording_dir(act->doc->name, act->chunk->name, point_of(act, a), a);
}

static struct recalled look(struct build *b, struct essay *e, const struct action *act)
{
	struct arena *a = &e->arena;
	struct recalled found = {.state = RECALL_MISSING};
	Str problem, point = point_of(act, a);
	const struct recording *r = recording_load(&b->state, &e->inputs, dir_of(act, a), &found.bytes, &problem, a);
	if (!r && problem.len) {
		found.state = RECALL_DAMAGED;
		found.remark = problem;
		return found;
	}
	if (!r)
		return found;
	if (!str_eq(r->essay, act->doc->name) || !str_eq(r->program, act->chunk->name) || !str_eq(r->point, point)) {
		found.state = RECALL_FOREIGN;
		found.remark = str_fmt(a, "%.*s:%.*s%s%.*s", STR_ARG(r->essay), STR_ARG(r->program), r->point.len ? " " : "", STR_ARG(r->point));
		return found;
	}
	Digest recipe = act->kind == ACT_FACTS ? source_digest(act->program) : recipe_digest(act);
	found.recording = r;
	found.state = digest_eq(recipe, r->recipe) ? RECALL_FRESH : RECALL_STALE;
	return found;
}

/* "program 'tiles'", "program 'tiles' at n=256". */
static Str subject_of(const struct action *act, struct arena *a)
{
	Str point = point_name(act->chunk->sweep, act->point, a);
	return str_fmt(a, "program '%.*s'%s%.*s", STR_ARG(act->chunk->name), point.len ? " at " : "", STR_ARG(point));
}

/* A remark of a build is a mistake for a check. */
static void tell(struct build *b, const struct action *act, Str text)
{
	if (b->opt.silent)
		return;
	if (b->opt.look_only)
		error_at(act->chunk->at, "%.*s", STR_ARG(text));
	else
		warn_at(act->chunk->at, "%.*s", STR_ARG(text));
	b->unrecorded++;
}

void recall_absent(struct essay *e, struct action *act)
{
	act->result = NEW(&e->arena, struct result);
	act->absent = true;
	act->state = ACTION_DONE;
}

/* The recording's files become the action's result. */
static void take(struct build *b, struct essay *e, struct action *act, const struct recalled *found)
{
	const struct recording *r = found->recording;
	struct result *result = act->result = NEW(&e->arena, struct result);
	*result = (struct result){
		.status = r->status, .wall_s = r->wall_s, .out_omitted = r->out_omitted, .err_omitted = r->err_omitted, .machine = r->device,
		.outputs = NEWS(&e->arena, struct output, (size_t)r->nfiles + 1),
	};
	for (int i = 0; i < r->nfiles; i++)
		if (!r->files[i].log)
			add_output(b, result, r->files[i].name, found->bytes[i], false, e->arena);
	result_sort(result);
	act->recording = r;
	act->absent = false;
	act->stale = found->state == RECALL_STALE ? S("recorded for an earlier version of this program") : (Str){0};
	act->state = ACTION_DONE;
}

/* Static facts are missed only where they are read: recall_facts_read() says so. */
static void adopt(struct build *b, struct essay *e, struct action *act, const struct recalled *found)
{
	struct arena *a = &e->arena;
	bool facts = act->kind == ACT_FACTS;
	switch (found->state) {
	case RECALL_FRESH:
		take(b, e, act, found);
		return;
	case RECALL_STALE:
		take(b, e, act, found);
		if (!facts)
			tell(b, act, str_fmt(a, "the recording of %.*s is stale: the program has changed since", STR_ARG(subject_of(act, a))));
		return;
	case RECALL_MISSING:
		recall_absent(e, act);
		if (!facts)
			tell(b, act, str_fmt(a, "%.*s is not recorded", STR_ARG(subject_of(act, a))));
		return;
	case RECALL_FOREIGN:
		recall_absent(e, act);
		tell(b, act, str_fmt(a, "%.*s is not recorded: what lies in '%.*s' is the recording of %.*s", STR_ARG(subject_of(act, a)),
		                     STR_ARG(dir_of(act, a)), STR_ARG(found->remark)));
		return;
	case RECALL_DAMAGED:
		error_at(act->chunk->at, "the recording in '%.*s' is damaged: %.*s", STR_ARG(dir_of(act, a)), STR_ARG(found->remark));
		act->state = ACTION_FAILED;
		return;
	}
}

void recall_facts(struct build *b, struct essay *e, struct action *act)
{
	struct recalled found = look(b, e, act);
	adopt(b, e, act, &found);
}

void recall_facts_read(struct build *b, struct essay *e, const struct action *act)
{
	if (act->absent)
		tell(b, act, str_fmt(&e->arena, "the static facts of '%.*s' are not recorded; 'weft record --static' does it where there is nvcc",
		                     STR_ARG(act->chunk->name)));
	else if (act->stale.len)
		tell(b, act, str_fmt(&e->arena, "the static facts of '%.*s' are stale: the program has changed since", STR_ARG(act->chunk->name)));
}

bool recall_is_fresh(struct build *b, struct essay *e, const struct action *act, Str *device)
{
	struct recalled found = look(b, e, act);
	*device = found.recording ? found.recording->device : (Str){0};
	return found.state == RECALL_FRESH;
}

/* Would a recording made now replace this one? A measurement speaks for one machine, anything else for all. */
static bool is_reusable(const struct build *b, const struct action *act, const struct recalled *found)
{
	return found->state == RECALL_FRESH && (!act->measured || str_eq(found->recording->device, b->machine));
}

bool recall(struct build *b, struct essay *e, struct action *act)
{
	struct recalled found = look(b, e, act);
	bool can_run = !act->program->gpu && !b->opt.no_run;
	if (can_run && (b->opt.all || (b->opt.record && !is_reusable(b, act, &found))))
		return false;
	adopt(b, e, act, &found);
	return true;
}

/* Is there a recorded program, or a point of one, whose directory this is? Static facts are any CUDA program's. */
static bool is_wanted(const struct essay *e, Str program, Str below, struct arena scratch)
{
	const struct program *p = e->plan.programs;
	while (p && !(p->doc == e->doc && str_eq(p->chunk->name, program)))
		p = p->next;
	if (!p || !below.len)
		return p && (p->recorded || p->facts);
	if (str_eq(below, POINT_STATIC))
		return p->facts;
	for (int i = 0; p->recorded && p->chunk->sweep && i < p->nruns; i++)
		if (str_eq(below, point_dir(point_name(p->chunk->sweep, i, &scratch), &scratch)))
			return true;
	return false;
}

static bool is_directory(const char *path)
{
	struct stat st;
	return !stat(path, &st) && S_ISDIR(st.st_mode);
}

static void report_stray(struct build *b, const struct essay *e, Str path)
{
	Span at = {&e->file, 0, 0};
	b->unrecorded++;
	if (b->opt.look_only)
		error_at(at, "'%.*s' is the recording of no program of this essay", STR_ARG(path));
	else
		warn_at(at, "'%.*s' is the recording of no program of this essay", STR_ARG(path));
}

void recall_report_strays(struct build *b, struct essay *e)
{
	struct arena scratch = e->arena;
	Str *program, *below, root = str_fmt(&scratch, "essays/%.*s/recorded", STR_ARG(e->name));
	int n = fs_list(root.at, (Str){0}, &program, &scratch);
	for (int i = 0; i < n; i++) {
		Str dir = str_fmt(&scratch, "%.*s/%.*s", STR_ARG(root), STR_ARG(program[i]));
		if (!is_wanted(e, program[i], (Str){0}, scratch)) {
			report_stray(b, e, dir);
			continue;
		}
		int nbelow = fs_list(dir.at, (Str){0}, &below, &scratch);
		for (int k = 0; k < nbelow; k++) {
			Str path = str_fmt(&scratch, "%.*s/%.*s", STR_ARG(dir), STR_ARG(below[k]));
			if (is_directory(path.at) && !is_wanted(e, program[i], below[k], scratch))
				report_stray(b, e, path);
		}
	}
}

/* ---- Recording what was run here ---- */

static void add_circumstance(struct recording *r, Str name, Str value, struct arena *a)
{
	struct circumstance **tail = &r->environment;
	while (*tail)
		tail = &(*tail)->next;
	*tail = NEW(a, struct circumstance);
	**tail = (struct circumstance){NULL, name, value};
}

Str recall_today(struct arena *a)
{
	char date[16];
	time_t now = time(NULL);
	strftime(date, sizeof date, "%Y-%m-%d", gmtime(&now));
	return str_copy(a, str_of(date));
}

/* Keep the result of a run as the program's recording. False after reporting. */
static bool keep_recording(struct build *b, struct essay *e, const struct action *act)
{
	struct arena *a = &e->arena;
	const struct result *result = act->result;
	struct recording r = {
		.essay = act->doc->name, .program = act->chunk->name, .point = point_of(act, a), .recipe = recipe_digest(act),
		.device = b->machine, .status = result->status, .wall_s = result->wall_s, .out_omitted = result->out_omitted,
		.err_omitted = result->err_omitted, .repeats = 1, .files = NEWS(a, struct recorded_file, (size_t)result->noutputs + 1),
	};
	Str *bytes = NEWS(a, Str, (size_t)result->noutputs + 1);
	for (int i = 0; i < result->noutputs; i++) {
		const struct output *o = &result->outputs[i];
		if (!store_read(&b->store, o->digest, a, &bytes[i])) {
			error_at(act->chunk->at, "%.*s cannot be recorded: its '%.*s' is no longer in the store", STR_ARG(subject_of(act, a)),
			         STR_ARG(o->name));
			return false;
		}
		r.files[r.nfiles++] = (struct recorded_file){o->name, o->digest, o->size_bytes, false};
	}
	add_circumstance(&r, S("date"), recall_today(a), a);
	add_circumstance(&r, S("sandbox"), str_of(sandbox_name(b->tier)), a);
	recording_save(dir_of(act, a), &r, bytes, *a);
	if (!b->opt.quiet)
		fprintf(stderr, "weft: recorded %.*s\n", STR_ARG(dir_of(act, a)));
	return true;
}

/* The first file in which a repetition differs from the recording, or what else does; empty: nothing. */
static Str difference(const struct result *r, const struct recording *was, struct arena *a)
{
	int kept = 0;
	if (r->status != was->status)
		return str_fmt(a, "exit status %d, not %d", r->status, was->status);
	for (int i = 0; i < was->nfiles; i++) {
		const struct output *o = result_output(r, was->files[i].name);
		kept += !was->files[i].log;
		if (!was->files[i].log && (!o || !digest_eq(o->digest, was->files[i].digest)))
			return str_fmt(a, "another '%.*s'", STR_ARG(was->files[i].name));
	}
	return kept == r->noutputs ? (Str){0} : S("files that were not there");
}

static bool is_exact(const struct action *act)
{
	return !act->measured && !act->chunk->opt.value[OPT_APPROX].given;
}

void recall_repeated(struct build *b, struct essay *e, struct action *act)
{
	if (b->opt.record && !keep_recording(b, e, act)) {
		act->state = ACTION_FAILED;
		return;
	}
	struct recalled found = look(b, e, act);
	Str differs = found.state == RECALL_FRESH && is_exact(act) ? difference(act->result, found.recording, &e->arena) : (Str){0};
	adopt(b, e, act, &found);
	if (differs.len) {
		error_at(act->chunk->at, "%.*s, repeated, does not do what was recorded on %.*s: %.*s", STR_ARG(subject_of(act, &e->arena)),
		         STR_ARG(recording_circumstance(found.recording, "date")), STR_ARG(differs));
		note_at(act->chunk->at, "'weft build --all --record' records it again");
		act->state = ACTION_FAILED;
	}
}
