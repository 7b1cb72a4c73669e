/* The options of chunks: one table parses, checks and documents them. */
#ifndef WEFT_OPTIONS_H
#define WEFT_OPTIONS_H

#include "diag.h"

/* What a chunk is; the bits say where an option may stand. */
enum chunk_kind {
	CHUNK_SHOWN   = 1 << 0,         /* a bare fence, or one without a role: displayed, perhaps referred to */
	CHUNK_PROGRAM = 1 << 1,
	CHUNK_FIGURE  = 1 << 2,
	CHUNK_TABLE   = 1 << 3,
	CHUNK_CLAIM   = 1 << 4,
	CHUNK_HELPERS = 1 << 5,
	CHUNK_SETUP   = 1 << 6,
};

/* The order is that of option_defs[] in options.c. */
enum option {
	OPT_ARGS, OPT_STDIN, OPT_INPUTS, OPT_SOURCES, OPT_OUTPUTS, OPT_NEEDS, OPT_SWEEP,
	OPT_DEVICE, OPT_THREADS, OPT_APPROX, OPT_MEASURED, OPT_RECORDED, OPT_TIMEOUT,
	OPT_MEMORY, OPT_CFLAGS, OPT_LIBS, OPT_EXPECT, OPT_OUTPUT, OPT_HEAT, OPT_FOLD, OPT_HIDE,
	OPT_FROM, OPT_CAPTION, OPT_ALT, OPT_HEIGHT,
	OPT_COUNT
};

/* One option as given. Flags have empty text and number 1; numbers, sizes (bytes) and times
 * (seconds) are in `number`. Not given: all zero. */
struct option_value {
	bool given;
	Str text;
	long number;
	Span at;                /* of the value, or of the flag's name */
};

struct options {
	struct option_value value[OPT_COUNT];
};

const char *option_name(enum option o);

/* Set one option of a chunk from its text (NULL text: a flag).
 *
 *   name, at        as written and where; value_at is where the value begins
 *   kind            what the chunk is; an option that does not belong there is an error
 *   later_block     true for any but the first block of a name: only hide and fold are allowed
 *
 * Returns false after reporting: an unknown name (with the nearest known one), a wrong place,
 * a value that is missing, not wanted, or not of its type, a second setting of the same option. */
bool option_set(struct options *opts, enum chunk_kind kind, bool later_block,
                Str name, Span at, const Str *text, Span value_at, struct arena *a);

/* The table as text for `weft help options`: one option a line with its value's form, where it may stand, its help. */
void options_print(struct buf *out);

/* Limits and defaults of a run. */
enum { TIMEOUT_DEFAULT_S = 60, MEMORY_DEFAULT_MB = 4096 };

#endif
