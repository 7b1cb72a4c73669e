/* Styles of formulas as classes: the page has no style attribute. */
#ifndef WEFT_MATHCSS_H
#define WEFT_MATHCSS_H

#include "str.h"

/* Replace each style="TEXT" of KaTeX's HTML by a class named by the SHA-256 of TEXT (m + its first 10 hexadecimal digits), merged
 * into the element's class attribute. */
Str math_classes(Str html, struct arena *a);

/* The rules for those classes, sorted: from the same HTML before math_classes(). Append to `rules` each
 * "CLASS\tTEXT\n" found; math_sheet() sorts, drops repeats and prints the style sheet. Two texts with one class name are a failure. */
void math_rules(Str html, struct buf *rules);
Str math_sheet(Str rules, struct arena *a);

/* KaTeX's style sheet cut to the classes that occur in `html` (all formulas of the site, after math_classes()), fonts' urls rewritten to
 * fonts/NAME.woff2, other font formats dropped. *fonts gets the names of the font files still referred to, one a line. */
Str katex_css_cut(Str css, Str html, struct arena *a, Str *fonts);

#endif
