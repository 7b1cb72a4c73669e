/* Info strings: what stands behind the backticks of a fence.
 *
 *   info  = language [ "{" item … "}" ]
 *   item  = #name | .name | key | key=value
 *   name  = [a-z][a-z0-9-]*            key likewise
 *   value = bare, without blanks, quotes and braces; or "…" with \" and \\ as its only escapes,
 *           any other backslash stands for itself, so that TeX survives
 *
 * Headings and equations take the part in braces alone. */
#ifndef WEFT_INFO_H
#define WEFT_INFO_H

#include "diag.h"

struct info_item {
	struct info_item *next;
	enum { ITEM_ID, ITEM_ROLE, ITEM_FLAG, ITEM_VALUE } kind;
	Str name;               /* without '#' or '.' */
	Str value;              /* of an ITEM_VALUE, unescaped */
	Span at;                /* the '#', the '.', or the name's first byte */
	Span value_at;          /* the value's first byte, behind the quote */
};

struct info {
	Str language;           /* may be empty */
	Span at;                /* the language, or where it would stand */
	bool braces;
	Span brace;             /* the '{' */
	struct info_item *items;
};

/* Parse an info string; `text` is one line of the essay from behind the fence to its end, `at` the
 * place of its first byte. Texts are views into `text` or copies in the arena. False after
 * reporting what is not of the grammar; `info` then holds what came before. */
bool info_parse(Str text, Span at, struct info *info, struct arena *a);

/* Parse "{…}" at the start of `text`, behind blanks. *len gets the bytes up to behind the '}'. */
bool info_braces(Str text, Span at, struct info *info, size_t *len, struct arena *a);

/* [a-z][a-z0-9-]* */
bool is_name(Str s);

/* An id's prefix says what it is of, and that '@' can refer to it. */
struct id_kind {
	Str prefix;             /* "fig-" */
	const char *owners;     /* ".figure chunks" */
};

/* The kind of an id that has one of the prefixes and something behind it; else NULL. */
const struct id_kind *id_kind(Str id);

#endif
