/* A small strict XML reader: elements, attributes and text, and nothing that reaches outside them. */
#ifndef WEFT_XML_H
#define WEFT_XML_H

#include "str.h"

struct xml_attr {
	struct xml_attr *next;
	Str name, value;        /* references in the value are resolved */
};

/* An element, or a run of text (then `tag` is empty). */
struct xml {
	struct xml *next;       /* sibling */
	struct xml *child;      /* first */
	Str tag;
	Str text;
	struct xml_attr *attrs; /* in the order written, no name twice */
	int line;
};

/* Parse a document with one root element.
 *
 * Refuses what a small file has no need of: DOCTYPE, CDATA, comments, processing instructions (but the XML
 * declaration at the start), entities other than the five of XML and numbers, invalid UTF-8, control
 * characters, nesting over 64. Names are kept as written, prefix included. Linear.
 *
 * Returns NULL and sets *problem (with the line) for anything else. */
struct xml *xml_parse(Str text, struct arena *a, Str *problem);

/* Value of an attribute, or NULL. */
const Str *xml_get(const struct xml *node, Str name);
/* Sets an attribute, which comes last if it is new. */
void xml_set(struct xml *node, Str name, Str value, struct arena *a);
void xml_unset(struct xml *node, Str name);

#endif
