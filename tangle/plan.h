/* The plan: what must be done for an essay, as a graph of actions.
 *
 * Pure: files of the site are read through a callback, and their digests are part of the graph. An
 * action's key is known once the actions it needs are done. */
#ifndef WEFT_PLAN_H
#define WEFT_PLAN_H

#include "digest.h"
#include "doc.h"
#include "recipe.h"
#include "result.h"
#include "sweep.h"

enum action_kind {
	ACT_COMPILE,            /* sources → an executable "program" */
	ACT_RUN,                /* one run of a program, one point of its sweep */
	ACT_GATHER,             /* a swept program's points → one result; done in place */
	ACT_FACTS,              /* what nvcc says of a CUDA program: its static recording; done in place */
	ACT_PLOT,               /* a figure in one width → "figure.svg" */
	ACT_TYPESET,            /* all formulas of the essay */
	ACT_EVALUATE,           /* all Lua of the essay over its programs' results → "records" */
};

/* Something an action reads, under the name by which it sees it. */
struct action_input {
	enum {
		INPUT_TEXT,     /* bytes known now */
		INPUT_FILE,     /* a file of the site, or of weft's data */
		INPUT_RESULT,   /* results of another action: one output, or all but stdout and stderr below `path`/ */
	} kind;
	Str path;               /* relative to the action's working directory; empty: directly in it (INPUT_RESULT) */
	Str text;               /* INPUT_TEXT; INPUT_FILE of a program's sources: its bytes too */
	Str file;               /* INPUT_FILE: where it really lies */
	Digest digest;          /* INPUT_TEXT and INPUT_FILE */
	struct action *from;    /* INPUT_RESULT */
	Str output;             /* INPUT_RESULT: name of one output; empty: all */
};

struct action {
	struct action *next;    /* in plan order: every action comes after those it needs */
	enum action_kind kind;
	struct doc *doc;
	struct program *program;        /* COMPILE, RUN, GATHER */
	const struct chunk *chunk;      /* the program or figure; NULL for TYPESET and EVALUATE */
	Str label;              /* for people: "run attention-io:tiles n=256" */
	Str *argv;              /* [argc] with $PWD still in it; RUN: the program's own arguments, without argv[0] */
	int argc;
	struct action_input *inputs;    /* [ninputs] */
	int ninputs;
	struct action **needs;  /* [nneeds] */
	int nneeds;
	Str tool;               /* program that does the work, as in PATH: "cc", "gnuplot"; empty when it is the essay's own */
	Digest tools;           /* of the tools' real programs */
	int point;              /* RUN of a sweep: index of its point */
	bool narrow;            /* PLOT */
	bool measured;          /* RUN: alone, on this machine only */
	bool recorded;          /* RUN: its result is that of its recording */

	/* Filled in as it is carried out: */
	enum { ACTION_WAITING, ACTION_RUNNING, ACTION_DONE, ACTION_FAILED, ACTION_SKIPPED } state;
	bool executed;          /* a process was started for it, or work was done in place */
	bool force;             /* take no result from the store (a measurement repeated) */
	bool absent;            /* DONE, with an empty result: it, or something it needs, is not recorded */
	const struct recording *recording;      /* FACTS, RUN of a recorded program: what was found; NULL: nothing */
	Str stale;              /* why its recording no longer speaks for it; empty: it does, or there is none */
	Digest key;
	struct result *result;  /* NULL unless DONE, or FAILED with something to show */
};

/* A program and the actions that make its results. */
struct program {
	struct program *next;
	struct doc *doc;
	struct chunk *chunk;
	const struct recipe *recipe;
	Str source_name;        /* "tiles.c" */
	Str source;             /* tangled text */
	bool gpu;               /* device=gpu */
	bool recorded;          /* its results are taken from recordings: all of a GPU's, and those with the option */
	struct action_input *sources;   /* [nsources] the tangled text, what it includes of the site and of weft, `sources` */
	int nsources;
	Str *command, *link;    /* [ncommand], [nlink] how it is compiled, whether that is done here or not */
	int ncommand, nlink;
	struct action *compile; /* NULL when interpreted, and for a GPU's program where there is no nvcc */
	struct action *facts;   /* NULL unless written in CUDA */
	struct action **runs;   /* [nruns] */
	int nruns;
	struct action *result;  /* the run, or the gathering of its runs */
	bool planning;          /* plan_program() is inside it */
};

struct figure {
	struct figure *next;
	const struct chunk *chunk;
	struct program **from;  /* [nfrom] */
	int nfrom;
	Str script;             /* tangled text */
	struct action *wide, *narrow;
};

/* What the plan needs to know of the world. Paths are relative to the site. */
struct world {
	/* A file of the site: its bytes, digest and real path. False when there is none that may be read. An asked-for file that
	 * does not exist is remembered too: its appearance is a change. */
	bool (*file)(void *ctx, Str path, Str *bytes, Digest *digest, Str *real);
	/* A file of weft's own: "runtime/include/weft.h", or a site's override of it. Fatal when missing. */
	void (*data)(void *ctx, Str path, Str *bytes, Digest *digest, Str *real);
	/* Names of the shared plot scripts, "figures/theme.gp" …, sorted. */
	int (*plot_scripts)(void *ctx, Str **names);
	/* Digest of a recipe's tools (its real programs), or of one named tool. Reports at `at` and returns false when one is missing. */
	bool (*tools)(void *ctx, const struct recipe *recipe, Str one_tool, Span at, Digest *digest);
	/* Are a recipe's tools there, and may they be used? Asked for what a build can do without. */
	bool (*has_tools)(void *ctx, const struct recipe *recipe);
	/* Another essay of the site, parsed. NULL after reporting at `at` that there is none of that name, or one with mistakes. */
	struct doc *(*other)(void *ctx, Str essay, Span at);
	void *ctx;
};

/* One essay's part of the plan. */
struct essay_plan {
	struct doc *doc;
	const struct recipe *recipes;
	const struct world *world;
	bool checking;                  /* compile with the recipes' `check` commands */
	struct action *first, **tail;   /* all actions, those needed from other essays included */
	struct program *programs;
	struct figure *figures;
	struct action *typeset, *evaluate;      /* NULL when there is nothing to do */
	struct arena *arena;
};

/* Plan all of an essay. `lua` is the digest of runtime/lua (part of EVALUATE's key), `katex` that of KaTeX's text.
 * False after reporting mistakes: an unknown language, a program that needs itself, a missing file or program. */
bool plan_essay(struct essay_plan *plan, Digest lua, Digest katex);
/* Start a plan without any action in it. */
void plan_begin(struct essay_plan *plan, struct doc *doc, const struct recipe *recipes, const struct world *world,
                struct arena *a);
/* One program and what it needs. NULL after reporting. Asking again gives the same program. */
struct program *plan_program(struct essay_plan *plan, struct chunk *chunk);

/* A named part of a key: what `explain` compares. */
struct key_part {
	Str name;
	Digest digest;
};

/* Everything an action's outputs can depend on, and nothing else: no clock, no host name, no absolute
 * path, no order of discovery. The actions it needs must be done. [*nparts], in the arena. */
struct key_part *action_parts(const struct action *act, int *nparts, struct arena *a);
/* The digest of its parts. For a COMPILE this is the pre-key: the headers it will read are not in it yet (compile_key()). */
Digest action_key(const struct action *act, struct arena scratch);
/* A compile's key: its pre-key and the headers it read, sorted by path. */
Digest compile_key(Digest prekey, const Str *paths, const Digest *digests, int n);

/* The plan as text: one action a line with what it needs; `keys` adds keys and states. */
void plan_print(const struct essay_plan *plan, bool keys, struct buf *out);

/* The gnuplot script that sets the stage for a figure's own (which is "script.gp"):
 * size, NARROW, UNIT_table_column strings, the theme. `tables` as gnuplot will find them, names with their path. */
struct table;
Str plot_prologue(const struct action *plot, struct table *const *tables, const Str *names, int n, struct arena *a);

#endif
