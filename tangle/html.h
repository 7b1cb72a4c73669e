/* Text into HTML. */
#ifndef WEFT_HTML_H
#define WEFT_HTML_H

#include "str.h"

/* Escape & < > " ' ; invalid UTF-8 becomes U+FFFD, control characters (but tab and newline) their U+24xx pictures,
 * bidirectional and zero-width format characters a visible escape such as ‹U+202E›. For text and for attribute values in quotes. */
void html_text(struct buf *out, Str text);
/* Prose: as html_text(), but format characters that languages need (U+200C, U+200D, U+00AD) pass. */
void html_prose(struct buf *out, Str text);
/* Program output: ECMA-48 escape sequences (CSI, OSC, DCS, …) are dropped, then html_text(). */
void html_output(struct buf *out, Str text);
/* A URL for href or src: escaped; empty when its scheme is not http, https or mailto and it is not relative. */
Str html_url(struct arena *a, Str url);
/* Letters and digits in lower case, anything else one '-' ; never empty. */
Str html_slug(struct arena *a, Str text);

#endif
