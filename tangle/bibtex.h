/* The BibTeX file format: entries, fields, strings, names. No more than the syntax; bib.h makes references of it. */
#ifndef WEFT_BIBTEX_H
#define WEFT_BIBTEX_H

#include "diag.h"

struct bibtex_field {
	struct bibtex_field *next;
	Str name;               /* in lower case */
	Str tex;                /* the value: pieces joined, strings put in, each run of blanks one blank, none at the ends */
	size_t at;              /* offset of the value in the file */
};

struct bibtex_entry {
	struct bibtex_entry *next;
	Str type;               /* in lower case, without the '@' */
	Str key;
	struct bibtex_field *fields;    /* in order; of two with one name, the first */
	size_t at, key_at;      /* offsets of the '@' and of the key */
	int line;               /* of the '@' */
	bool sound;             /* nothing was wrong with it */
};

/* Parse a file of UTF-8 text.
 *
 * Entries stand in {} or (); @string, @preamble and @comment are known, as are the names of months; between
 * entries, % begins a comment. Other text there is not read, with a warning. A mistake is reported once, where it is,
 * and parsing goes on at the next line that begins with '@'; what was read of the entry is kept, not sound.
 *
 * After 50 entries with mistakes the rest is not read.
 *
 * Returns the entries in order; strings live in the arena. Linear. */
struct bibtex_entry *bibtex_parse(const struct file *file, struct arena *a);

struct bibtex_name {
	Str first, von, last, jr;       /* TeX */
};

struct bibtex_names {
	struct bibtex_name *name;
	int n;
	bool others;            /* ended with "and others" */
};

/* Split "First von Last and von Last, First and von Last, Jr, First and others", by BibTeX's rules: braces protect; the
 * words of `von` begin with a small letter. Empty names are warned about at `at`, and left out; a name with
 * more than two commas is a mistake, and keeps the first three parts. */
struct bibtex_names bibtex_names(Str tex, Span at, struct arena *a);

#endif
