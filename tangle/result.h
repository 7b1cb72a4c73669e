/* Results: what an action left. */
#ifndef WEFT_RESULT_H
#define WEFT_RESULT_H

#include "digest.h"

/* One kept file. "stdout" and "stderr" are outputs like any other. */
struct output {
	Str name;
	Digest digest;
	long size_bytes;
	bool executable;
};

struct result {
	int status;                     /* exit status; 128 + signal when killed by one */
	double wall_s;
	long out_omitted, err_omitted;  /* bytes of stdout and stderr that were not kept */
	Str machine;                    /* where it was measured; empty for results that are the same anywhere */
	struct output *outputs;         /* [noutputs], sorted by name */
	int noutputs;
};

const struct output *result_output(const struct result *r, Str name);
/* Sort the outputs by name: what every result must have had done to it once. */
void result_sort(struct result *r);
/* One digest for all that an action further down can see: status and outputs, not times. Without
 * `printed`, what went to stdout and stderr is left out. */
Digest result_digest(const struct result *r, bool printed);
bool is_printed(Str output_name);

/* As text that ends with its own digest, and back. NULL for anything torn or altered. */
void result_write(const struct result *r, struct buf *out);
struct result *result_read(Str text, struct arena *a);

#endif
