/* Strings as views, and text under construction. */
#include "str.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"

Str str_of(const char *z)
{
	return z ? (Str){z, strlen(z)} : (Str){0};
}

bool str_eq(Str a, Str b)
{
	return a.len == b.len && (!a.len || !memcmp(a.at, b.at, a.len));
}

int str_cmp(Str a, Str b)
{
	size_t n = a.len < b.len ? a.len : b.len;
	int order = n ? memcmp(a.at, b.at, n) : 0;
	return order ? order : (a.len > b.len) - (a.len < b.len);
}

bool str_starts(Str s, Str prefix)
{
	return s.len >= prefix.len && str_eq(str_sub(s, 0, prefix.len), prefix);
}

bool str_ends(Str s, Str suffix)
{
	return s.len >= suffix.len && str_eq(str_sub(s, s.len - suffix.len, s.len), suffix);
}

Str str_sub(Str s, size_t from, size_t to)
{
	if (to > s.len)
		to = s.len;
	if (from > to)
		from = to;
	return s.len ? (Str){s.at + from, to - from} : s;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

Str str_trim(Str s)
{
	while (s.len && is_blank(s.at[s.len - 1]))
		s.len--;
	while (s.len && is_blank(*s.at))
		s.at++, s.len--;
	return s;
}

size_t str_find(Str s, char c, size_t from)
{
	if (from >= s.len)
		return s.len;
	const char *hit = memchr(s.at + from, c, s.len - from);
	return hit ? (size_t)(hit - s.at) : s.len;
}

size_t str_search(Str s, Str needle, size_t from)
{
	if (from >= s.len || !needle.len)
		return s.len;
	const char *hit = memmem(s.at + from, s.len - from, needle.at, needle.len);
	return hit ? (size_t)(hit - s.at) : s.len;
}

bool str_has(Str s, char c)
{
	return str_find(s, c, 0) < s.len;
}

Str str_cut(Str *rest, char separator)
{
	size_t n = str_find(*rest, separator, 0);
	Str taken = str_sub(*rest, 0, n);
	*rest = n < rest->len ? str_sub(*rest, n + 1, rest->len) : (Str){0};
	return taken;
}

Str str_word(Str *rest)
{
	Str s = *rest;
	while (s.len && is_blank(*s.at))
		s.at++, s.len--;
	size_t n = 0;
	while (n < s.len && !is_blank(s.at[n]))
		n++;
	*rest = str_sub(s, n, s.len);
	return str_sub(s, 0, n);
}

bool str_int(Str s, long *number)
{
	char text[32];
	if (!s.len || s.len >= sizeof text || !(s.at[s.len - 1] >= '0' && s.at[s.len - 1] <= '9'))
		return false;
	for (size_t i = 0; i < s.len; i++)
		if (!(s.at[i] >= '0' && s.at[i] <= '9') && !(i == 0 && s.at[i] == '-'))
			return false;
	memcpy(text, s.at, s.len);
	text[s.len] = 0;
	errno = 0;
	*number = strtol(text, NULL, 10);
	return errno == 0;
}

bool str_real(Str s, double *number)
{
	char text[64], *end;
	if (!s.len || s.len >= sizeof text || is_blank(*s.at))
		return false;
	memcpy(text, s.at, s.len);
	text[s.len] = 0;
	*number = strtod(text, &end);
	return *end == 0 && strlen(text) == s.len;
}

Str str_copy(struct arena *a, Str s)
{
	return (Str){str_z(a, s), s.len};
}

char *str_z(struct arena *a, Str s)
{
	char *copy = NEWS(a, char, s.len + 1);
	if (s.len)
		memcpy(copy, s.at, s.len);
	return copy;
}

Str str_fmt(struct arena *a, const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	va_list again;
	va_copy(again, args);
	int n = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	assert(n >= 0);
	char *text = NEWS(a, char, (size_t)n + 1);
	vsnprintf(text, (size_t)n + 1, fmt, again);
	va_end(again);
	return (Str){text, (size_t)n};
}

Str str_join(struct arena *a, Str left, Str right)
{
	char *text = NEWS(a, char, left.len + right.len + 1);
	if (left.len)
		memcpy(text, left.at, left.len);
	if (right.len)
		memcpy(text + left.len, right.at, right.len);
	return (Str){text, left.len + right.len};
}

int str_distance(Str a, Str b)
{
	enum { MOST = 64 };
	int row[MOST];
	if (a.len >= MOST || b.len >= MOST)
		return MOST;
	for (size_t j = 0; j <= b.len; j++)
		row[j] = (int)j;
	for (size_t i = 1; i <= a.len; i++) {
		int diagonal = row[0];
		row[0] = (int)i;
		for (size_t j = 1; j <= b.len; j++) {
			int replace = diagonal + (a.at[i - 1] != b.at[j - 1]);
			int edit = 1 + (row[j] < row[j - 1] ? row[j] : row[j - 1]);
			diagonal = row[j];
			row[j] = replace < edit ? replace : edit;
		}
	}
	return row[b.len];
}

struct buf buf_new(struct arena *a, size_t expected_len)
{
	size_t cap = expected_len + 64;
	return (struct buf){.arena = a, .at = NEWS(a, char, cap), .cap = cap};
}

/* Room for `more` bytes and a NUL after what is there. */
static void make_room(struct buf *b, size_t more)
{
	if (b->len + more < b->cap)
		return;
	size_t cap = 2 * (b->len + more) + 64;
	char *larger = NEWS(b->arena, char, cap);
	if (b->len)
		memcpy(larger, b->at, b->len);
	b->at = larger;
	b->cap = cap;
}

void buf_add(struct buf *b, Str s)
{
	if (!s.len)
		return;
	make_room(b, s.len);
	memcpy(b->at + b->len, s.at, s.len);
	b->len += s.len;
}

void buf_char(struct buf *b, char c)
{
	make_room(b, 1);
	b->at[b->len++] = c;
}

void buf_z(struct buf *b, const char *z)
{
	buf_add(b, str_of(z));
}

void buf_fmt(struct buf *b, const char *fmt, ...)
{
	va_list args, again;
	va_start(args, fmt);
	va_copy(again, args);
	int n = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	assert(n >= 0);
	make_room(b, (size_t)n + 1);
	vsnprintf(b->at + b->len, (size_t)n + 1, fmt, again);
	va_end(again);
	b->len += (size_t)n;
}

Str buf_str(const struct buf *b)
{
	return (Str){b->at, b->len};
}
