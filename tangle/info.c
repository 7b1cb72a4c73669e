/* Info strings, read by recursive descent over one line. */
#include "info.h"

#include "arena.h"

/* Where the reader is in its line. */
struct reader {
	Str text;
	size_t i;
	Span at;                /* of text.at[0] */
	struct arena *arena;
};

static Span here(const struct reader *r)
{
	return (Span){r->at.file, r->at.line, r->at.col + (int)r->i};
}

static bool at_end(const struct reader *r)
{
	return r->i == r->text.len;
}

static char peek(const struct reader *r)
{
	return at_end(r) ? 0 : r->text.at[r->i];
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static void skip_blanks(struct reader *r)
{
	while (is_blank(peek(r)))
		r->i++;
}

static bool is_name_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
}

bool is_name(Str s)
{
	if (!s.len || !(*s.at >= 'a' && *s.at <= 'z'))
		return false;
	for (size_t i = 0; i < s.len; i++)
		if (!is_name_char(s.at[i]))
			return false;
	return true;
}

const struct id_kind *id_kind(Str id)
{
	static const struct id_kind kinds[] = {
		{{"fig-", 4}, ".figure chunks"}, {{"tab-", 4}, ".table chunks"}, {{"claim-", 6}, ".claim chunks"},
		{{"eq-", 3}, "equations"}, {{"sec-", 4}, "headings"},
	};
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (str_starts(id, kinds[i].prefix) && id.len > kinds[i].prefix.len)
			return &kinds[i];
	return NULL;
}

/* A word up to a blank, '=', quote or brace: what the author took for one name. */
static bool read_name(struct reader *r, const char *what, Str *name)
{
	Span at = here(r);
	size_t from = r->i;
	while (!at_end(r) && !is_blank(peek(r)) && !str_has(S("=\"{}"), peek(r)))
		r->i++;
	*name = str_sub(r->text, from, r->i);
	if (is_name(*name))
		return true;
	if (!name->len)
		error_at(at, "%s is missing its name", what);
	else
		error_at(at, "%s '%.*s' is not a name: wanted a letter a-z, then letters, digits and '-'",
		         what, STR_ARG(*name));
	return false;
}

/* Is the reader at \" or \\? */
static bool is_escape(const struct reader *r)
{
	return peek(r) == '\\' && r->i + 1 < r->text.len && str_has(S("\"\\"), r->text.at[r->i + 1]);
}

static bool read_quoted(struct reader *r, struct info_item *item)
{
	Span quote = here(r);
	r->i++;
	item->value_at = here(r);
	size_t from = r->i;
	while (!at_end(r) && peek(r) != '"')
		r->i += is_escape(r) ? 2 : 1;
	if (at_end(r)) {
		error_at(quote, "the value of '%.*s' has no closing '\"'", STR_ARG(item->name));
		return false;
	}
	size_t end = r->i;
	char *copy = NEWS(r->arena, char, end - from + 1);
	size_t n = 0;
	for (r->i = from; r->i < end; r->i++) {
		if (is_escape(r))
			r->i++;
		copy[n++] = peek(r);
	}
	r->i++;
	item->value = (Str){copy, n};
	if (!at_end(r) && !is_blank(peek(r)) && peek(r) != '}') {
		error_at(here(r), "wanted a blank or '}' behind the value of '%.*s'", STR_ARG(item->name));
		return false;
	}
	return true;
}

static bool read_bare(struct reader *r, struct info_item *item)
{
	item->value_at = here(r);
	size_t from = r->i;
	while (!at_end(r) && !is_blank(peek(r)) && !str_has(S("\"{}"), peek(r)))
		r->i++;
	item->value = str_sub(r->text, from, r->i);
	if (!item->value.len) {
		error_at(here(r), "'%.*s=' has no value; an empty one is written \"\"", STR_ARG(item->name));
		return false;
	}
	if (peek(r) == '"' || peek(r) == '{') {
		error_at(here(r), "a value with '%c' in it stands in double quotes", peek(r));
		return false;
	}
	return true;
}

static bool read_item(struct reader *r, struct info_item *item)
{
	item->at = here(r);
	if (peek(r) == '#' || peek(r) == '.') {
		bool id = peek(r) == '#';
		item->kind = id ? ITEM_ID : ITEM_ROLE;
		r->i++;
		if (!read_name(r, id ? "the id" : "the role", &item->name))
			return false;
		if (at_end(r) || is_blank(peek(r)) || peek(r) == '}')
			return true;
		error_at(here(r), "wanted a blank or '}' behind '%c%.*s'", id ? '#' : '.', STR_ARG(item->name));
		return false;
	}
	item->kind = ITEM_FLAG;
	if (!read_name(r, "the option", &item->name))
		return false;
	if (peek(r) == '=') {
		item->kind = ITEM_VALUE;
		r->i++;
		return peek(r) == '"' ? read_quoted(r, item) : read_bare(r, item);
	}
	if (at_end(r) || is_blank(peek(r)) || peek(r) == '}')
		return true;
	error_at(here(r), "wanted '=', a blank or '}' behind '%.*s'", STR_ARG(item->name));
	return false;
}

static bool read_braces(struct reader *r, struct info *info)
{
	info->braces = true;
	info->brace = here(r);
	r->i++;
	struct info_item **tail = &info->items;
	for (;;) {
		skip_blanks(r);
		if (at_end(r)) {
			error_at(info->brace, "'{' has no closing '}' on its line");
			return false;
		}
		if (peek(r) == '}') {
			r->i++;
			return true;
		}
		struct info_item *item = NEW(r->arena, struct info_item);
		if (!read_item(r, item))
			return false;
		*tail = item;
		tail = &item->next;
	}
}

bool info_parse(Str text, Span at, struct info *info, struct arena *a)
{
	struct reader r = {.text = text, .at = at, .arena = a};
	*info = (struct info){0};
	skip_blanks(&r);
	info->at = here(&r);
	size_t from = r.i;
	while (!at_end(&r) && !is_blank(peek(&r)) && peek(&r) != '{')
		r.i++;
	info->language = str_sub(text, from, r.i);
	skip_blanks(&r);
	if (peek(&r) == '{' && !read_braces(&r, info))
		return false;
	skip_blanks(&r);
	if (at_end(&r))
		return true;
	if (info->braces)
		error_at(here(&r), "text behind the '}' of an info string");
	else
		error_at(here(&r), "text behind the language '%.*s'; options stand in braces",
		         STR_ARG(info->language));
	return false;
}

bool info_braces(Str text, Span at, struct info *info, size_t *len, struct arena *a)
{
	struct reader r = {.text = text, .at = at, .arena = a};
	*info = (struct info){0};
	skip_blanks(&r);
	bool fine = peek(&r) == '{' && read_braces(&r, info);
	*len = r.i;
	return fine;
}
