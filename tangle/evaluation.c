/* What the Lua of an essay said, read back from records:
 *
 *     evaluation 1 NINLINES
 *     at CHUNK INLINE BLOCK             what is evaluated next; as in struct eval_problem
 *     value INDEX TEXT                  of an inline expression; `from` records follow
 *     table CHUNK NCOLS NROWS           `column`, `row` and `from` records follow
 *     column HEAD UNIT left|right
 *     row (TEXT best|-)...              NCOLS pairs
 *     claim CHUNK SAYS FAILS            `check`, `cite` and `from` records follow
 *     check holds|not DETAIL
 *     cite KEY WHERE
 *     from PROGRAM                      one of the sources of the value, table or claim before it
 *     problem CHUNK INLINE BLOCK LINE MESSAGE
 *     end
 *
 * A text that stops before `end` is what a child left that was killed: the last `at` says where. */
#include "evaluation.h"

#include "arena.h"
#include "lua_source.h"
#include "record.h"

enum { COLS_MOST = 250, ROWS_MOST = 1000000 };

/* A list under construction: records give one item after the other. */
struct strs {
	Str *item;
	int n, cap;
};

static void add_str(struct strs *list, Str s, struct arena *a)
{
	if (list->n == list->cap) {
		list->cap = 2 * list->cap + 4;
		Str *larger = NEWS(a, Str, (size_t)list->cap);
		for (int i = 0; i < list->n; i++)
			larger[i] = list->item[i];
		list->item = larger;
	}
	list->item[list->n++] = s;
}

struct reader {
	struct evaluation *ev;
	struct arena *arena;
	struct eval_table **table_tail;
	struct eval_claim **claim_tail;
	struct eval_problem **problem_tail;
	Str rest;                       /* records to come */
	struct record *r;               /* the one being read */
	struct eval_problem at;         /* what the last `at` said */
	bool ended;

	/* What the records that follow belong to; one of them at most: */
	struct eval_table *table;
	struct eval_claim *claim;
	struct sources *from;           /* of any of the three */
	int row, col;                   /* of `table`: next to come */
	struct strs names, cite, where;
};

static bool start_value(struct reader *in)
{
	long i = record_get_int(in->r, 1);
	if (in->r->n != 3 || i < 0 || i >= in->ev->nvalues)
		return false;
	in->ev->value[i].text = in->r->field[2];
	in->from = &in->ev->value[i].from;
	return true;
}

static bool start_table(struct reader *in)
{
	long ncols = record_get_int(in->r, 2), nrows = record_get_int(in->r, 3);
	if (in->r->n != 4 || ncols < 0 || ncols > COLS_MOST || nrows < 0 || nrows > ROWS_MOST)
		return false;
	/* No table is larger than the text that is to fill it. */
	if ((size_t)(ncols * nrows) > in->rest.len)
		return false;
	struct eval_table *t = in->table = *in->table_tail = NEW(in->arena, struct eval_table);
	in->table_tail = &t->next;
	t->chunk = in->r->field[1];
	t->ncols = (int)ncols;
	t->nrows = (int)nrows;
	t->col = NEWS(in->arena, struct eval_column, (size_t)ncols + 1);
	t->cell = NEWS(in->arena, Str, (size_t)(ncols * nrows) + 1);
	t->best = NEWS(in->arena, bool, (size_t)(ncols * nrows) + 1);
	in->from = &t->from;
	return true;
}

static bool start_claim(struct reader *in)
{
	if (in->r->n != 4)
		return false;
	struct eval_claim *c = in->claim = *in->claim_tail = NEW(in->arena, struct eval_claim);
	in->claim_tail = &c->next;
	c->chunk = in->r->field[1];
	c->says = in->r->field[2];
	c->fails = in->r->field[3];
	in->from = &c->from;
	return true;
}

/* Check that the last value, table or claim is complete, and begin the next. */
static bool start(struct reader *in, bool (*what)(struct reader *))
{
	if (in->table && (in->row != in->table->nrows || in->col != in->table->ncols))
		return false;
	in->table = NULL;
	in->claim = NULL;
	in->from = NULL;
	in->row = in->col = 0;
	in->names = in->cite = in->where = (struct strs){0};
	return !what || what(in);
}

static bool read_column(struct reader *in)
{
	struct eval_table *t = in->table;
	if (!t || in->col == t->ncols || in->r->n != 4)
		return false;
	t->col[in->col++] = (struct eval_column){
		in->r->field[1], in->r->field[2], str_eq(in->r->field[3], S("left")),
	};
	return true;
}

static bool read_row(struct reader *in)
{
	struct eval_table *t = in->table;
	if (!t || in->row == t->nrows || in->r->n != 1 + 2 * t->ncols)
		return false;
	for (int i = 0; i < t->ncols; i++) {
		t->cell[in->row * t->ncols + i] = in->r->field[1 + 2 * i];
		t->best[in->row * t->ncols + i] = str_eq(in->r->field[2 + 2 * i], S("best"));
	}
	in->row++;
	return true;
}

static bool read_check(struct reader *in)
{
	struct eval_claim *c = in->claim;
	if (!c || in->r->n != 3)
		return false;
	/* Room doubles whenever the number of checks is a power of two. */
	if (!(c->nchecks & (c->nchecks - 1))) {
		struct eval_check *larger = NEWS(in->arena, struct eval_check, 2 * (size_t)c->nchecks + 1);
		for (int i = 0; i < c->nchecks; i++)
			larger[i] = c->check[i];
		c->check = larger;
	}
	bool holds = str_eq(in->r->field[1], S("holds"));
	bool first = c->nchecks == 0;
	c->check[c->nchecks++] = (struct eval_check){holds, in->r->field[2]};
	c->holds = holds && (first || c->holds);
	return true;
}

static bool read_cite(struct reader *in)
{
	if (!in->claim || in->r->n != 3)
		return false;
	add_str(&in->cite, in->r->field[1], in->arena);
	add_str(&in->where, in->r->field[2], in->arena);
	in->claim->cite = in->cite.item;
	in->claim->where = in->where.item;
	in->claim->ncites = in->cite.n;
	return true;
}

static bool read_from(struct reader *in)
{
	if (!in->from || in->r->n != 2)
		return false;
	add_str(&in->names, in->r->field[1], in->arena);
	*in->from = (struct sources){in->names.item, in->names.n};
	return true;
}

static void add_problem(struct reader *in, struct eval_problem problem)
{
	struct eval_problem *p = *in->problem_tail = NEW(in->arena, struct eval_problem);
	in->problem_tail = &p->next;
	*p = problem;
}

static bool read_problem(struct reader *in)
{
	if (in->r->n != 6)
		return false;
	add_problem(in, (struct eval_problem){
		.chunk = in->r->field[1],
		.inline_index = (int)record_get_int(in->r, 2),
		.block = (int)record_get_int(in->r, 3),
		.line = (int)record_get_int(in->r, 4),
		.message = in->r->field[5],
	});
	return true;
}

static bool read_at(struct reader *in)
{
	if (in->r->n != 4)
		return false;
	in->at = (struct eval_problem){
		.chunk = in->r->field[1],
		.inline_index = (int)record_get_int(in->r, 2),
		.block = (int)record_get_int(in->r, 3),
	};
	return true;
}

static bool read_record(struct reader *in)
{
	Str kind = in->r->field[0];
	if (in->ended)
		return false;
	if (str_eq(kind, S("value")))
		return start(in, start_value);
	if (str_eq(kind, S("table")))
		return start(in, start_table);
	if (str_eq(kind, S("claim")))
		return start(in, start_claim);
	if (str_eq(kind, S("column")))
		return read_column(in);
	if (str_eq(kind, S("row")))
		return read_row(in);
	if (str_eq(kind, S("check")))
		return read_check(in);
	if (str_eq(kind, S("cite")))
		return read_cite(in);
	if (str_eq(kind, S("from")))
		return read_from(in);
	if (str_eq(kind, S("problem")))
		return start(in, read_problem);
	if (str_eq(kind, S("at")))
		return start(in, read_at);
	in->ended = str_eq(kind, S("end"));
	return in->ended && start(in, NULL);
}

struct evaluation *evaluation_parse(Str records, struct arena *a)
{
	struct record *r = NEW(a, struct record);
	if (!record_next(&records, r, a) || r->n != 3 || !str_eq(r->field[0], S("evaluation")) ||
	    !str_eq(r->field[1], S("1")))
		return NULL;
	long nvalues = record_get_int(r, 2);
	if (nvalues < 0 || nvalues > ROWS_MOST)
		return NULL;
	struct evaluation *ev = NEW(a, struct evaluation);
	ev->nvalues = (int)nvalues;
	ev->value = NEWS(a, struct eval_value, (size_t)nvalues + 1);
	struct reader in = {
		.ev = ev, .arena = a, .rest = records, .r = r, .at = {.inline_index = -1, .block = -1},
		.table_tail = &ev->tables, .claim_tail = &ev->claims, .problem_tail = &ev->problems,
	};
	while (str_has(in.rest, '\n'))
		if (!record_next(&in.rest, r, a) || !read_record(&in))
			return NULL;
	if (in.ended)
		return in.rest.len ? NULL : ev;
	in.at.message = S("it was stopped: it takes too long");
	add_problem(&in, in.at);
	return ev;
}

struct eval_table *evaluation_table(const struct evaluation *ev, Str chunk)
{
	for (struct eval_table *t = ev->tables; t; t = t->next)
		if (str_eq(t->chunk, chunk))
			return t;
	return NULL;
}

struct eval_claim *evaluation_claim(const struct evaluation *ev, Str chunk)
{
	for (struct eval_claim *c = ev->claims; c; c = c->next)
		if (str_eq(c->chunk, chunk))
			return c;
	return NULL;
}

int evaluation_report(const struct evaluation *ev, const struct doc *doc)
{
	int n = 0;
	for (const struct eval_problem *p = ev->problems; p; p = p->next, n++) {
		Span at = {doc->file, 0, 0};
		if (p->chunk.len || p->inline_index >= 0 || p->block >= 0)
			at = lua_place(doc, CHUNK_HELPERS | CHUNK_TABLE | CHUNK_CLAIM, p->chunk, p->block,
			               p->inline_index, p->line);
		error_at(at, "%.*s", STR_ARG(p->message));
	}
	return n;
}
