/* "Did you mean". */
#include "nearest.h"

struct nearest nearest_to(Str wanted)
{
	/* A third of the letters may differ: less finds nothing, more finds nonsense. Some must be the same. */
	int letters = (int)(wanted.len < 60 ? wanted.len : 60), limit = letters / 3 + 2;
	return (struct nearest){.wanted = wanted, .distance = limit < letters ? limit : letters};
}

void nearest_try(struct nearest *n, Str known)
{
	/* Each letter more or less is a change. */
	size_t shorter = n->wanted.len < known.len ? n->wanted.len : known.len;
	size_t longer = n->wanted.len + known.len - shorter;
	if (longer - shorter >= (size_t)n->distance)
		return;
	int distance = str_distance(n->wanted, known);
	if (distance < n->distance) {
		n->distance = distance;
		n->best = known;
	}
}

Str nearest_hint(const struct nearest *n, struct arena *a)
{
	if (!n->best.len)
		return S("");
	return str_fmt(a, "; did you mean '%.*s'?", STR_ARG(n->best));
}
