/* A build: the world the plan is carried out in. */
#ifndef WEFT_BUILD_H
#define WEFT_BUILD_H

#include "../tangle/arena.h"
#include "../tangle/plan.h"
#include "../tangle/weave.h"
#include "config.h"
#include "state.h"
#include "store.h"

/* What the command line asks for. */
struct build_options {
	int jobs;               /* 0: as many as there are processors */
	bool verbose, quiet;
	bool keep_going;        /* start new work after a failure; independent work always ends */
	bool draft;             /* weave faults too, into build/draft/ */
	bool report_measured;   /* a failing claim over measurements is a remark, not an error */
	bool silent;            /* about recordings: the command says what there is to say */
	bool no_run;            /* execute nothing: an action without a result in the store is a mistake */
	bool look_only;         /* publish and remember nothing */
	bool check;             /* run: compile so that the program looks for its own mistakes */
	bool record;            /* record what is not, or no longer, recorded and can be run here */
	bool facts;             /* record, check: static facts */
	bool all;               /* run recorded programs too, and compare */
	Str *essays;            /* [nessays] names; none: all of the site */
	int nessays;
};

/* A formula of the text, a caption or a claim, and its HTML once it is set. */
struct formula {
	struct formula *next;
	Str tex, html;
	bool display;
	bool exact;             /* `at` is the TeX's own place, else that of the chunk it is in */
	Span at;
};

/* Another essay, parsed because this one needs it or leads to it. */
struct other_doc {
	struct other_doc *next;
	bool faulty;            /* has mistakes; they are reported where that essay is built */
	struct doc *doc;
};

/* One essay on its way. */
struct essay {
	struct essay *next;
	Str name;
	struct arena arena, whole;
	struct file file;
	struct doc *doc;
	struct essay_plan plan;
	struct bib *bib;
	struct evaluation *evaluation;
	struct uses inputs, outputs;
	struct formula *formulas;
	struct other_doc *others;       /* essays this one takes results from */
	bool faulty;            /* a mistake was reported; nothing is published */
	bool remeasured;        /* a failing claim over measurements has had its second chance */
	int unfinished;         /* actions that are neither done nor failed nor skipped */
};

struct build {
	struct build_options opt;
	struct arena *arena;    /* lives as long as the build */
	struct store store;
	struct state state;
	struct config *config;
	enum sandbox tier;
	Str site;               /* absolute path of the site, working directory of this process */
	Str data;               /* absolute path of weft's own files */
	Str run_dir;            /* absolute path of build/run */
	Digest self;            /* of the program */
	Digest lua;             /* of runtime/lua */
	Str katex_js;           /* path, or empty */
	Digest katex;
	Str machine;            /* what a measurement is good for: processor and how many */
	struct uses shared;     /* files every essay depends on: the program, its Lua, its theme, site.lua */
	struct essay *essays;   /* open ones */
	int executed, reused, failed;
	int unrecorded;         /* recordings found stale, foreign or missing */
	int turn_fd;            /* machine-wide lock of measurements; 0: not opened yet */
	double started_s;
	struct progress *progress;
};

/* Carry out actions (perform.c). perform() brings a waiting action whose needs are done to DONE or FAILED at once,
 * or starts a child for it (RUNNING; the child's tag is ours), or leaves it WAITING when perform_is_underway().
 * performed() takes that child's end. */
void perform(struct build *b, struct essay *e, struct action *act);
/* Does a child work at the same action for another essay? Known once perform() has seen the action. */
bool perform_is_underway(const struct action *act);
struct child_end;
struct action *performed(struct build *b, const struct child_end *end, struct essay **e);
/* Would perform() find its result in the store? Sets act->key, and act->result when it does. */
bool perform_lookup(struct build *b, struct essay *e, struct action *act);

/* Is an action's recording there and as its program is now? *device: of the one that is there, or empty (recall.c). */
bool recall_is_fresh(struct build *b, struct essay *e, const struct action *act, Str *device);
/* The essay reads these static facts: say so if they are missing or stale. */
void recall_facts_read(struct build *b, struct essay *e, const struct action *act);
/* Say which directories of recordings belong to no program of the essay. */
void recall_report_strays(struct build *b, struct essay *e);
/* Today's date, YYYY-MM-DD, UTC. */
Str recall_today(struct arena *a);

/* Run an action's command in its sandbox on this terminal, and wait. Its tables go to build/out/. Returns its exit status. */
int perform_on_terminal(struct build *b, struct essay *e, struct action *act);

/* Run `call` in a forked child with a CPU limit, unless the store has what it answered to the same key. The answer lives in `a`.
 * False after reporting that the child died or ran out of time (at `at`). Only while no other child runs. */
bool build_memo(struct build *b, const char *kind, Digest key, int (*call)(void *ctx, int out_fd), void *ctx,
                Str *answer, const char *what, struct arena *a);

/* The world of an essay's plan (world.c). */
void world_of(struct build *b, struct essay *e, struct world *w);

/* Have formulas come up, in claims, that are not on the essay's list? They are then. */
bool has_new_formulas(struct essay *e);

/* Outputs of a program as tables, from the store. Lives in `a`. Values of an unswept program keep their name/value/unit rows. */
struct table *result_tables(struct build *b, const struct result *r, struct arena *a);

/* Weave and publish one finished essay (publish.c). False when it had faults, which are reported. */
bool publish_essay(struct build *b, struct essay *e);
/* The site's own pages: index, style sheets, fonts. */
void publish_site(struct build *b);

/* Keep the parts of an action's key, so that explain_run() can say what changed (explain.c). */
void remember_key(struct build *b, const struct action *act, struct arena scratch);

/* The whole of `weft build`. Returns the exit status. */
int build_run(const struct build_options *opt);
/* Open the site in the working directory: state and store. Takes the tree's lock. */
void build_open(struct build *b, const struct build_options *opt, struct arena *a);
/* What is needed beyond a look at what changed: configuration, sandbox. Exits with 1 when the configuration is faulty. */
void build_prepare(struct build *b);
/* Carry out the waiting actions of the open essays, of which `e` is the only one; nothing is published. */
void build_carry_out(struct build *b, struct essay *e);
/* Save the state, remove private directories. */
void build_close(struct build *b);
/* Parse and plan one essay. NULL after reporting that there is none of that name. */
struct essay *essay_open(struct build *b, Str name);
void essay_close(struct build *b, struct essay *e);
/* Another essay of the site as a document, parsed once for `e`; its mistakes are not reported here. NULL: none, or not readable. */
struct other_doc *essay_other(struct build *b, struct essay *e, Str name);

#endif
