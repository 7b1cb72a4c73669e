/* An essay as data: what the parser found in one markdown file, each thing with its place. */
#ifndef WEFT_DOC_H
#define WEFT_DOC_H

/* cmark's short names would take NODE_HEADING and its like; so this header comes before cmark's. */
#define CMARK_NO_SHORT_NAMES 1

#include "diag.h"
#include "options.h"

struct cmark_node;
struct cmark_parser;
struct origin;

/* The YAML head. Texts are UTF-8, checked, without line breaks. */
struct front {
	Str title, category, summary;   /* required */
	Str date, updated;              /* YYYY-MM-DD; `updated` may be empty */
	Str *tags;
	int ntags;
	int minutes;                    /* 0: not given */
	bool draft;
	Span at_minutes;
};

/* One fenced code block. */
struct block {
	struct block *next;             /* in document order, bare fences included */
	struct block *more;             /* next block of the same chunk */
	struct chunk *chunk;            /* NULL for a bare fence */
	Str language;                   /* first word of the info string; may be empty for a bare fence */
	Str text;                       /* ends with a newline unless empty; a container's indentation is gone */
	Span at;                        /* the opening fence */
	Span body;                      /* first line of text; columns count from the text's own left edge */
	int index;                      /* 1 for a chunk's first block */
	bool hide, fold;
	struct cmark_node *node;        /* its CODE_BLOCK; the node's user data points back here */
};

/* A noweb reference. */
struct use {
	struct use *next;
	struct chunk *chunk;            /* what is referred to */
	Span at;                        /* the "<<" */
};

/* All blocks of one name. */
struct chunk {
	struct chunk *next;             /* in order of first appearance */
	Str name;                       /* helpers and setup chunks may be anonymous: empty */
	Str language;
	enum chunk_kind kind;
	Span at;                        /* first fence */
	struct block *blocks, *last;
	struct options opt;
	bool used;                      /* some chunk refers to it */
	bool busy;                      /* expand() is inside it */
	bool checked;                   /* it and all it uses are known to have no cycle */
	struct use *uses;               /* its references to chunks that exist, in order */
	/* Programs only: */
	struct sweep *sweep;            /* NULL without one; see sweep.h */
};

/* `{lua} expr` in prose. */
struct inline_lua {
	struct inline_lua *next;
	Str expr;
	Span at;                        /* first byte of the expression */
	int index;                      /* 0, 1, … in document order */
	struct cmark_node *node;        /* a CODE node; user data points back here */
};

/* $…$ or $$…$$. */
struct math {
	struct math *next;
	Str tex;
	bool display;
	Str id;                         /* eq-…, or empty */
	int number;                     /* equations with an id are numbered from 1; else 0 */
	Span at;                        /* first byte of the TeX */
	Span at_id;                     /* the '#' of its id */
	struct cmark_node *node;        /* CODE (inline) or CODE_BLOCK, owned by our extension; user data points back */
};

/* One key within [@a, p. 7; -@b] ; consecutive keys of one bracket share `group`. */
struct cite {
	struct cite *next;
	Str key;
	Str locator;                    /* "p. 7", or empty */
	bool no_author;                 /* [-@key] */
	int group;                      /* 1, 2, … in document order */
	bool last_in_group;
	Span at;                        /* the '@' */
	struct cmark_node *node;        /* CODE, user data points back; brackets and separators of the group are removed from the tree */
};

/* @fig-x and its like. */
struct xref {
	struct xref *next;
	Str id;
	Span at;
	struct cmark_node *node;        /* CODE, user data points back */
};

/* A heading of level 2 or deeper; level 1 in the text is an error (the title is the head's). */
struct heading {
	struct heading *next;
	Str id;                         /* given by {#sec-x}, else a slug of the text, made unique */
	Str text;                       /* plain text */
	int level;
	Span at;
	struct cmark_node *node;        /* HEADING; `{#…}` removed from its text; user data points back */
};

/* What a cmark node's user data points at starts with this, so that a walker can tell. */
enum node_kind { NODE_BLOCK = 1, NODE_LUA, NODE_MATH, NODE_CITE, NODE_XREF, NODE_HEADING };
struct node_data {
	enum node_kind kind;
	union {
		struct block *block;
		struct inline_lua *lua;
		struct math *math;
		struct cite *cite;
		struct xref *xref;
		struct heading *heading;
	};
};

/* Any id of the essay: chunks, equations, headings. One name space. */
struct anchor {
	struct anchor *next;
	Str id;
	Span at;
	int number;                     /* figures, tables, equations, sections: their own count from 1; else 0 */
	const struct chunk *chunk;      /* or NULL */
	const struct heading *heading;  /* or NULL */
	int copies;                     /* headings whose slug was made unique by a number behind this id */
};

struct doc {
	const struct file *file;        /* path "essays/NAME.md" */
	Str name;                       /* NAME */
	struct front front;
	struct cmark_parser *parser;    /* owns the extensions of `root` */
	struct cmark_node *root;        /* close with doc_close() */
	struct origin *origin;          /* the essay's lines, and the way from nodes back to them */
	struct block *blocks;
	struct chunk *chunks;
	struct inline_lua *luas;
	int nluas;
	struct math *maths;
	struct cite *cites;
	struct xref *xrefs;
	struct heading *headings;
	struct anchor *anchors;         /* given ids in document order, then the headings' slugs */
	/* Anchors by hash of their id; open addressing, a power of two. */
	struct anchor **slots;
	size_t nslots, nanchors;
};

/* Parse one essay.
 *
 *   file    borrowed for the document's life; path "essays/NAME.md"
 *   a       everything but the cmark tree lives here
 *
 * Always returns a document; reports every mistake found and goes on, so compare diag_errors
 * before and after. Checks what one file alone can show: front matter, info strings, options,
 * ids, cross references, noweb references to unknown chunks, cycles, unused chunks (a warning). Does not
 * look at other files. Linear in the text but for cmark's own work; refuses texts over 16 MB, tables over
 * 64 columns and nesting over 64 before cmark sees them. */
struct doc *doc_parse(const struct file *file, struct arena *a);
/* Free the cmark tree. The document's own data lives as long as its arena. */
void doc_close(struct doc *doc);

/* NULL when there is none of that name. */
struct chunk *doc_chunk(const struct doc *doc, Str name);
const struct anchor *doc_anchor(const struct doc *doc, Str id);

/* The document as text, for `weft parse` and tests: front matter, then one line for each thing with its place. */
void doc_print(const struct doc *doc, struct buf *out);

#endif
