/* Tables as programs leave them. */
#include "tsv.h"

#include <string.h>

#include "arena.h"
#include "utf8.h"

static bool is_name(Str s)
{
	if (!s.len || (*s.at >= '0' && *s.at <= '9'))
		return false;
	for (size_t i = 0; i < s.len; i++) {
		char c = s.at[i];
		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'))
			return false;
	}
	return true;
}

static int count(Str line, char c)
{
	int n = 0;
	for (size_t i = 0; i < line.len; i++)
		n += line.at[i] == c;
	return n;
}

/* Split "name[unit]" of column i. */
static bool header_cell(struct table *t, int i, Str cell, struct arena *a, Str *problem)
{
	size_t open = str_find(cell, '[', 0);
	if (open < cell.len) {
		if (cell.at[cell.len - 1] != ']') {
			*problem = str_fmt(a, "line 1: column '%.*s' has no closing ']'", STR_ARG(cell));
			return false;
		}
		t->unit[i] = str_sub(cell, open + 1, cell.len - 1);
	}
	t->col[i] = str_sub(cell, 0, open);
	if (!is_name(t->col[i])) {
		*problem = str_fmt(a, "line 1: column name '%.*s' is not [A-Za-z_][A-Za-z0-9_]*", STR_ARG(cell));
		return false;
	}
	for (int j = 0; j < i; j++)
		if (str_eq(t->col[j], t->col[i])) {
			*problem = str_fmt(a, "line 1: two columns are named '%.*s'", STR_ARG(t->col[i]));
			return false;
		}
	return true;
}

struct table *tsv_parse(Str name, Str text, struct arena *a, Str *problem)
{
	struct table *t = NEW(a, struct table);
	t->name = name;
	if (!text.len || text.at[text.len - 1] != '\n') {
		*problem = text.len ? S("the last line does not end with a newline") : S("the file is empty");
		return NULL;
	}
	if (str_has(text, '\0') || str_has(text, '\r') || !utf8_is_valid(text)) {
		*problem = S("a NUL byte, a carriage return or invalid UTF-8");
		return NULL;
	}
	int nlines = count(text, '\n');
	Str header = str_cut(&text, '\n');
	t->ncols = count(header, '\t') + 1;
	t->nrows = nlines - 1;
	t->col = NEWS(a, Str, (size_t)t->ncols);
	t->unit = NEWS(a, Str, (size_t)t->ncols);
	t->cell = NEWS(a, Str, (size_t)t->ncols * (size_t)t->nrows + 1);
	for (int i = 0; i < t->ncols; i++)
		if (!header_cell(t, i, str_cut(&header, '\t'), a, problem))
			return NULL;
	for (int r = 0; r < t->nrows; r++) {
		Str line = str_cut(&text, '\n');
		int cells = count(line, '\t') + 1;
		if (cells != t->ncols) {
			*problem = str_fmt(a, "line %d: %d cells, the header has %d", r + 2, cells, t->ncols);
			return NULL;
		}
		for (int i = 0; i < t->ncols; i++)
			t->cell[r * t->ncols + i] = str_cut(&line, '\t');
	}
	return t;
}

int tsv_col(const struct table *t, Str name)
{
	for (int i = 0; i < t->ncols; i++)
		if (str_eq(t->col[i], name))
			return i;
	return -1;
}

static void add_column(struct buf *out, int i, Str name, Str unit)
{
	if (i)
		buf_char(out, '\t');
	buf_add(out, name);
	if (unit.len)
		buf_fmt(out, "[%.*s]", STR_ARG(unit));
}

Str tsv_gather(const Str *params, int nparams, Str *const *values,
               struct table *const *tables, int npoints, struct arena *a, Str *problem)
{
	const struct table *first = tables[0];
	for (int i = 0; i < nparams; i++)
		if (tsv_col(first, params[i]) >= 0) {
			*problem = str_fmt(a, "column '%.*s' has the name of a parameter of the sweep", STR_ARG(params[i]));
			return (Str){0};
		}
	size_t size = 0;
	for (int p = 0; p < npoints; p++)
		size += 64 * (size_t)(tables[p]->nrows + 1);
	struct buf out = buf_new(a, size);
	for (int i = 0; i < nparams; i++)
		add_column(&out, i, params[i], (Str){0});
	for (int i = 0; i < first->ncols; i++)
		add_column(&out, nparams + i, first->col[i], first->unit[i]);
	buf_char(&out, '\n');
	for (int p = 0; p < npoints; p++) {
		const struct table *t = tables[p];
		bool same = t->ncols == first->ncols;
		for (int i = 0; same && i < t->ncols; i++)
			same = str_eq(t->col[i], first->col[i]) && str_eq(t->unit[i], first->unit[i]);
		if (!same) {
			*problem = str_fmt(a, "the header differs from that of the sweep's first point");
			return (Str){0};
		}
		for (int r = 0; r < t->nrows; r++) {
			for (int i = 0; i < nparams; i++) {
				buf_add(&out, values[p][i]);
				buf_char(&out, '\t');
			}
			for (int i = 0; i < t->ncols; i++) {
				buf_add(&out, t->cell[r * t->ncols + i]);
				buf_char(&out, i + 1 < t->ncols ? '\t' : '\n');
			}
		}
	}
	return buf_str(&out);
}

struct table *tsv_values_row(const struct table *values, struct arena *a, Str *problem)
{
	int name = tsv_col(values, S("name")), value = tsv_col(values, S("value")), unit = tsv_col(values, S("unit"));
	if (name < 0 || value < 0 || unit < 0) {
		*problem = S("values.tsv must have the columns name, value, unit");
		return NULL;
	}
	struct table *t = NEW(a, struct table);
	t->name = S("values");
	t->ncols = values->nrows;
	t->nrows = 1;
	t->col = NEWS(a, Str, (size_t)t->ncols + 1);
	t->unit = NEWS(a, Str, (size_t)t->ncols + 1);
	t->cell = NEWS(a, Str, (size_t)t->ncols + 1);
	for (int i = 0; i < t->ncols; i++) {
		const Str *row = &values->cell[i * values->ncols];
		t->col[i] = row[name];
		t->unit[i] = row[unit];
		t->cell[i] = row[value];
		if (!is_name(t->col[i]) || tsv_col(&(struct table){.ncols = i, .col = t->col}, t->col[i]) >= 0) {
			*problem = str_fmt(a, "value name '%.*s' stands twice or is not [A-Za-z_][A-Za-z0-9_]*", STR_ARG(t->col[i]));
			return NULL;
		}
	}
	return t;
}

Str tsv_bare_header(Str text, struct arena *a)
{
	size_t end = str_find(text, '\n', 0);
	Str header = str_sub(text, 0, end);
	struct buf out = buf_new(a, text.len);
	for (bool first = true; header.len; first = false) {
		Str cell = str_cut(&header, '\t');
		if (!first)
			buf_char(&out, '\t');
		buf_add(&out, str_sub(cell, 0, str_find(cell, '[', 0)));
	}
	buf_add(&out, str_sub(text, end, text.len));
	return buf_str(&out);
}
