/* Gathering a sweep: its points' tables one below the other behind the parameters' columns, what they printed in order. */
#include "../tangle/arena.h"
#include "../tangle/tsv.h"
#include "performer.h"

static Str point_name(const struct sweep *s, int point, struct arena *a)
{
	struct buf out = buf_new(a, 64);
	for (int i = 0; i < s->nparams; i++)
		buf_fmt(&out, "%s%.*s=%.*s", i ? " " : "", STR_ARG(s->name[i]), STR_ARG(s->value[point][i]));
	return buf_str(&out);
}

/* One table name over all points. */
static bool gather_table(struct build *b, struct essay *e, struct action *act, Str name)
{
	const struct program *p = act->program;
	const struct sweep *s = act->chunk->sweep;
	struct arena scratch = e->arena;
	struct table **tables = NEWS(&scratch, struct table *, (size_t)p->nruns);
	Str problem = {0}, text;
	bool values = str_eq(name, S("values.tsv"));
	for (int i = 0; i < p->nruns; i++) {
		const struct output *o = result_output(p->runs[i]->result, name);
		if (!o)
			problem = S("this point has no such table");
		else if (!store_read(&b->store, o->digest, &scratch, &text))
			problem = S("it is no longer in the store");
		else if ((tables[i] = tsv_parse(name, text, &scratch, &problem)) && values)
			tables[i] = tsv_values_row(tables[i], &scratch, &problem);
		if (!tables[i]) {
			error_at(act->chunk->at, "cannot gather '%.*s' of '%.*s': %.*s", STR_ARG(name), STR_ARG(p->runs[i]->label), STR_ARG(problem));
			return false;
		}
	}
	Str gathered = tsv_gather(s->name, s->nparams, s->value, tables, p->nruns, &scratch, &problem);
	if (!gathered.len) {
		error_at(act->chunk->at, "cannot gather '%.*s': %.*s", STR_ARG(name), STR_ARG(problem));
		return false;
	}
	add_output(b, act->result, name, gathered, false, scratch);
	return true;
}

/* What the points printed, one after the other. */
static void gather_printed(struct build *b, struct essay *e, struct action *act, Str name)
{
	struct arena scratch = e->arena;
	const struct program *p = act->program;
	struct buf all = buf_new(&scratch, 4096);
	Str text;
	for (int i = 0; i < p->nruns; i++) {
		const struct output *o = result_output(p->runs[i]->result, name);
		if (!o || !store_read(&b->store, o->digest, &scratch, &text) || !text.len)
			continue;
		buf_fmt(&all, "# %.*s\n%.*s", STR_ARG(point_name(act->chunk->sweep, i, &scratch)), STR_ARG(text));
		if (text.at[text.len - 1] != '\n')
			buf_char(&all, '\n');
	}
	if (all.len)
		add_output(b, act->result, name, buf_str(&all), false, scratch);
}

void gather(struct build *b, struct essay *e, struct action *act)
{
	const struct result *first = act->program->runs[0]->result;
	act->result = NEW(&e->arena, struct result);
	act->result->outputs = NEWS(&e->arena, struct output, (size_t)first->noutputs + 3);
	act->result->status = first->status;
	act->result->machine = first->machine;
	bool ok = true;
	for (int i = 0; i < first->noutputs; i++)
		if (str_ends(first->outputs[i].name, S(".tsv")))
			ok = gather_table(b, e, act, first->outputs[i].name) && ok;
	for (int i = 0; i < act->program->nruns; i++) {
		const struct result *r = act->program->runs[i]->result;
		act->result->wall_s += r->wall_s;
		act->result->out_omitted += r->out_omitted;
		act->result->err_omitted += r->err_omitted;
	}
	gather_printed(b, e, act, S("stdout"));
	gather_printed(b, e, act, S("stderr"));
	result_sort(act->result);
	act->state = ok ? ACTION_DONE : ACTION_FAILED;
	act->executed = true;
	if (ok)
		store_put(&b->store, act->key, act->result, e->arena);
}
