/* Strings as views: a pointer and a length into text someone else keeps. */
#ifndef WEFT_STR_H
#define WEFT_STR_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;

/* A view of bytes; not necessarily followed by a NUL. All-zero is the empty string. */
typedef struct {
	const char *at;
	size_t len;
} Str;

#define S(literal) ((Str){(literal), sizeof(literal) - 1})
/* For "%.*s". */
#define STR_ARG(s) (int)(s).len, (s).at

/* A view of a C string; NULL is the empty string. */
Str str_of(const char *z);
bool str_eq(Str a, Str b);
/* Orders by bytes, a prefix first; as memcmp, < 0, 0 or > 0. */
int str_cmp(Str a, Str b);
bool str_starts(Str s, Str prefix);
bool str_ends(Str s, Str suffix);
/* Bytes from..to of `s`; both are cut to its length. */
Str str_sub(Str s, size_t from, size_t to);
/* Without blanks (space, tab, CR, LF) at both ends. */
Str str_trim(Str s);
/* Index of the first `c` at or after `from`, or s.len. */
size_t str_find(Str s, char c, size_t from);
/* Index of the first `needle` at or after `from`, or s.len. */
size_t str_search(Str s, Str needle, size_t from);
bool str_has(Str s, char c);

/* Take the text before the next `separator` off the front of `rest`; the
 * separator goes too. Without one, takes all. Call while rest->len, or rest->at
 * is not NULL where an empty last field matters: taking all sets it to NULL. */
Str str_cut(Str *rest, char separator);
/* Take the next blank-separated word off `rest`; empty when there is none. */
Str str_word(Str *rest);
/* A decimal integer with optional '-', nothing else around it. False if it is not one or does not fit. */
bool str_int(Str s, long *number);
/* A decimal floating-point number, locale "C"; nothing around it. */
bool str_real(Str s, double *number);

/* Copies live in the arena. str_z() adds a NUL. */
Str str_copy(struct arena *a, Str s);
char *str_z(struct arena *a, Str s);
Str str_fmt(struct arena *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
Str str_join(struct arena *a, Str left, Str right);

/* Number of single-byte edits (insert, delete, replace) that turn a into b; strings beyond 63 bytes are
 * as far as can be. For "did you mean". */
int str_distance(Str a, Str b);

/* Text under construction, in an arena. Grows by doubling; what it outgrew stays in the arena. */
struct buf {
	struct arena *arena;
	char *at;
	size_t len, cap;
};

struct buf buf_new(struct arena *a, size_t expected_len);
void buf_add(struct buf *b, Str s);
void buf_char(struct buf *b, char c);
void buf_fmt(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Adds the literal or C string. */
void buf_z(struct buf *b, const char *z);
/* What was added so far; valid until the next addition. */
Str buf_str(const struct buf *b);

#endif
