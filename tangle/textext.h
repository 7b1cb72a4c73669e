/* TeX's markup for text, as bibliographies hold it, into plain text. */
#ifndef WEFT_TEXTEXT_H
#define WEFT_TEXTEXT_H

#include "str.h"

/* UTF-8 of a piece of TeX text.
 *
 * Accents and letters (\'e, \H{o}, {\ss}), escapes (\&, \_), quotes, dashes and ties become characters; braces and
 * commands that choose a font go; $...$ becomes characters where it is as simple as $O(n^2)$ and stays as it is
 * elsewhere. A command that is not known stays as it is, and the first one is put in *unknown, with its
 * backslash; otherwise *unknown is empty. Never fails. */
Str textext(Str tex, struct arena *a, Str *unknown);

/* Whether plain text begins with a small Latin letter. */
bool textext_starts_small(Str text);

/* A key to sort by: letters without accents, in lower case; digits; runs of anything else as one blank. */
Str textext_fold(Str text, struct arena *a);

#endif
