/* Weave: the essay and what its programs said, as HTML. */
#ifndef WEFT_WEAVE_H
#define WEFT_WEAVE_H

#include "bib.h"
#include "evaluation.h"

/* How good the evidence behind a number is; the weakest of several counts. */
enum evidence { EVIDENCE_NONE, EVIDENCE_RECORDED, EVIDENCE_MEASURED, EVIDENCE_EXACT };

/* A file the page offers: results/PROGRAM/io.tsv. */
struct woven_file {
	struct woven_file *next;
	Str name;               /* "io.tsv" */
	Str href;               /* relative to the page */
	Str digest;             /* hexadecimal */
	int rows;               /* of a table; -1 otherwise */
};

/* A program as the page shows it. One of another essay that values come from has a name and its evidence alone, and so have a
 * program's static facts. */
struct woven_program {
	struct woven_program *next;
	const struct chunk *chunk;
	Str name;               /* "ESSAY:PROGRAM", "PROGRAM.static", and `chunk` is NULL; else empty */
	enum evidence evidence;
	Str device;             /* for a recording or a measurement: where; else empty */
	Str environment;        /* of a recording: "driver 580.65, toolkit 13.0.88, date 2026-01-20"; else empty */
	Str stale;              /* why what is shown no longer speaks for the program; empty: it does */
	bool absent;            /* its results are to come from a recording, and there is none */
	Str source_href;        /* the tangled program, relative to the page */
	Str source_digest;
	Str command;            /* "cc -std=c11 …", as run */
	Str compile_log;        /* compiler's diagnostics, places translated to the essay's lines; usually empty */
	Str out, err;           /* kept text; a swept program's points one after the other, each behind a line "# n=256 seed=1" */
	long out_omitted, err_omitted;  /* bytes not kept */
	int status;             /* exit status; 128 + signal */
	bool failed;            /* compile or run failed, and was not expected to */
	bool ran;               /* false: it was only compiled, or its compile failed */
	struct woven_file *files;
	const struct table *lines;      /* its table "lines", counts by source line, or NULL */
};

struct table;

struct woven_figure {
	struct woven_figure *next;
	const struct chunk *chunk;
	Str wide, narrow;       /* SVG fragments; empty when it failed */
	Str file_href;          /* the standalone SVG */
	Str script_digest;
	bool failed;
	bool absent;            /* what it draws is not recorded */
};

/* Everything a page is made of. Borrowed for the call. */
struct weave {
	const struct doc *doc;
	const struct evaluation *ev;            /* NULL in --no-run without results: values are then shown as missing */
	const struct bib *bib;                  /* NULL without citations */
	const struct woven_program *programs;
	const struct woven_figure *figures;
	Str (*math_html)(void *ctx, Str tex, bool display);     /* KaTeX's HTML with classes; empty: show the TeX */
	Str (*link)(void *ctx, Str url, Span at);       /* a link of the text, rewritten (other.md#x to other.html#x); empty: as is */
	void *ctx;
	bool draft;                             /* faults are shown in place of results */
};

/* Facts the head of the page, the index and the feed need. */
struct woven {
	Str body;               /* the article's inner HTML: text, chunks, figures, notes, references, chunk index */
	Str toc;                /* <ol> of the level-2 headings */
	int minutes;            /* reading time: words / 230 + shown code lines / 20 + 10 s a figure, rounded up */
	int nclaims, nheld;     /* claims, and those that hold or fail as declared */
	int nfigures, ntables;
};

/* Weave one essay.
 *
 * Text is rendered by cmark's rules without raw HTML; program output, table cells, captions and the like are only
 * ever text. No style attribute, no inline script. Same inputs, same bytes. Reports citations without an entry and links
 * it finds broken within the essay. */
struct woven weave(const struct weave *in, struct arena *a);

/* The next piece of a text such as a caption or a claim: plain, or what stands within `…` or $…$. Takes it off
 * `rest`, which must not be empty. An unpaired sign is text. Whoever renders formulas ahead finds here those that stand
 * outside the text's own. */
enum inline_kind { INLINE_TEXT, INLINE_CODE, INLINE_MATH };
enum inline_kind weave_inline_next(Str *rest, Str *part);

/* Fill a template: every {{name}}, name = [a-z_]+, is replaced by its value; other braces stand for themselves. An
 * unknown name stands for nothing and is reported by returning false with *unknown set.
 *
 * Values are HTML: texts go through html_prose() first, as they also stand in quoted attributes. Slots of the theme:
 *
 *   both        language   "en"
 *               title      of the essay, or of the list
 *               author     whose site it is
 *               root       from the page to the site's root: "" or "../"
 *               canonical  <link rel="canonical" …>, or empty
 *   page.html   summary, category, date (YYYY-MM-DD)
 *               section    what the list of essays is called
 *               styles     <link rel="stylesheet" …> of the formulas, or empty
 *               meta, tags index_meta() and index_tags() of siteindex.h
 *               proof      <details class="proof">: how the page was made; or empty
 *               toc, body  of struct woven
 *               neighbours <nav aria-label="Essays">: links to the essays before and after; or empty
 *               source     href of the essay's own file
 *   index.html  role, lead, about, tagline: the site's words
 *               list       index_list() */
struct slot {
	Str name, html;
};
bool template_fill(Str template_text, const struct slot *slots, int nslots, struct buf *out, Str *unknown);

#endif
