/* gnuplot's SVG into a small, themable, accessible fragment to stand inline in a page. */
#ifndef WEFT_SVG_H
#define WEFT_SVG_H

#include "str.h"

struct svg_labels {
	Str id;                 /* unique in the page, [a-z0-9-]; prefixes every id inside */
	Str title, desc;        /* plain text; escaped here */
	bool standalone;        /* a file of its own: xmlns, and a <style> with the light and dark colours */
	Str css_class;          /* class of the <svg>, e.g. "w"; may be empty */
};

/* Post-process one figure.
 *
 * Parses `svg` strictly against an allow-list of elements and attributes (no script, foreignObject, image, style,
 * event handler, or reference that does not start with '#'; anything else is refused), maps the theme's colours to CSS
 * variables (currentColor, var(--s1) …) as presentation attributes only, sets title, description and
 * role="img", makes ids unique, drops empty groups and unused symbols, rounds to one decimal.
 *
 * Returns the fragment, or an empty string after setting *problem. Linear; never reads outside `svg`. */
Str svg_fragment(Str svg, const struct svg_labels *labels, struct arena *a, Str *problem);

#endif
