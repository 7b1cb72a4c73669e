/* Sweeps: the points of sweep="n=256,512 seed=1..5". */
#ifndef WEFT_SWEEP_H
#define WEFT_SWEEP_H

#include "diag.h"

struct sweep {
	int nparams, npoints;   /* npoints is the product of the lists' lengths, at most SWEEP_MOST */
	Str *name;              /* [nparams] */
	Str **value;            /* [npoints][nparams]; first name slowest */
};

enum { SWEEP_MOST = 10000 };

/* Parse a sweep. Words `name=list`, list = items separated by commas, item = a word or FIRST..LAST (integers,
 * rising or falling by one). NULL after reporting at `at` (the value's first byte): not of this form, a name
 * twice, too many points. */
struct sweep *sweep_parse(Str text, Span at, struct arena *a);

#endif
