/* Why would an action run? The parts of its key, against those of the last time it was carried out.
 *
 * They are kept in the store as a note under the digest of the action's label: one record a part, NAME DIGEST. */
#include <stdio.h>

#include "../tangle/record.h"
#include "build.h"
#include "commands.h"

static Digest note_key(const struct action *act)
{
	return digest_of(act->label);
}

void remember_key(struct build *b, const struct action *act, struct arena scratch)
{
	int n;
	const struct key_part *parts = action_parts(act, &n, &scratch);
	struct buf out = buf_new(&scratch, 128 * (size_t)n);
	for (int i = 0; i < n; i++) {
		record_field(&out, parts[i].name);
		record_digest(&out, parts[i].digest);
		record_end(&out);
	}
	store_set_note(&b->store, "why", note_key(act), buf_str(&out), scratch);
}

/* Digest of the part of this name in an earlier note; all zero without one. */
static Digest part_before(Str note, Str name, struct arena scratch)
{
	struct record *r = NEW(&scratch, struct record);
	Digest d = {{0}};
	while (record_next(&note, r, &scratch))
		if (str_eq(record_get(r, 0), name))
			digest_parse(record_get(r, 1), &d);
	return d;
}

static void explain_parts(const struct action *act, Str note, struct arena scratch)
{
	int n, changed = 0;
	const struct key_part *parts = action_parts(act, &n, &scratch);
	for (int i = 0; i < n; i++) {
		Digest before = part_before(note, parts[i].name, scratch);
		if (digest_eq(before, parts[i].digest))
			continue;
		printf("    %.*s %s\n", STR_ARG(parts[i].name), digest_is_zero(before) ? "is new" : "changed");
		changed++;
	}
	if (!changed)
		printf("    nothing it names changed: %s\n",
		       act->kind == ACT_COMPILE ? "a header outside the site did, or its result is gone from the store" : "its result is gone from the store");
}

/* One action, whose needs are all in the store. */
static void explain_action(struct build *b, struct essay *e, struct action *act)
{
	Str note;
	Str device;
	if (act->kind == ACT_TYPESET)
		return;
	if (act->recorded) {
		bool fresh = recall_is_fresh(b, e, act, &device);
		printf("%.*s: %s\n", STR_ARG(act->label), fresh ? "recorded, as it is now" :
		       device.len ? "recorded; the program has changed since" : "not recorded");
		perform(b, e, act);
		return;
	}
	if (act->kind == ACT_FACTS || act->kind == ACT_GATHER) {
		perform(b, e, act);
		return;
	}
	if (perform_lookup(b, e, act)) {
		act->state = ACTION_DONE;
		printf("%.*s: in the store\n", STR_ARG(act->label));
		return;
	}
	printf("%.*s: would run\n", STR_ARG(act->label));
	if (store_note(&b->store, "why", note_key(act), &e->arena, &note))
		explain_parts(act, note, e->arena);
	else
		printf("    it has not run before\n");
	act->state = ACTION_FAILED;
}

int explain_run(const struct build_options *opt, Str essay, Str program)
{
	struct arena a = arena_map((size_t)4 << 30);
	struct build b;
	build_open(&b, opt, &a);
	b.opt.silent = true;
	build_prepare(&b);
	struct essay *e = essay_open(&b, essay);
	struct program *p = e && !e->faulty ? essay_program(e, program) : NULL;
	for (struct action *act = p ? e->plan.first : NULL; act; act = act->next) {
		bool needed = action_needed(p->result, act), blocked = false;
		for (int i = 0; i < act->nneeds; i++)
			blocked = blocked || act->needs[i]->state != ACTION_DONE;
		if (!needed)
			continue;
		if (!blocked)
			explain_action(&b, e, act);
		else
			printf("%.*s: may run, when what it needs did\n", STR_ARG(act->label));
	}
	build_close(&b);
	return p ? 0 : 1;
}
