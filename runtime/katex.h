/* TeX formulas to HTML: KaTeX, Debian's ES5 build, inside Duktape. No process, no network.
 *
 * Slow to start (a tenth of a second unless compiled before, some 11 MB), so used only in a forked child, whose results the store keeps. */
#ifndef WEFT_KATEX_H
#define WEFT_KATEX_H

#include "../tangle/str.h"

struct katex;

/* Start an engine from the text of katex.min.js (katex_find() says where it is). Renders one formula and compares it with a known
 * string; NULL and *problem when that fails (another build of KaTeX). Close with katex_close(). */
struct katex *katex_open(Str katex_js, struct arena *a, Str *problem);

/* The two halves of katex_open(). Nearly all its time is compiling; what katex_compile() gives, empty and *problem for a text that does
 * not compile, can be kept and opened again. Duktape does not check that form: hand over only the very bytes that
 * were given out. Those of another Duktape are refused. */
Str katex_compile(Str katex_js, struct arena *a, Str *problem);
struct katex *katex_open_compiled(Str compiled, struct arena *a, Str *problem);
void katex_close(struct katex *k);
/* KaTeX's version, e.g. "0.16.4". */
Str katex_version(const struct katex *k);

/* HTML and MathML of one formula, exactly as KaTeX prints it (but for the stretched floor's "MM" path, see the .c).
 * Formulas do not see each other's macros. Links, images, classes and styles are refused.
 *
 * Empty and *problem (one line), *offset (0-based byte in the TeX, or -1 where KaTeX gives no place in it) for a
 * formula KaTeX refuses. Every formula ends: macros may expand 1000 times, the TeX may have 8192 bytes and the engine
 * 64 MB; the worst take some seconds. */
Str katex_render(struct katex *k, Str tex, bool display, struct arena *a, Str *problem, int *offset);

/* Path of an installed katex.min.js, katex.min.css and directory of fonts (Debian's places), or empty. */
struct katex_files {
	Str js, css, fonts;
};
struct katex_files katex_find(struct arena *a);

#endif
