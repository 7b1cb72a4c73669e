/* Mistakes, notes and failures: one shape for all that weft says to a person. */
#ifndef WEFT_DIAG_H
#define WEFT_DIAG_H

#include "str.h"

/* A text an error can point into. `path` is as the user would type it. */
struct file {
	Str path;
	Str text;
};

/* A place in a file: 1-based line, 1-based byte column. Line 0: the file as a whole. */
typedef struct {
	const struct file *file;
	int line, col;
} Span;

/* Mistakes reported so far; the exit status of most commands follows from it. */
extern int diag_errors;
/* While set, mistakes are not shown, and counted apart: the same text is read again later. */
extern bool diag_silent;
extern int diag_silenced;

/* Report a mistake, with the source line and a caret. Counts; never exits. After some hundreds it counts only.
 *
 *   essays/heat.md:41:7: error: undefined chunk 'load data'
 *      41 |     <<load data>>
 *         |       ^
 */
void error_at(Span at, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Same shape, says "warning:"; does not count. */
void warn_at(Span at, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Same shape, says "note:". Follows an error_at(). */
void note_at(Span at, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* A mistake that no place can be given for. Counts. */
void error_text(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* Says what was tried and on what, exits with status 2. A trailing ':' appends
 * errno's text, as in fatal("open '%s':", path). */
_Noreturn void fatal(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Will no further mistake be shown? Then there is no use in looking for a hint. */
bool diag_is_full(void);
/* The source line and caret alone, as error_at() prints them below its first line; empty where
 * the file has no such line. Tabs stay, and the caret's own line repeats them. */
void excerpt(struct buf *out, Span at);
/* Line `line` of the file, 1-based, without its newline; empty beyond the end. */
Str file_line(const struct file *file, int line);
/* The place of byte `offset` of the file's text. */
Span span_of_offset(const struct file *file, size_t offset);
/* `text` with control characters made visible, so that nothing printed can drive a terminal. */
Str printable(struct arena *a, Str text);

#endif
