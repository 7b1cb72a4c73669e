/* What publishing an essay (publish.c) and the site's own pages (site.c) share. No one else includes this. */
#ifndef WEFT_PUBLISHER_H
#define WEFT_PUBLISHER_H

#include "build.h"

/* build/site or build/draft. */
const char *publish_root(const struct build *b);
/* Write one published file where it differs and remember it as an output. */
void publish_file(struct build *b, struct uses *outputs, Str path, Str bytes, struct arena scratch);
/* Text of a file of the theme: the site's own (theme/NAME) or weft's. */
Str theme_file(struct build *b, const char *name, struct uses *inputs, struct arena *a);
/* A template filled; a slot it has and we do not is a mistake. */
Str fill_template(const char *name, Str template_text, const struct slot *slots, int n, struct arena *a);
/* A text as HTML, for slots. */
Str prose_html(Str text, struct arena *a);
/* <link rel="canonical" …> of a page, or nothing for a site without a url. */
Str canonical_link(const struct site *site, Str page, struct arena *a);

#endif
