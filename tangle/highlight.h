/* Source code into HTML, its words coloured by kind. */
#ifndef WEFT_HIGHLIGHT_H
#define WEFT_HIGHLIGHT_H

#include "str.h"

struct syntax;
struct rule;

enum { HIGHLIGHT_SLOTS = 1024 };

/* One listing under way: the words of its language, and what a line leaves open for the next. A local
 * variable; nothing in it is for others to read. */
struct highlighter {
	const struct syntax *syntax;            /* NULL: no language that is known */
	unsigned char kinds[256];               /* what a byte can begin or belong to */
	struct highlight_word {
		Str text;
		char class;
	} words[HIGHLIGHT_SLOTS];               /* by hash, open addressing */

	const struct rule *inside;              /* the comment or string that goes on; NULL: none */
	int depth;                              /* of `inside`: brackets that are open, or the level of a long one */
	Str tag;                                /* the line that ends a here-document */
	bool in_document, is_dashed;            /* within one; of one whose tag may stand behind tabs */
	char last;                              /* last byte that is not blank, on whichever line */
};

/* Begin a listing in a language, by a fence's word for it: c, cuda (cpp), lua, gnuplot, sh (bash), make, tex (latex),
 * bibtex, diff, json. In any other, or none, lines are printed as they are. */
void highlight_begin(struct highlighter *h, Str language);

/* Print the listing's next line. Lines of noweb references are left out: what is open before one is open behind it.
 *
 *   line   without its newline; any bytes; must outlive the listing
 *   out    gets html_text() of the line, parts of it within <i class="k">…</i>; what is open is closed at the end
 *          of each line
 *
 * Without the tags, that is exactly html_text() of the line, whatever the bytes are. Classes:
 *
 *   k  keyword            s  string                  f  name being defined
 *   t  type, field, key   n  number, constant        a  line added
 *   g  given by the system  c  comment               d  line deleted
 *                         p  directive
 *
 * Code that its language's compiler would refuse is coloured somehow and harms nothing: a string or comment of one
 * line ends with the line, one of several lines with the listing. Linear in the line. */
void highlight_line(struct highlighter *h, Str line, struct buf *out);

#endif
