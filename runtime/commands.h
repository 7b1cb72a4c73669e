/* The commands of weft but for `build`. Each returns the exit status; the site is the working directory. */
#ifndef WEFT_COMMANDS_H
#define WEFT_COMMANDS_H

#include "build.h"

/* Print one root chunk, or (empty name) write all programs of all essays to build/tangle/, with real lines. */
int tangle_run(const struct build_options *opt, Str essay, Str root);
/* Print the plan of the essays asked for. */
int plan_run(const struct build_options *opt);
/* Compile a program with what it needs and run it with these arguments, on this terminal. */
int run_run(const struct build_options *opt, Str essay, Str program, char **args, int nargs);
/* Report mistakes, missing results and failing claims; execute nothing but the essays' own Lua. */
int check_run(const struct build_options *opt);
/* Say why the actions of a program would run. */
int explain_run(const struct build_options *opt, Str essay, Str program);
/* Print an essay as the parser sees it. */
int parse_run(Str essay);
/* A new essay in this site, or a new site in `dir`. */
int new_essay_run(Str name);
int new_site_run(Str dir);
int clean_run(void);

/* The essays asked for, or all of the site, by name. Returns how many. */
int chosen_essays(const struct build_options *opt, Str **names, struct arena *a);
/* Program of an opened essay. NULL after reporting, with the programs there are. */
struct program *essay_program(struct essay *e, Str name);
/* Is `act` the action or something it needs, near or far? */
bool action_needed(const struct action *goal, const struct action *act);
/* Split "ESSAY:NAME"; without a colon the essay is the only one of the site, or the one that has such a chunk. False after reporting. */
bool find_chunk(Str spec, Str *essay, Str *name, struct arena *a);

#endif
