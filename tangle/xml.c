/* XML, the part of it that plain drawings use. Recursive descent over one text; the first problem ends it. */
#include "xml.h"

#include <string.h>

#include "arena.h"
#include "utf8.h"

enum { DEPTH_MOST = 64 };

struct reader {
	Str text;
	size_t at;
	int line;
	struct arena *arena;
	Str problem;
};

/* Note the first problem; always false, so that `return fail(...)` reads well. */
static bool fail(struct reader *r, const char *what, Str name)
{
	if (!r->problem.len)
		r->problem = str_fmt(r->arena, "line %d: %s%s%.*s%s", r->line, what,
		                     name.len ? " '" : "", STR_ARG(name), name.len ? "'" : "");
	return false;
}

static bool is_next(const struct reader *r, Str what)
{
	return str_starts(str_sub(r->text, r->at, r->text.len), what);
}

static bool take(struct reader *r, Str what)
{
	if (!is_next(r, what))
		return false;
	r->at += what.len;
	return true;
}

static bool skip_blanks(struct reader *r)
{
	size_t from = r->at;
	for (; r->at < r->text.len && memchr(" \t\r\n", r->text.at[r->at], 4); r->at++)
		r->line += r->text.at[r->at] == '\n';
	return r->at > from;
}

static bool is_name_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == ':' || c == '_' || c == '-' || c == '.';
}

static Str take_name(struct reader *r)
{
	size_t from = r->at;
	while (r->at < r->text.len && is_name_char(r->text.at[r->at]))
		r->at++;
	return str_sub(r->text, from, r->at);
}

static void add_utf8(struct buf *out, uint32_t c)
{
	int tail = c < 0x80 ? 0 : c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
	static const unsigned char lead[] = {0, 0xc0, 0xe0, 0xf0};
	buf_char(out, (char)(lead[tail] | c >> 6 * tail));
	while (tail--)
		buf_char(out, (char)(0x80 | (c >> 6 * tail & 0x3f)));
}

/* A character by number, as in "#38" and "#x26". */
static bool add_numbered(struct buf *out, Str digits)
{
	uint32_t base = 10, c = 0;
	if (str_starts(digits, S("x"))) {
		base = 16;
		digits = str_sub(digits, 1, digits.len);
	}
	if (!digits.len || digits.len > 7)
		return false;
	for (size_t i = 0; i < digits.len; i++) {
		const char *known = "0123456789abcdef";
		const char *hit = memchr(known, digits.at[i] | 0x20, base);
		if (!hit || (digits.at[i] < '0'))
			return false;
		c = c * base + (uint32_t)(hit - known);
	}
	if ((c < 0x20 && c != '\t' && c != '\n') || c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
		return false;
	add_utf8(out, c);
	return true;
}

/* Raw text or an attribute's value, with its references resolved. */
static bool resolve(struct reader *r, Str raw, Str *plain)
{
	static const struct { const char *name; char c; } known[] = {
		{"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''},
	};
	*plain = raw;
	if (!str_has(raw, '&'))
		return true;
	struct buf out = buf_new(r->arena, raw.len);
	while (raw.len) {
		size_t amp = str_find(raw, '&', 0);
		buf_add(&out, str_sub(raw, 0, amp));
		raw = str_sub(raw, amp, raw.len);
		if (!raw.len)
			break;
		size_t end = str_find(raw, ';', 0);
		Str name = str_sub(raw, 1, end);
		bool done = end < raw.len && str_starts(name, S("#")) &&
		            add_numbered(&out, str_sub(name, 1, name.len));
		for (size_t i = 0; i < sizeof known / sizeof *known && !done; i++)
			if (end < raw.len && str_eq(name, str_of(known[i].name))) {
				buf_char(&out, known[i].c);
				done = true;
			}
		if (!done)
			return fail(r, "unknown reference", str_sub(raw, 0, 12));
		raw = str_sub(raw, end + 1, raw.len);
	}
	*plain = buf_str(&out);
	return true;
}

static int count_lines(Str s)
{
	int n = 0;
	for (size_t i = str_find(s, '\n', 0); i < s.len; i = str_find(s, '\n', i + 1))
		n++;
	return n;
}

static bool read_attr(struct reader *r, struct xml *node, struct xml_attr ***tail)
{
	Str name = take_name(r);
	if (!name.len)
		return fail(r, "expected an attribute or '>' in", node->tag);
	if (xml_get(node, name))
		return fail(r, "attribute given twice:", name);
	skip_blanks(r);
	if (!take(r, S("=")))
		return fail(r, "expected '=' after", name);
	skip_blanks(r);
	char quote = r->at < r->text.len ? r->text.at[r->at] : 0;
	if (quote != '"' && quote != '\'')
		return fail(r, "expected a quoted value for", name);
	size_t end = str_find(r->text, quote, r->at + 1);
	if (end == r->text.len)
		return fail(r, "unterminated value of", name);
	Str raw = str_sub(r->text, r->at + 1, end);
	if (str_has(raw, '<'))
		return fail(r, "'<' in the value of", name);
	struct xml_attr *attr = NEW(r->arena, struct xml_attr);
	attr->name = name;
	if (!resolve(r, raw, &attr->value))
		return false;
	**tail = attr;
	*tail = &attr->next;
	r->line += count_lines(raw);
	r->at = end + 1;
	return true;
}

static struct xml *read_element(struct reader *r, int depth);

/* What stands between an element's tags, and its end tag. */
static bool read_content(struct reader *r, struct xml *node, int depth)
{
	struct xml **tail = &node->child;
	while (r->at < r->text.len) {
		if (take(r, S("</"))) {
			if (!str_eq(take_name(r), node->tag))
				return fail(r, "wrong end tag inside", node->tag);
			skip_blanks(r);
			return take(r, S(">")) || fail(r, "expected '>' after the end of", node->tag);
		}
		if (is_next(r, S("<"))) {
			*tail = read_element(r, depth + 1);
		} else {
			size_t end = str_find(r->text, '<', r->at);
			Str raw = str_sub(r->text, r->at, end);
			*tail = NEW(r->arena, struct xml);
			(*tail)->line = r->line;
			if (!resolve(r, raw, &(*tail)->text))
				return false;
			r->line += count_lines(raw);
			r->at = end;
		}
		if (!*tail)
			return false;
		tail = &(*tail)->next;
	}
	return fail(r, "no end tag for", node->tag);
}

static struct xml *read_element(struct reader *r, int depth)
{
	struct xml *node = NEW(r->arena, struct xml);
	struct xml_attr **tail = &node->attrs;
	node->line = r->line;
	take(r, S("<"));
	node->tag = take_name(r);
	if (!node->tag.len)
		return fail(r, "neither element nor text:", str_sub(r->text, r->at - 1, r->at + 8)), NULL;
	if (depth > DEPTH_MOST)
		return fail(r, "nested too deeply:", node->tag), NULL;
	for (;;) {
		bool apart = skip_blanks(r);
		if (take(r, S("/>")))
			return node;
		if (take(r, S(">")))
			return read_content(r, node, depth) ? node : NULL;
		if (!apart)
			return fail(r, "expected a blank or '>' in", node->tag), NULL;
		if (!read_attr(r, node, &tail))
			return NULL;
	}
}

/* Bytes no text of ours has: checked once, so that the reader need not. */
static bool is_text(struct reader *r)
{
	if (!utf8_is_valid(r->text))
		return fail(r, "invalid UTF-8", (Str){0});
	for (size_t i = 0; i < r->text.len; i++) {
		unsigned char c = (unsigned char)r->text.at[i];
		if ((c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7f)
			return fail(r, "a control character", (Str){0});
	}
	return true;
}

struct xml *xml_parse(Str text, struct arena *a, Str *problem)
{
	struct reader r = {.text = text, .line = 1, .arena = a};
	struct xml *root = NULL;
	if (is_text(&r)) {
		if (is_next(&r, S("<?xml ")))
			r.at = str_search(text, S("?>"), 0) + 2;
		if (r.at > text.len)
			r.at = text.len;
		r.line += count_lines(str_sub(text, 0, r.at));
		skip_blanks(&r);
		if (is_next(&r, S("<")))
			root = read_element(&r, 1);
		else
			fail(&r, "no element", (Str){0});
		skip_blanks(&r);
		if (root && r.at < text.len)
			root = (fail(&r, "something follows the root element", (Str){0}), NULL);
	}
	*problem = r.problem;
	return root;
}

const Str *xml_get(const struct xml *node, Str name)
{
	for (const struct xml_attr *attr = node->attrs; attr; attr = attr->next)
		if (str_eq(attr->name, name))
			return &attr->value;
	return NULL;
}

void xml_set(struct xml *node, Str name, Str value, struct arena *a)
{
	struct xml_attr **at = &node->attrs;
	while (*at && !str_eq((*at)->name, name))
		at = &(*at)->next;
	if (!*at)
		*at = NEW(a, struct xml_attr);
	(*at)->name = name;
	(*at)->value = value;
}

void xml_unset(struct xml *node, Str name)
{
	for (struct xml_attr **at = &node->attrs; *at; at = &(*at)->next)
		if (str_eq((*at)->name, name)) {
			*at = (*at)->next;
			return;
		}
}
