/* Recipes: how a language is compiled and run. Data, from runtime/lua/recipes.lua and a site's site.lua. */
#ifndef WEFT_RECIPE_H
#define WEFT_RECIPE_H

#include "str.h"

/* argv templates hold words and these variables, each a word of its own:
 *   $SOURCE   the tangled file        $SOURCES  the program's `sources`
 *   $OUT      the executable          $CFLAGS   the program's `cflags`, blank-separated
 *   $LIBS     the program's `libs`, each as -lNAME
 *   $OBJECTS  what a compile that does not link left: NAME.o for $SOURCE and each of $SOURCES
 * Every *.d file a compile leaves is read as its list of inputs (make's form). */
struct recipe {
	struct recipe *next;
	Str language;           /* first word of the info string; "cuda-gpu": cuda with device=gpu */
	Str extension;          /* of the tangled file, without the dot */
	Str line;               /* directive with %d (line) and %s (file), or empty */
	Str *compile;           /* [ncompile]; none: interpreted, `run` gets the source */
	int ncompile;
	Str *check;             /* [ncheck] compiles a program that looks for its own mistakes; none: there is no such */
	int ncheck;
	Str *link;              /* [nlink] makes the executable of $OBJECTS; none: `compile` does */
	int nlink;
	Str *run;               /* [nrun]; none: the executable itself */
	int nrun;
	Str *tools;             /* [ntools] programs whose bytes are part of the keys; the first does the work; @NAME: weft's own */
	int ntools;
	Str *parts;             /* [nparts] programs that the last tool names by -print-prog-name=PART: cc1, as, ld; "./PART" and
	                         * "../PART" are files, from the directory it is in */
	int nparts;
	bool libm;              /* undefined symbols of an exact program are checked (elf.h) */
};

#endif
