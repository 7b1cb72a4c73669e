/* "Did you mean": the known name nearest to one that is not known. */
#ifndef WEFT_NEAREST_H
#define WEFT_NEAREST_H

#include "str.h"

/* A search under way. Start from nearest_to(). */
struct nearest {
	Str wanted, best;
	int distance;
};

struct nearest nearest_to(Str wanted);
void nearest_try(struct nearest *n, Str known);
/* "; did you mean 'x'?", or empty when nothing tried is near enough to be meant. */
Str nearest_hint(const struct nearest *n, struct arena *a);

#endif
