/* Records: lines of escaped fields. */
#include "record.h"

#include "arena.h"

void record_field(struct buf *out, Str field)
{
	if (out->len && out->at[out->len - 1] != '\n')
		buf_char(out, '\t');
	for (size_t i = 0; i < field.len; i++) {
		char c = field.at[i];
		const char *escape = c == '\\' ? "\\\\" : c == '\t' ? "\\t" : c == '\n' ? "\\n" :
		                     c == '\r' ? "\\r" : NULL;
		if (escape)
			buf_z(out, escape);
		else
			buf_char(out, c);
	}
}

void record_int(struct buf *out, int64_t number)
{
	char text[24];
	int n = 0;
	uint64_t rest = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;
	do
		text[n++] = (char)('0' + rest % 10);
	while (rest /= 10);
	if (out->len && out->at[out->len - 1] != '\n')
		buf_char(out, '\t');
	if (number < 0)
		buf_char(out, '-');
	while (n)
		buf_char(out, text[--n]);
}

void record_digest(struct buf *out, Digest d)
{
	char text[DIGEST_TEXT];
	for (size_t i = 0; i < sizeof d.byte; i++) {
		text[2 * i] = "0123456789abcdef"[d.byte[i] >> 4];
		text[2 * i + 1] = "0123456789abcdef"[d.byte[i] & 15];
	}
	record_field(out, (Str){text, DIGEST_TEXT});
}

void record_end(struct buf *out)
{
	buf_char(out, '\n');
}

void record_line(struct buf *out, const char *first, ...)
{
	va_list args;
	va_start(args, first);
	for (const char *field = first; field; field = va_arg(args, const char *))
		record_field(out, str_of(field));
	va_end(args);
	record_end(out);
}

static bool unescape(Str raw, Str *field, struct arena *a)
{
	if (!str_has(raw, '\\')) {
		*field = raw;
		return true;
	}
	char *text = NEWS(a, char, raw.len + 1);
	size_t n = 0;
	for (size_t i = 0; i < raw.len; i++) {
		if (raw.at[i] != '\\') {
			text[n++] = raw.at[i];
			continue;
		}
		if (++i == raw.len)
			return false;
		switch (raw.at[i]) {
		case '\\': text[n++] = '\\'; break;
		case 't': text[n++] = '\t'; break;
		case 'n': text[n++] = '\n'; break;
		case 'r': text[n++] = '\r'; break;
		default: return false;
		}
	}
	*field = (Str){text, n};
	return true;
}

bool record_next(Str *rest, struct record *r, struct arena *a)
{
	r->n = 0;
	size_t end = str_find(*rest, '\n', 0);
	if (end == rest->len)
		return false;
	Str line = str_sub(*rest, 0, end);
	*rest = str_sub(*rest, end + 1, rest->len);
	for (bool more = true; more; r->n++) {
		more = str_has(line, '\t');
		if (r->n == RECORD_MOST || !unescape(str_cut(&line, '\t'), &r->field[r->n], a))
			return false;
	}
	return true;
}

Str record_get(const struct record *r, int i)
{
	return i < r->n ? r->field[i] : (Str){0};
}

long record_get_int(const struct record *r, int i)
{
	long number = 0;
	str_int(record_get(r, i), &number);
	return number;
}
