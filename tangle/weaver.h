/* What the parts of the weaver share: weave.c walks the text, weave_text.c prints
 * what is weft's own in it, weave_code.c lists programs and their output,
 * weave_result.c sets figures, tables and claims. No one else includes this. */
#ifndef WEFT_WEAVER_H
#define WEFT_WEAVER_H

#include "weave.h"

/* One chunk refers to another. */
struct edge {
	struct edge *next;
	const struct chunk *other;
};

/* A named chunk and its references, in document order, no chunk twice. */
struct chunk_links {
	const struct chunk *chunk;
	struct edge *uses, *used_in;
	struct edge *last_use, *last_used_in;
};

/* A footnote. */
struct note {
	struct note *next_pending;
	struct cmark_node *definition;
	int number, nrefs;
};

/* A bibliography entry that the essay cites. */
struct cited {
	struct cited *next;
	const struct bib_entry *entry;
	int count;
};

struct weaver {
	const struct weave *in;
	struct arena *a;
	struct buf out;
	struct woven woven;

	struct chunk_links *links;      /* sorted by name */
	int nlinks;
	struct note *notes;             /* [nnotes], by number from 1 */
	int nnotes;
	struct note *pending, **last_pending;
	struct cited *cited;
	int cite_group;                 /* of the bracket that is open; 0: none */

	bool in_link, in_note, in_paragraph, in_head_row;
	int column;                     /* of the table cell */
	int nwords, nlines;             /* read: words of prose, lines of code */
};

/* weave_text.c */

/* A plain text with `code` and $math$: captions, claims. */
void add_inline(struct weaver *w, Str text);
/* "(" is the caller's. A citation's link; `at` is where a missing entry is reported. */
void add_cite(struct weaver *w, Str key, Str locator, bool no_author, Span at);
const struct woven_program *find_program(const struct weaver *w, Str name);
/* Where a program's output stands: "#out-NAME", or in another essay. Escaped. */
Str program_href(struct weaver *w, Str name);
/* Links to programs, "a, b and c". */
void add_sources(struct weaver *w, const struct sources *from);
/* Why a result of this program is stale; empty: it is not. */
Str stale_of(const struct weaver *w, Str program);
/* A ribbon across what was computed from a stale recording; nothing for an empty reason. */
void add_ribbon(struct weaver *w, Str reason, Str program);
/* The ribbon of the first stale one of these. */
void add_ribbon_of(struct weaver *w, const struct sources *from);
enum evidence evidence_of(const struct weaver *w, const struct sources *from);
/* The message of the mistake that Lua found in this chunk, or the empty string. */
Str problem_of(const struct weaver *w, const struct chunk *chunk);
/* A box in place of what could not be made. `title` is ours, `detail` anyone's. */
void add_fault(struct weaver *w, const char *title, Str name, Str detail);
int number_of(const struct weaver *w, Str id);
/* Is it an id that the page makes itself: of a chunk, an output, a note, a reference? */
bool is_page_id(const struct weaver *w, Str id);
void enter_value(struct weaver *w, const struct inline_lua *lua);
void enter_math(struct weaver *w, const struct math *math, bool is_block);
void enter_cite(struct weaver *w, const struct cite *cite);
void enter_xref(struct weaver *w, const struct xref *xref);
void enter_heading(struct weaver *w, const struct heading *heading);
void leave_heading(struct weaver *w, const struct heading *heading);
/* The entries cited, with links back to where they are. */
void add_references(struct weaver *w);

/* weave_code.c */

void find_links(struct weaver *w);
void add_block(struct weaver *w, const struct block *block);
/* A listing inside <pre>, references linked. `label` is the chunk's name, whose language colours it; empty: plain. */
void add_code(struct weaver *w, Str text, Str label);
/* The rest of a chunk's code, folded: what figures, tables and claims are made by. */
void add_script(struct weaver *w, const struct chunk *chunk, const char *summary);
void add_chunk_index(struct weaver *w);
/* Is some listing of the chunk on the page, and its output? */
bool is_listed(const struct chunk *chunk);
bool has_output(const struct chunk *chunk);
/* A data file: link, rows, digest. */
void add_file(struct weaver *w, const struct woven_file *file);
/* "traffic.c" of "results/x/traffic.c". */
Str base_name(Str path);

/* weave_result.c */

void add_figure(struct weaver *w, const struct chunk *chunk);
void add_table(struct weaver *w, const struct chunk *chunk);
void add_claim(struct weaver *w, const struct chunk *chunk);
/* "measured here", "recorded on H200" …; empty for exact. */
void add_evidence(struct weaver *w, enum evidence evidence, Str device);

#endif
