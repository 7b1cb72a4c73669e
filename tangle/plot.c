/* The stage for a figure: what gnuplot is told before the essay's own script runs. */
#include "arena.h"
#include "plan.h"
#include "tsv.h"

/* A name as part of a gnuplot variable. */
static void add_identifier(struct buf *out, Str name)
{
	for (size_t i = 0; i < name.len; i++) {
		char c = name.at[i];
		bool fits = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
		buf_char(out, fits ? c : '_');
	}
}

static void add_quoted(struct buf *out, Str text)
{
	buf_char(out, '\'');
	for (size_t i = 0; i < text.len; i++) {
		if (text.at[i] == '\'')
			buf_char(out, '\'');
		buf_char(out, text.at[i]);
	}
	buf_char(out, '\'');
}

Str plot_prologue(const struct action *plot, struct table *const *tables, const Str *names, int n, struct arena *a)
{
	struct buf out = buf_new(a, 1024);
	const struct option_value *height = &plot->chunk->opt.value[OPT_HEIGHT];
	if (plot->narrow)
		buf_z(&out, "NARROW = 1\n");
	buf_fmt(&out, "W = %d\n", plot->narrow ? 380 : 680);
	if (height->given)
		buf_fmt(&out, "H = %ld\n", plot->narrow ? height->number * 4 / 5 : height->number);
	buf_z(&out, "NAME = '");
	add_identifier(&out, plot->chunk->name);
	buf_z(&out, "'\n");
	for (int i = 0; i < n; i++)
		for (int c = 0; c < tables[i]->ncols; c++) {
			buf_z(&out, "UNIT_");
			add_identifier(&out, str_sub(names[i], 0, names[i].len - 4));
			buf_char(&out, '_');
			add_identifier(&out, tables[i]->col[c]);
			buf_z(&out, " = ");
			add_quoted(&out, tables[i]->unit[c]);
			buf_char(&out, '\n');
		}
	buf_z(&out, "set loadpath 'figures'\nload 'theme.gp'\n"
	            "set datafile separator \"\\t\"\nset datafile columnheaders\n"
	            "set output 'figure.svg'\nload 'script.gp'\nunset output\n");
	return buf_str(&out);
}
