/* Styles of formulas as classes, and KaTeX's style sheet cut to what formulas use.
 *
 * A style attribute wins over every rule of a style sheet. The rule that replaces it must too, so its selector
 * carries the weight of an id it does not need: .mTEXT:not(#_). */
#include "mathcss.h"

#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "diag.h"
#include "digest.h"

/* One attribute of a start tag, as written: ` name="value"`. */
struct attribute {
	Str whole, name, value;
	char quote;
};

/* Walks the start tags of HTML whose attributes are quoted, as KaTeX's are. */
struct tags {
	Str html;
	size_t at;              /* behind the last thing returned */
};

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Go behind the name of the next start tag. False at the end. */
static bool next_tag(struct tags *t)
{
	Str s = t->html;
	for (size_t i = t->at; (i = str_find(s, '<', i)) < s.len; i++) {
		if (i + 1 >= s.len || !is_letter(s.at[i + 1]))
			continue;
		for (i++; i < s.len && !strchr(" \t\n\r/>", s.at[i]); )
			i++;
		t->at = i;
		return true;
	}
	t->at = s.len;
	return false;
}

static size_t skip_blanks(Str s, size_t i)
{
	while (i < s.len && strchr(" \t\n\r", s.at[i]))
		i++;
	return i;
}

/* The tag's next attribute; an empty value where there is none. False at the tag's end, with t->at still before
 * what ends it. */
static bool next_attribute(struct tags *t, struct attribute *found)
{
	Str s = t->html;
	size_t from = skip_blanks(s, t->at), i = from;
	while (i < s.len && !strchr(" \t\n\r/>=", s.at[i]))
		i++;
	if (i == from)
		return false;
	*found = (struct attribute){.name = str_sub(s, from, i), .quote = '"'};
	size_t end = i;
	i = skip_blanks(s, i);
	if (i < s.len && s.at[i] == '=') {
		i = skip_blanks(s, i + 1);
		if (i < s.len && (s.at[i] == '"' || s.at[i] == '\'')) {
			found->quote = s.at[i];
			size_t close = str_find(s, s.at[i], i + 1);
			found->value = str_sub(s, i + 1, close);
			end = close < s.len ? close + 1 : close;
		}
	}
	found->whole = str_sub(s, t->at, end);
	t->at = end;
	return true;
}

static Str unescaped(Str text, struct arena *a)
{
	static const struct entity {
		Str name;
		char c;
	} entities[] = {
		{{"&amp;", 5}, '&'}, {{"&lt;", 4}, '<'}, {{"&gt;", 4}, '>'}, {{"&quot;", 6}, '"'},
		{{"&#x27;", 6}, '\''},
	};
	if (!str_has(text, '&'))
		return text;
	struct buf out = buf_new(a, text.len);
	while (text.len) {
		char c = *text.at;
		size_t n = 1;
		for (size_t i = 0; i < sizeof entities / sizeof *entities; i++)
			if (str_starts(text, entities[i].name)) {
				c = entities[i].c;
				n = entities[i].name.len;
			}
		buf_char(&out, c);
		text = str_sub(text, n, text.len);
	}
	return buf_str(&out);
}

/* "m" and ten digits: among a thousand styles, two share a name once in two million sites; math_sheet() sees it. */
static Str class_of(Str style, struct arena *a)
{
	return str_fmt(a, "m%.10s", digest_text(a, digest_of(style)).at);
}

/* The attributes of one tag: the style's class goes to the end of the class attribute, or where the style was. */
static void put_attributes(struct buf *out, struct tags *t, struct arena *a)
{
	struct tags ahead = *t;
	struct attribute attr;
	Str style_class = {0};
	bool classed = false;
	while (next_attribute(&ahead, &attr))
		if (str_eq(attr.name, S("style")))
			style_class = class_of(unescaped(attr.value, a), a);
		else if (str_eq(attr.name, S("class")))
			classed = true;
	while (next_attribute(t, &attr)) {
		bool is_class = str_eq(attr.name, S("class")), is_style = str_eq(attr.name, S("style"));
		if (is_class && style_class.len)
			buf_fmt(out, " class=%c%.*s%s%.*s%c", attr.quote, STR_ARG(attr.value),
			        attr.value.len ? " " : "", STR_ARG(style_class), attr.quote);
		else if (is_style && !classed)
			buf_fmt(out, " class=\"%.*s\"", STR_ARG(style_class));
		else if (!is_style)
			buf_add(out, attr.whole);
	}
}

Str math_classes(Str html, struct arena *a)
{
	struct buf out = buf_new(a, html.len);
	struct tags t = {.html = html};
	size_t done = 0;
	while (next_tag(&t)) {
		buf_add(&out, str_sub(html, done, t.at));
		put_attributes(&out, &t, a);
		done = t.at;
	}
	buf_add(&out, str_sub(html, done, html.len));
	return buf_str(&out);
}

void math_rules(Str html, struct buf *rules)
{
	struct tags t = {.html = html};
	struct attribute attr;
	while (next_tag(&t))
		while (next_attribute(&t, &attr)) {
			if (!str_eq(attr.name, S("style")))
				continue;
			Str style = unescaped(attr.value, rules->arena), name = class_of(style, rules->arena);
			buf_fmt(rules, "%.*s\t%.*s\n", STR_ARG(name), STR_ARG(style));
		}
}

static int by_bytes(const void *left, const void *right)
{
	return str_cmp(*(const Str *)left, *(const Str *)right);
}

/* Sort, and keep one of each. Returns how many are left. */
static size_t sort_unique(Str *list, size_t n)
{
	size_t kept = 0;
	if (n)
		qsort(list, n, sizeof *list, by_bytes);
	for (size_t i = 0; i < n; i++)
		if (!kept || !str_eq(list[i], list[kept - 1]))
			list[kept++] = list[i];
	return kept;
}

static size_t count_of(Str s, char c)
{
	size_t n = 0;
	for (size_t i = 0; (i = str_find(s, c, i)) < s.len; i++)
		n++;
	return n;
}

Str math_sheet(Str rules, struct arena *a)
{
	Str *line = NEWS(a, Str, count_of(rules, '\n') + 1);
	size_t n = 0;
	for (Str rest = rules; rest.len; )
		line[n++] = str_cut(&rest, '\n');
	n = sort_unique(line, n);
	struct buf out = buf_new(a, rules.len);
	Str before = {0};
	for (size_t i = 0; i < n; i++) {
		Str style = line[i], name = str_cut(&style, '\t');
		if (i && str_eq(name, before))
			fatal("two styles of formulas have the class '%.*s'; one is '%.*s'", STR_ARG(name),
			      STR_ARG(style));
		/* KaTeX writes lengths and checked colours; anything else could end the rule. */
		if (strcspn(str_z(a, style), "{}<>@\\\"'/*") != style.len)
			fatal("a formula's style is not one for a style sheet: '%.*s'", STR_ARG(style));
		if (style.len && style.at[style.len - 1] == ';')
			style.len--;
		buf_fmt(&out, ".%.*s:not(#_){%.*s}\n", STR_ARG(name), STR_ARG(style));
		before = name;
	}
	return buf_str(&out);
}

/* Sorted, each once. */
struct names {
	Str *name;
	size_t n;
};

static bool has_name(const struct names *set, Str name)
{
	return set->n && bsearch(&name, set->name, set->n, sizeof name, by_bytes);
}

static struct names classes_in(Str html, struct arena *a)
{
	struct attribute attr;
	size_t n = 0;
	for (struct tags t = {.html = html}; next_tag(&t); )
		while (next_attribute(&t, &attr))
			if (str_eq(attr.name, S("class")))
				n += attr.value.len / 2 + 1;
	struct names set = {NEWS(a, Str, n), 0};
	for (struct tags t = {.html = html}; next_tag(&t); )
		while (next_attribute(&t, &attr))
			if (str_eq(attr.name, S("class")))
				for (Str name; (name = str_word(&attr.value)).len; )
					set.name[set.n++] = name;
	set.n = sort_unique(set.name, set.n);
	return set;
}

static bool is_name_char(char c)
{
	return is_letter(c) || (c >= '0' && c <= '9') || c == '-' || c == '_' || (c & 0x80);
}

/* Whether all classes an element must have are there. What stands in :not(...) it must not have. */
static bool can_match(Str selector, const struct names *classes)
{
	for (size_t i = 0; i < selector.len; i++) {
		if (str_starts(str_sub(selector, i, selector.len), S(":not("))) {
			i = str_find(selector, ')', i);
			continue;
		}
		if (selector.at[i] != '.')
			continue;
		size_t end = i + 1;
		while (end < selector.len && is_name_char(selector.at[end]))
			end++;
		if (!has_name(classes, str_sub(selector, i + 1, end)))
			return false;
	}
	return true;
}

/* The members of a selector list that can match, with commas; empty when none can. */
static Str matching_selectors(Str list, const struct names *classes, struct arena *a)
{
	struct buf out = buf_new(a, list.len);
	while (list.at) {
		Str selector = str_trim(str_cut(&list, ','));
		if (!selector.len || !can_match(selector, classes))
			continue;
		if (out.len)
			buf_char(&out, ',');
		buf_add(&out, selector);
	}
	return buf_str(&out);
}

/* Offset of the first of `stops` at or after `from` that is not in a string, or s.len. */
static size_t css_find(Str s, const char *stops, size_t from)
{
	for (size_t i = from; i < s.len; i++) {
		char c = s.at[i];
		if (strchr(stops, c) && c)
			return i;
		if (c == '"' || c == '\'')
			for (i++; i < s.len && s.at[i] != c; i++)
				i += s.at[i] == '\\';
	}
	return s.len;
}

struct rule {
	Str selector;           /* or "@font-face", "@media ..." */
	Str body;               /* between the braces */
};

static Str without_comments(Str css, struct arena *a)
{
	struct buf out = buf_new(a, css.len);
	size_t done = 0;
	for (size_t i = 0; (i = css_find(css, "/", i)) < css.len; i++)
		if (i + 1 < css.len && css.at[i + 1] == '*') {
			buf_add(&out, str_sub(css, done, i));
			i = str_search(css, S("*/"), i + 2) + 1;
			done = i + 1;
		}
	buf_add(&out, str_sub(css, done, css.len));
	return buf_str(&out);
}

/* Take the next rule off the style sheet; statements that end in ';' (@charset, @import) are passed over. */
static bool next_rule(Str *css, struct rule *rule)
{
	size_t open;
	while ((open = css_find(*css, "{;", 0)) < css->len && css->at[open] == ';')
		*css = str_sub(*css, open + 1, css->len);
	if (open == css->len)
		return false;
	size_t close = open;
	for (int depth = 1; depth && close < css->len; ) {
		close = css_find(*css, "{}", close + 1);
		if (close < css->len)
			depth += css->at[close] == '{' ? 1 : -1;
	}
	*rule = (struct rule){str_trim(str_sub(*css, 0, open)), str_sub(*css, open + 1, close)};
	*css = str_sub(*css, close + 1, css->len);
	return true;
}

/* Value of a declaration, or empty. */
static Str declared(Str body, Str property)
{
	while (body.len) {
		size_t end = css_find(body, ";", 0);
		Str value = str_sub(body, 0, end);
		if (str_eq(str_trim(str_cut(&value, ':')), property))
			return str_trim(value);
		body = str_sub(body, end + 1, body.len);
	}
	return (Str){0};
}

static Str unquoted(Str s)
{
	bool quoted = s.len >= 2 && (*s.at == '"' || *s.at == '\'') && s.at[s.len - 1] == *s.at;
	return quoted ? str_sub(s, 1, s.len - 1) : s;
}

/* Name of the .woff2 file among the sources, without its directory; empty when there is none. */
static Str woff2_of(Str sources)
{
	while (sources.len) {
		Str source = str_cut(&sources, ',');
		size_t from = str_search(source, S("url("), 0);
		Str url = unquoted(str_trim(str_sub(source, from + 4, str_find(source, ')', from))));
		for (size_t slash; (slash = str_find(url, '/', 0)) < url.len; )
			url = str_sub(url, slash + 1, url.len);
		if (str_ends(url, S(".woff2")))
			return url;
	}
	return (Str){0};
}

/* Whether the style sheet names the family: KaTeX_Size1, but not as a part of KaTeX_Size10. */
static bool names_family(Str css, Str family)
{
	for (size_t i = 0; (i = str_search(css, family, i)) < css.len; i++) {
		size_t end = i + family.len;
		if ((i == 0 || !is_name_char(css.at[i - 1])) && (end == css.len || !is_name_char(css.at[end])))
			return true;
	}
	return false;
}

static void put_face(struct buf *out, Str body, Str file)
{
	buf_fmt(out, "@font-face{font-family:%.*s;src:url(fonts/%.*s) format('woff2')",
	        STR_ARG(declared(body, S("font-family"))), STR_ARG(file));
	static const Str kept[] = {{"font-weight", 11}, {"font-style", 10}};
	for (int i = 0; i < 2; i++) {
		Str value = declared(body, kept[i]);
		if (value.len)
			buf_fmt(out, ";%.*s:%.*s", STR_ARG(kept[i]), STR_ARG(value));
	}
	buf_z(out, "}\n");
}

Str katex_css_cut(Str css, Str html, struct arena *a, Str *fonts)
{
	css = without_comments(css, a);
	struct names classes = classes_in(html, a);
	struct buf rules = buf_new(a, css.len / 4), faces = buf_new(a, 4096), files = buf_new(a, 1024);
	struct rule rule;
	for (Str rest = css; next_rule(&rest, &rule); ) {
		if (str_eq(rule.selector, S("@font-face")))
			continue;
		/* Conditions, such as @media, are kept whole: KaTeX has none so far. */
		Str selector = str_starts(rule.selector, S("@")) ? rule.selector :
		               matching_selectors(rule.selector, &classes, a);
		if (selector.len)
			buf_fmt(&rules, "%.*s{%.*s}\n", STR_ARG(selector), STR_ARG(rule.body));
	}
	for (Str rest = css; next_rule(&rest, &rule); ) {
		if (!str_eq(rule.selector, S("@font-face")))
			continue;
		Str family = unquoted(declared(rule.body, S("font-family")));
		Str file = woff2_of(declared(rule.body, S("src")));
		if (!family.len || !file.len || !names_family(buf_str(&rules), family))
			continue;
		put_face(&faces, rule.body, file);
		buf_fmt(&files, "%.*s\n", STR_ARG(file));
	}
	buf_add(&faces, buf_str(&rules));
	*fonts = buf_str(&files);
	return buf_str(&faces);
}
