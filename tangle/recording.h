/* Recordings: what a program left on a machine that is not at hand, kept in the repository with where it comes from.
 *
 * The recipe digest says what was recorded and needs no compiler; a recording whose program has another by now is stale.
 * recording.c describes the file. */
#ifndef WEFT_RECORDING_H
#define WEFT_RECORDING_H

#include "plan.h"

/* One fact of the environment: "driver", "580.65.06". */
struct circumstance {
	struct circumstance *next;
	Str name, value;
};

struct recorded_file {
	Str name;               /* beside the record */
	Digest digest;
	long size_bytes;
	bool log;               /* not a result: the compiler's report, counters, the repeats of a measurement */
};

struct recording {
	Str essay, program;
	Str point;              /* of its sweep, as point_name(); "static" for static facts; else empty */
	Digest recipe;
	Str device;             /* "NVIDIA H200"; static facts: "nvcc 13.0.88" */
	struct circumstance *environment;
	int status;             /* exit status; 128 + signal */
	double wall_s;
	long out_omitted, err_omitted;
	int repeats;            /* runs of a measurement that were kept or logged; 1 otherwise */
	struct recorded_file *files;    /* [nfiles] */
	int nfiles;
};

#define POINT_STATIC S("static")

void recording_write(const struct recording *r, struct buf *out);
/* NULL after setting *problem: the text is torn, altered or of another format. */
struct recording *recording_read(Str text, struct arena *a, Str *problem);
/* The value of a circumstance, or the empty string. */
Str recording_circumstance(const struct recording *r, const char *name);

/* What a run's result depends on, as far as it is the author's: tangled text and the site's files it includes as C tokens, its
 * inputs, the results of what it needs, its arguments and flags. The actions it needs must be done. */
Digest recipe_digest(const struct action *run);
/* As much of it as a compiler sees. */
Digest source_digest(const struct program *p);

/* A point of a sweep for people and in records, "n=256 seed=1", and as the name of a directory. */
Str point_name(const struct sweep *s, int point, struct arena *a);
Str point_dir(Str point, struct arena *a);
/* Where a recording lies: "essays/ESSAY/recorded/PROGRAM", with "/POINT" behind it when there is one. */
Str recording_dir(Str essay, Str program, Str point, struct arena *a);

#endif
