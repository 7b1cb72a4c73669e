/* What weft says to a person goes to stderr, each report in one write. */
#include "diag.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"

/* A text full of mistakes is not read to its end by anyone. */
enum { REPORTS_MOST = 200 };

int diag_errors;
bool diag_silent;
int diag_silenced;

Str file_line(const struct file *file, int line)
{
	Str rest = file->text;
	for (int i = 1; i < line && rest.len; i++)
		str_cut(&rest, '\n');
	Str s = str_cut(&rest, '\n');
	if (s.len && s.at[s.len - 1] == '\r')
		s.len--;
	return s;
}

Span span_of_offset(const struct file *file, size_t offset)
{
	Span at = {file, 1, 1};
	for (size_t i = 0; i < offset && i < file->text.len; i++) {
		at.col++;
		if (file->text.at[i] == '\n')
			at = (Span){file, at.line + 1, 1};
	}
	return at;
}

Str printable(struct arena *a, Str text)
{
	struct buf out = buf_new(a, text.len);
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.at[i];
		if ((c < 0x20 && c != '\t' && c != '\n') || c == 0x7f)
			buf_fmt(&out, "\\x%02x", c);
		else
			buf_char(&out, (char)c);
	}
	return buf_str(&out);
}

void excerpt(struct buf *out, Span at)
{
	if (!at.file || at.line < 1)
		return;
	Str line = file_line(at.file, at.line);
	if (!line.len)
		return;
	/* A line of a megabyte is shown around the caret only. */
	enum { WIDTH = 160 };
	size_t col = at.col > 0 ? (size_t)at.col - 1 : 0;
	if (col > line.len)
		col = line.len;
	size_t from = col > WIDTH / 2 ? col - WIDTH / 2 : 0;
	if (line.len <= WIDTH)
		from = 0;
	while (from && ((unsigned char)line.at[from] & 0xc0) == 0x80)
		from--;
	line = str_sub(line, from, from + WIDTH);
	col -= from;
	buf_fmt(out, "%5d | ", at.line);
	for (size_t i = 0; i < line.len; i++) {
		unsigned char c = (unsigned char)line.at[i];
		buf_char(out, (c < 0x20 && c != '\t') || c == 0x7f ? '?' : (char)c);
	}
	buf_z(out, "\n      | ");
	/* One blank a character, so that the caret stands right below text that is not ASCII. */
	for (size_t i = 0; i < col && i < line.len; i++)
		if (line.at[i] == '\t')
			buf_char(out, '\t');
		else if (((unsigned char)line.at[i] & 0xc0) != 0x80)
			buf_char(out, ' ');
	buf_z(out, "^\n");
}

/* What every report has in common: place, kind, message, excerpt. */
static void report(Span at, const char *kind, const char *fmt, va_list args)
{
	char space[65536], text[8192];
	struct arena scratch = {space, space + sizeof space};
	struct buf out = buf_new(&scratch, 9000);
	vsnprintf(text, sizeof text, fmt, args);
	if (at.file && at.line > 0)
		buf_fmt(&out, "%.*s:%d:%d: ", STR_ARG(at.file->path), at.line, at.col);
	else if (at.file)
		buf_fmt(&out, "%.*s: ", STR_ARG(at.file->path));
	else
		buf_z(&out, "weft: ");
	buf_fmt(&out, "%s: ", kind);
	buf_add(&out, printable(&scratch, str_of(text)));
	buf_char(&out, '\n');
	excerpt(&out, at);
	fflush(stdout);
	fwrite(out.at, 1, out.len, stderr);
	fflush(stderr);
}

void error_at(Span at, const char *fmt, ...)
{
	va_list args;
	if (diag_silent) {
		diag_silenced++;
		return;
	}
	va_start(args, fmt);
	diag_errors++;
	if (diag_errors <= REPORTS_MOST)
		report(at, "error", fmt, args);
	else if (diag_errors == REPORTS_MOST + 1)
		fprintf(stderr, "weft: more than %d mistakes; the others are not shown\n", REPORTS_MOST);
	va_end(args);
}

void warn_at(Span at, const char *fmt, ...)
{
	va_list args;
	if (diag_silent)
		return;
	va_start(args, fmt);
	report(at, "warning", fmt, args);
	va_end(args);
}

void note_at(Span at, const char *fmt, ...)
{
	va_list args;
	if (diag_silent || diag_errors > REPORTS_MOST)
		return;
	va_start(args, fmt);
	report(at, "note", fmt, args);
	va_end(args);
}

bool diag_is_full(void)
{
	return diag_errors >= REPORTS_MOST;
}

void error_text(const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	report((Span){0}, "error", fmt, args);
	va_end(args);
	diag_errors++;
}

_Noreturn void fatal(const char *fmt, ...)
{
	int cause = errno;
	va_list args;
	va_start(args, fmt);
	fflush(stdout);
	fputs("weft: ", stderr);
	vfprintf(stderr, fmt, args);
	va_end(args);
	size_t n = strlen(fmt);
	if (n && fmt[n - 1] == ':')
		fprintf(stderr, " %s", strerror(cause));
	fputc('\n', stderr);
	exit(2);
}
