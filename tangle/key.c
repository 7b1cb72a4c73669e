/* Keys: what an action's outputs can depend on, in one place. */
#include "arena.h"
#include "plan.h"

/* Raise when the parts below change, or when what an action of that kind does with them does. */
static const char *const format_of[] = {
	[ACT_COMPILE] = "compile 1", [ACT_RUN] = "run 1", [ACT_GATHER] = "gather 2", [ACT_FACTS] = "facts 1",
	[ACT_PLOT] = "plot 1", [ACT_TYPESET] = "typeset 1", [ACT_EVALUATE] = "evaluate 1",
};

static Digest digest_of_words(const Str *word, int n)
{
	struct hash h = {0};
	for (int i = 0; i < n; i++)
		hash_str(&h, word[i]);
	hash_int(&h, n);
	return hash_done(&h);
}

/* What a reader of another action's results sees of them: their files. Only a gathering sees what was printed too. */
static Digest digest_of_input(const struct action *act, const struct action_input *in)
{
	if (in->kind != INPUT_RESULT)
		return in->digest;
	/* Nothing recorded is not the same as nothing left. */
	if (in->from->absent)
		return digest_of(S("absent"));
	if (!in->output.len)
		return result_digest(in->from->result, act->kind == ACT_GATHER);
	const struct output *o = result_output(in->from->result, in->output);
	return o ? o->digest : (Digest){{0}};
}

/* Options that change what a run leaves; its arguments and inputs have their own parts. */
static Digest digest_of_options(const struct chunk *c)
{
	static const enum option telling[] = {OPT_STDIN, OPT_OUTPUTS, OPT_EXPECT, OPT_APPROX, OPT_MEASURED, OPT_HEIGHT};
	struct hash h = {0};
	for (size_t i = 0; i < sizeof telling / sizeof *telling; i++) {
		const struct option_value *v = &c->opt.value[telling[i]];
		hash_int(&h, v->given);
		hash_str(&h, v->text);
	}
	return hash_done(&h);
}

struct key_part *action_parts(const struct action *act, int *nparts, struct arena *a)
{
	struct key_part *parts = NEWS(a, struct key_part, (size_t)act->ninputs + 6);
	int n = 0;
	parts[n++] = (struct key_part){S("format"), digest_of(str_of(format_of[act->kind]))};
	parts[n++] = (struct key_part){S("tools"), act->tools};
	parts[n++] = (struct key_part){S("arguments"), digest_of_words(act->argv, act->argc)};
	if (act->kind == ACT_COMPILE && act->program->nlink)
		parts[n++] = (struct key_part){S("link"), digest_of_words(act->program->link, act->program->nlink)};
	if (act->chunk)
		parts[n++] = (struct key_part){S("options"), digest_of_options(act->chunk)};
	if (act->kind == ACT_PLOT)
		parts[n++] = (struct key_part){S("figure"), digest_of_words((Str[]){act->chunk->name, act->narrow ? S("narrow") : S("wide")}, 2)};
	for (int i = 0; i < act->ninputs; i++) {
		const struct action_input *in = &act->inputs[i];
		Str name = in->kind == INPUT_RESULT ? in->from->label : in->path;
		/* The label is for people; the key holds the name under which the action sees the input. */
		Digest d = digest_of_input(act, in);
		struct hash h = {0};
		hash_str(&h, in->path);
		hash_digest(&h, d);
		parts[n++] = (struct key_part){name, hash_done(&h)};
	}
	*nparts = n;
	return parts;
}

Digest action_key(const struct action *act, struct arena scratch)
{
	int n;
	const struct key_part *parts = action_parts(act, &n, &scratch);
	struct hash h = {0};
	for (int i = 0; i < n; i++)
		hash_digest(&h, parts[i].digest);
	hash_int(&h, n);
	return hash_done(&h);
}

Digest compile_key(Digest prekey, const Str *paths, const Digest *digests, int n)
{
	struct hash h = {0};
	hash_digest(&h, prekey);
	for (int i = 0; i < n; i++) {
		hash_str(&h, paths[i]);
		hash_digest(&h, digests[i]);
	}
	return hash_done(&h);
}
