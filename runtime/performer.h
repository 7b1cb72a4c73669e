/* What the parts of carrying out an action share: perform.c looks results up and starts children, keep.c keeps what
 * they left, forked.c runs our own code in a child, gather.c puts a sweep together, recall.c has recordings; facts.c compiles as they
 * do. No one else includes this. */
#ifndef WEFT_PERFORMER_H
#define WEFT_PERFORMER_H

#include "build.h"
#include "child.h"

/* An action with a child at work. */
struct job {
	struct action *act;
	struct essay *essay;
	Str dir;                /* private directory, in the build's arena; empty for a fork of ours */
	bool linking;           /* the second half of a compile whose recipe links on its own */
	Str log;                /* what its first half said */
};

/* perform.c */

/* A free job for the action, which is then running. */
struct job *new_job(struct essay *e, struct action *act);
const struct option_value *option_of(const struct action *act, enum option o);
/* The headers outside the site that a compile read, from the depfiles in `dir`, become part of its key and of the
 * manifest of its pre-key. Sets act->key to the full key. */
void note_headers(struct build *b, struct essay *e, struct action *act, Str dir, struct arena scratch);

/* Is something it needs not recorded? */
bool needs_absent(const struct action *act);

/* keep.c: what a child left becomes act->result. False after reporting a failure. */
bool keep_result(struct build *b, struct essay *e, struct action *act, Str dir, struct child_end *end);
/* Report an action's failure at its chunk, with what it printed to stderr. */
void report_failure(struct action *act, const char *what, const struct child_end *end, struct arena scratch);
/* Print a tool's output with places translated to the essay's lines, and those lines below them. */
void report_log(const struct action *act, Str log, struct arena scratch);
/* Add one output to a result that has room for it; the name is kept by reference. */
void add_output(struct build *b, struct result *r, Str name, Str bytes, bool executable, struct arena scratch);

/* forked.c */

void start_evaluate(struct build *b, struct essay *e, struct action *act);
bool keep_evaluation(struct build *b, struct essay *e, struct action *act, const struct child_end *end);
/* Finds in the store what formulas it can; starts a child for the others, or the action is done. */
void start_typeset(struct build *b, struct essay *e, struct action *act);
bool keep_formulas(struct build *b, struct essay *e, struct action *act, const struct child_end *end);

/* recall.c: recorded programs */

/* Take a recorded program's result from its recording, if that is how it is to be had: the action is then DONE, perhaps absent,
 * or FAILED. False: it is to be run, as --record or --all asks. */
bool recall(struct build *b, struct essay *e, struct action *act);
/* It was run, or its result was found in the store: record that, or compare it with the recording. Its result is the
 * recording's in either case, so that a page never depends on who repeated what. */
void recall_repeated(struct build *b, struct essay *e, struct action *act);
/* The static facts of a CUDA program. */
void recall_facts(struct build *b, struct essay *e, struct action *act);
/* Nothing is recorded: DONE with an empty result. */
void recall_absent(struct essay *e, struct action *act);

/* gather.c: a sweep's points become one result, in place. */
void gather(struct build *b, struct essay *e, struct action *act);

#endif
