/* Run the Lua of an essay over what its programs left.
 *
 * For a forked child with a limit on its CPU time: a pattern that backtracks runs as long as it is let. What was
 * found comes back as records, which tangle/evaluation.h reads. They are appended as they are found, so that a killed
 * child that shared them has said where it was. */
#ifndef WEFT_EVALUATE_H
#define WEFT_EVALUATE_H

#include "../tangle/doc.h"
#include "../tangle/tsv.h"

/* What one program left. */
struct program_tables {
	struct program_tables *next;
	Str name;               /* as in the essay; "ESSAY:PROGRAM" for another essay's */
	bool swept;             /* `values` is a table like any other; else it has rows of name, value, unit */
	bool absent;            /* not recorded: whatever reads it is "not recorded" as well, and no mistake */
	struct table *tables;
	int nfacts;             /* the last of `tables`: static facts, whose source is "PROGRAM.static" */
	bool facts_absent;      /* it has such tables, `ptxas` and `occupancy`, and they are not recorded */
};

/* Names of the files of runtime/lua/ that an essay's Lua needs, in load order; ends with NULL. */
extern const char *const evaluate_files[];

/* Evaluate.
 *
 *   doc         borrowed; its helpers, tables, claims and inline expressions
 *   programs    borrowed; what the essay may read
 *   lua_files   [n] the files evaluate_files names, in that order
 *   records     what is found is appended
 *   a           scratch and what `records` needs when it grows, if it is in this arena
 *
 * A mistake in Lua is a problem record, and the next piece goes on. */
void evaluate(const struct doc *doc, const struct program_tables *programs, const struct file *lua_files, int n,
              struct buf *records, struct arena *a);

#endif
