/* What results look like: figures, tables, claims. */
#include "weaver.h"

#include "arena.h"
#include "html.h"

void add_evidence(struct weaver *w, enum evidence evidence, Str device)
{
	switch (evidence) {
	case EVIDENCE_EXACT:
		return;
	case EVIDENCE_NONE:
		buf_z(&w->out, "<span>not recorded</span>");
		return;
	case EVIDENCE_MEASURED:
		buf_z(&w->out, device.len ? "<span>measured on " : "<span>measured here");
		break;
	case EVIDENCE_RECORDED:
		buf_z(&w->out, device.len ? "<span>recorded on " : "<span>recorded");
		break;
	}
	html_prose(&w->out, device);
	buf_z(&w->out, "</span>");
}

static Str option_text(const struct chunk *chunk, enum option o)
{
	return chunk->opt.value[o].text;
}

static void add_caption(struct weaver *w, const char *kind, const struct chunk *chunk)
{
	buf_fmt(&w->out, "<b>%s %d.</b> ", kind, number_of(w, chunk->name));
	add_inline(w, option_text(chunk, OPT_CAPTION));
}

/* ---- Figures ---- */

static const struct woven_figure *find_figure(const struct weaver *w, const struct chunk *chunk)
{
	for (const struct woven_figure *f = w->in->figures; f; f = f->next)
		if (f->chunk == chunk)
			return f;
	return NULL;
}

/* One step of how a figure was made: a program, and the data it left. */
static void add_origin(struct weaver *w, Str program)
{
	const struct woven_program *p = find_program(w, program);
	buf_fmt(&w->out, "<li><a href=\"%.*s\">", STR_ARG(program_href(w, program)));
	html_text(&w->out, program);
	buf_z(&w->out, "</a>");
	if (p && p->evidence != EVIDENCE_EXACT) {
		buf_z(&w->out, ", ");
		add_evidence(w, p->evidence, p->device);
	}
	for (const struct woven_file *f = p ? p->files : NULL; f; f = f->next) {
		buf_z(&w->out, f == p->files ? ", left " : "; ");
		add_file(w, f);
	}
	buf_z(&w->out, "</li>\n");
}

static void add_making(struct weaver *w, const struct chunk *chunk, const struct woven_figure *figure)
{
	buf_z(&w->out, "<details class=\"made\"><summary>How this figure was made</summary>\n<ol>\n");
	Str programs = option_text(chunk, OPT_FROM);
	for (Str name = str_word(&programs); name.len; name = str_word(&programs))
		add_origin(w, name);
	buf_z(&w->out, "<li>drawn by gnuplot");
	if (figure->script_digest.len) {
		buf_z(&w->out, ", script <code class=\"digest\" title=\"SHA-256 ");
		html_text(&w->out, figure->script_digest);
		buf_z(&w->out, "\">");
		html_text(&w->out, str_sub(figure->script_digest, 0, 12));
		buf_z(&w->out, "</code>");
	}
	if (figure->file_href.len)
		buf_fmt(&w->out, ": <a href=\"%.*s\" download>SVG</a>", STR_ARG(html_url(w->a, figure->file_href)));
	buf_z(&w->out, "</li>\n</ol>\n");
	for (const struct block *b = chunk->blocks; b; b = b->more)
		if (!b->hide)
			add_code(w, b->text, chunk->name);
	buf_z(&w->out, "</details>\n");
}

void add_figure(struct weaver *w, const struct chunk *chunk)
{
	const struct woven_figure *figure = find_figure(w, chunk);
	w->woven.nfigures++;
	buf_fmt(&w->out, "<figure class=\"plot\" id=\"%.*s\">\n", STR_ARG(chunk->name));
	Str programs = option_text(chunk, OPT_FROM);
	for (Str name; (name = str_word(&programs)).len; )
		if (stale_of(w, name).len) {
			add_ribbon(w, stale_of(w, name), name);
			break;
		}
	if (figure && figure->absent) {
		add_fault(w, "Not recorded:", chunk->name, (Str){0});
	} else if (figure && !figure->failed) {
		buf_add(&w->out, figure->wide);
		buf_add(&w->out, figure->narrow);
	} else {
		add_fault(w, figure ? "Not drawn:" : "Not drawn yet:", chunk->name, (Str){0});
	}
	buf_z(&w->out, "<figcaption>");
	add_caption(w, "Figure", chunk);
	buf_char(&w->out, '\n');
	if (figure)
		add_making(w, chunk, figure);
	buf_z(&w->out, "</figcaption></figure>\n");
}

/* ---- Tables ---- */

/* Is the text one number, and with how many decimals? -1: without a point. */
static bool is_number(Str cell, int *decimals)
{
	static const char minus[] = "\xe2\x88\x92", thin[] = "\xe2\x80\xaf";
	bool any = false;
	size_t i = 0;
	if (str_starts(cell, str_of(minus)))
		i = str_of(minus).len;
	else if (str_starts(cell, S("-")) || str_starts(cell, S("+")))
		i = 1;
	for (*decimals = -1; i < cell.len; ) {
		if (cell.at[i] >= '0' && cell.at[i] <= '9') {
			any = true;
			*decimals += *decimals >= 0;
			i++;
		} else if (cell.at[i] == '.' && *decimals < 0) {
			*decimals = 0;
			i++;
		} else if (str_starts(str_sub(cell, i, cell.len), str_of(thin))) {
			i += str_of(thin).len;
		} else {
			return false;
		}
	}
	return any;
}

/* The most decimals in a column of numbers; -1: nothing to line up. */
static int column_decimals(const struct eval_table *t, int col)
{
	int most = -1;
	for (int row = 0; row < t->nrows; row++) {
		Str cell = t->cell[row * t->ncols + col];
		int decimals;
		if (!cell.len)
			continue;
		if (!is_number(cell, &decimals))
			return -1;
		if (decimals > most)
			most = decimals;
	}
	return most;
}

/* Decimal points stand below each other: a cell with fewer decimals is moved by as many digits, one
 * without a point by the point too. The style sheet knows d1 … d6 and i0 … i6. */
static void add_number(struct weaver *w, Str cell, int most)
{
	enum { PAD_MOST = 6 };
	int decimals = 0;
	bool pad = most >= 0 && cell.len && is_number(cell, &decimals) && decimals < most;
	int missing = most - (decimals < 0 ? 0 : decimals);
	if (pad)
		buf_fmt(&w->out, "<span class=\"%c%d\">", decimals < 0 ? 'i' : 'd',
		        missing < PAD_MOST ? missing : PAD_MOST);
	html_prose(&w->out, cell);
	buf_z(&w->out, pad ? "</span>" : "");
}

static void add_table_head(struct weaver *w, const struct eval_table *t)
{
	buf_z(&w->out, "<thead>\n<tr>");
	for (int col = 0; col < t->ncols; col++) {
		const struct eval_column *c = &t->col[col];
		buf_fmt(&w->out, "<th scope=\"col\" class=\"%s\">", c->left ? "left" : "right");
		add_inline(w, c->head);
		if (c->unit.len) {
			buf_z(&w->out, " <span class=\"unit\">");
			html_prose(&w->out, c->unit);
			buf_z(&w->out, "</span>");
		}
		buf_z(&w->out, "</th>");
	}
	buf_z(&w->out, "</tr>\n</thead>\n");
}

static void add_table_body(struct weaver *w, const struct eval_table *t)
{
	int *most = NEWS(w->a, int, (size_t)t->ncols);
	for (int col = 0; col < t->ncols; col++)
		most[col] = t->col[col].left ? -1 : column_decimals(t, col);
	buf_z(&w->out, "<tbody>\n");
	for (int row = 0; row < t->nrows; row++) {
		buf_z(&w->out, "<tr>");
		for (int col = 0; col < t->ncols; col++) {
			int i = row * t->ncols + col;
			buf_fmt(&w->out, "<td class=\"%s%s\">", t->col[col].left ? "left" : "right",
			        t->best[i] ? " best" : "");
			add_number(w, t->cell[i], most[col]);
			buf_z(&w->out, "</td>");
		}
		buf_z(&w->out, "</tr>\n");
	}
	buf_z(&w->out, "</tbody>\n");
}

void add_table(struct weaver *w, const struct chunk *chunk)
{
	const struct eval_table *t = w->in->ev ? evaluation_table(w->in->ev, chunk->name) : NULL;
	w->woven.ntables++;
	buf_fmt(&w->out, "<figure class=\"table\" id=\"%.*s\">\n<figcaption>", STR_ARG(chunk->name));
	add_caption(w, "Table", chunk);
	if (t && t->from.n) {
		buf_z(&w->out, " <span class=\"from\">From ");
		add_sources(w, &t->from);
		buf_z(&w->out, ".</span>");
	}
	buf_z(&w->out, "</figcaption>\n");
	if (t)
		add_ribbon_of(w, &t->from);
	if (t && !t->ncols) {
		add_fault(w, "Not recorded:", chunk->name, (Str){0});
	} else if (t) {
		buf_fmt(&w->out, "<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"Table %d\"><table>\n",
		        number_of(w, chunk->name));
		add_table_head(w, t);
		add_table_body(w, t);
		buf_z(&w->out, "</table></div>\n");
	} else {
		add_fault(w, "Not computed:", chunk->name, problem_of(w, chunk));
	}
	add_script(w, chunk, "The Lua behind this table");
	buf_z(&w->out, "</figure>\n");
}

/* ---- Claims ---- */

struct badge {
	const char *css_class, *text;
};

/* A failure that the essay declares is a finding; one that it does not is a fault. */
static struct badge badge_of(const struct eval_claim *c, enum evidence evidence)
{
	if (evidence == EVIDENCE_NONE)
		return (struct badge){"none", "– Not recorded"};
	/* Published only where such a claim is reported, not failed. */
	if (evidence == EVIDENCE_MEASURED && c->holds == (c->fails.len > 0))
		return (struct badge){"not", "✗ Did not hold on this machine"};
	if (c->fails.len)
		return c->holds ? (struct badge){"fails", "✗ Holds, but is declared to fail"} :
		                  (struct badge){"not", "✗ Does not hold"};
	if (!c->holds)
		return (struct badge){"fails", "✗ Fails"};
	switch (evidence) {
	case EVIDENCE_EXACT:
		return (struct badge){"ok", "✓ Checked"};
	case EVIDENCE_MEASURED:
		return (struct badge){"here", "✓ Measured here"};
	default:
		return (struct badge){"here", "✓ Recorded"};
	}
}

/* Where the weakest evidence comes from. */
static Str device_of(const struct weaver *w, const struct sources *from, enum evidence evidence)
{
	for (int i = 0; i < from->n; i++) {
		const struct woven_program *p = find_program(w, from->name[i]);
		if (p && p->evidence == evidence && p->device.len)
			return p->device;
	}
	return (Str){0};
}

/* The fine print: what was compared, with whose number, from which program, where. */
static void add_grounds(struct weaver *w, const struct chunk *chunk, const struct eval_claim *c)
{
	enum evidence evidence = evidence_of(w, &c->from);
	Str device = device_of(w, &c->from, evidence);
	for (int i = 0; i < c->nchecks; i++) {
		buf_fmt(&w->out, "<span class=\"%s\">", c->check[i].holds ? "yes" : "no");
		html_prose(&w->out, c->check[i].detail);
		buf_z(&w->out, "</span>. ");
	}
	if (c->fails.len) {
		buf_z(&w->out, "Declared: ");
		add_inline(w, c->fails);
		buf_z(&w->out, str_ends(c->fails, S(".")) ? " " : ". ");
	}
	for (int i = 0; i < c->ncites; i++) {
		buf_z(&w->out, i ? "; " : "Published: ");
		add_cite(w, c->cite[i], c->where[i], false, chunk->at);
	}
	buf_z(&w->out, c->ncites ? ". " : "");
	if (c->from.n) {
		buf_z(&w->out, "From ");
		add_sources(w, &c->from);
		if (device.len) {
			buf_z(&w->out, ", on ");
			html_prose(&w->out, device);
		}
		buf_z(&w->out, ".");
	}
}

static bool is_settled(const struct eval_claim *c, enum evidence evidence)
{
	return evidence != EVIDENCE_NONE && c->holds == !c->fails.len;
}

void add_claim(struct weaver *w, const struct chunk *chunk)
{
	const struct eval_claim *c = w->in->ev ? evaluation_claim(w->in->ev, chunk->name) : NULL;
	w->woven.nclaims++;
	if (!c) {
		buf_fmt(&w->out, "<div class=\"claim none\" id=\"%.*s\"><span class=\"b\">– Not checked</span><div>\n",
		        STR_ARG(chunk->name));
		add_fault(w, "Not checked:", chunk->name, problem_of(w, chunk));
	} else {
		enum evidence evidence = evidence_of(w, &c->from);
		struct badge badge = badge_of(c, evidence);
		w->woven.nheld += is_settled(c, evidence);
		buf_fmt(&w->out, "<div class=\"claim %s\" id=\"%.*s\"><span class=\"b\">%s</span><div>\n<p>",
		        badge.css_class, STR_ARG(chunk->name), badge.text);
		add_inline(w, c->says);
		buf_z(&w->out, "</p>\n<p class=\"why\">");
		add_grounds(w, chunk, c);
		buf_z(&w->out, "</p>\n");
		add_ribbon_of(w, &c->from);
	}
	add_script(w, chunk, "The check, in Lua");
	buf_z(&w->out, "</div></div>\n");
}
