/* What the Lua of an essay said: the values printed in prose, tables, claims.
 *
 * Lua runs in a forked child (runtime/evaluate.h), which hands its findings over as records; here they
 * become data again. Nothing in this file runs Lua. */
#ifndef WEFT_EVALUATION_H
#define WEFT_EVALUATION_H

#include "doc.h"

/* Names of the programs something was computed from, sorted, no name twice. */
struct sources {
	Str *name;              /* as in the essay; "ESSAY:PROGRAM" for another essay's */
	int n;
};

struct eval_value {             /* one per inline expression, in document order */
	Str text;               /* plain text, UTF-8 */
	struct sources from;
};

struct eval_column {
	Str head, unit;
	bool left;              /* text column: left-aligned */
};

struct eval_table {
	struct eval_table *next;
	Str chunk;
	int ncols, nrows;
	struct eval_column *col;        /* [ncols] */
	Str *cell;                      /* [nrows * ncols], formatted text */
	bool *best;                     /* [nrows * ncols] */
	struct sources from;
};

struct eval_check {             /* one holds() or agrees() of a claim */
	bool holds;
	Str detail;             /* "9.14 >= 8", "40.26 GB against 40.3 GB, 0.1 % off, 10 % allowed" */
};

struct eval_claim {
	struct eval_claim *next;
	Str chunk;
	Str says;               /* plain text with `code` and $math$ allowed, as markdown inline text */
	bool holds;             /* all checks hold */
	Str fails;              /* reason given by fails "…"; empty when not declared */
	struct eval_check *check;
	int nchecks;
	Str *cite, *where;      /* [ncites] published values used: key and place ("Figure 2") */
	int ncites;
	struct sources from;
};

/* A mistake Lua found: an error in a chunk or an inline expression. */
struct eval_problem {
	struct eval_problem *next;
	Str chunk;              /* the chunk's name; empty: see `inline_index` or `helpers` */
	int inline_index;       /* of struct inline_lua; -1 when the mistake is in a chunk */
	int block;              /* index of an anonymous helpers/setup block in document order, or -1 */
	int line;               /* 1-based within the chunk's joined text, 0: unknown */
	Str message;
};

struct evaluation {
	struct eval_value *value;       /* [nvalues] */
	int nvalues;
	struct eval_table *tables;
	struct eval_claim *claims;      /* in document order */
	struct eval_problem *problems;
};

/* Read what the child reported. NULL when `records` is not such a text. Views point into `records`. */
struct evaluation *evaluation_parse(Str records, struct arena *a);
struct eval_table *evaluation_table(const struct evaluation *ev, Str chunk);
struct eval_claim *evaluation_claim(const struct evaluation *ev, Str chunk);
/* Report every problem at its place in the essay. Returns how many. */
int evaluation_report(const struct evaluation *ev, const struct doc *doc);

#endif
