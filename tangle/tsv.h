/* Tables as programs leave them: UTF-8, tab-separated, one header row of name[unit]. */
#ifndef WEFT_TSV_H
#define WEFT_TSV_H

#include "str.h"

struct table {
	struct table *next;
	Str name;               /* file name without .tsv */
	int ncols, nrows;
	Str *col;               /* [ncols] names, without units */
	Str *unit;              /* [ncols] may be empty */
	Str *cell;              /* [nrows * ncols], row-major, views into the text */
};

/* Parse a table.
 *
 * The header's cells are name or name[unit], name = [A-Za-z_][A-Za-z0-9_]*, no name twice. Rows have as many
 * cells as the header; an empty cell is a missing value. Carriage returns, NUL bytes and invalid UTF-8 are refused.
 *
 * Returns NULL and sets *problem (in the arena, with the line) for text that is not such a table. */
struct table *tsv_parse(Str name, Str text, struct arena *a, Str *problem);

/* Column index, or -1. */
int tsv_col(const struct table *t, Str name);

/* Put points' tables of one name together behind the sweep's parameters.
 *
 *   params   [nparams] parameter names
 *   values   [npoints][nparams]
 *   tables   [npoints] with equal headers
 *
 * Returns the TSV text, or an empty string after setting *problem: headers differ, or a parameter has a column's name. */
Str tsv_gather(const Str *params, int nparams, Str *const *values,
               struct table *const *tables, int npoints, struct arena *a, Str *problem);

/* values.tsv of one point (rows name, value, unit) as one row name[unit]…: what a swept program's P.values is made of. */
struct table *tsv_values_row(const struct table *values, struct arena *a, Str *problem);

/* The text with units stripped from the header: what gnuplot reads. */
Str tsv_bare_header(Str text, struct arena *a);

#endif
