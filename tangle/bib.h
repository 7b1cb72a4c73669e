/* Bibliography: BibTeX in, author-year references out. */
#ifndef WEFT_BIB_H
#define WEFT_BIB_H

#include "diag.h"

struct bib_entry {
	struct bib_entry *next;
	Str key;
	Str authors;            /* short form for citations, plain text: "Dao", "Dao and Gu", "Dao et al." */
	Str year;               /* "2022", with a letter where entries of the file share authors and year; "n.d."; plain text */
	Str html;               /* the formatted reference, HTML, without the <li> */
	int line;               /* of the entry in the file */
};

struct bib {
	struct bib_entry *entries;      /* sorted by author, year, title */
};

/* Parse and format a whole .bib file. Mistakes are reported where they are, and an entry is kept as far as it could be
 * read; of two with one key the first is. Up to 10 authors are listed, of more the first 8. */
struct bib *bib_parse(const struct file *file, struct arena *a);
/* As records, and back: what the store keeps, so that a file is read only when it changed. NULL: not such a text. */
void bib_write(const struct bib *bib, struct buf *out);
struct bib *bib_read(Str records, struct arena *a);
struct bib_entry *bib_find(const struct bib *bib, Str key);

#endif
