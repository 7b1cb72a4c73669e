/* A reader of BibTeX files by recursive descent.
 *
 *   entry    @ type { key , field, field, ... }      or with ( ) for the outer braces
 *   field    name = piece # piece ...
 *   piece    {balanced}  "balanced"  digits  name of a string
 *
 * As in BibTeX itself, a backslash does not keep a brace from counting. */
#include "bibtex.h"

#include <string.h>
#include <strings.h>

#include "arena.h"
#include "textext.h"

enum {
	LONGEST_VALUE = 1 << 16,        /* strings made of strings double with each line */
	MOST_UNSOUND = 50               /* entries; each unclosed one is read to the end of the file */
};

struct macro {
	struct macro *next;
	Str name, tex;
};

struct parser {
	const struct file *file;
	Str text;               /* of the file */
	size_t at;
	struct arena *arena;
	struct macro *macros;   /* newest first */
	size_t mistake;         /* offset of the last mistake that reading stopped at */
	size_t counted;         /* lines are counted up to here */
	int line;               /* line of text.at[counted] */
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool is_name_char(char c)
{
	return (unsigned char)c > ' ' && !strchr("\"#%'(),={}@\\~\x7f", c);
}

static char peek(const struct parser *p)
{
	return p->at < p->text.len ? p->text.at[p->at] : '\0';
}

static void skip_blanks(struct parser *p)
{
	while (p->at < p->text.len && is_blank(p->text.at[p->at]))
		p->at++;
}

/* Reading stops for a mistake there. */
static Span stop_at(struct parser *p, size_t offset)
{
	p->mistake = offset;
	return span_of_offset(p->file, offset);
}

/* Report what stands here instead of what was wanted. Returns false. */
static bool wanted(struct parser *p, const char *what)
{
	Span here = stop_at(p, p->at);
	size_t end = p->at;
	while (end < p->text.len && is_name_char(p->text.at[end]) && end - p->at < 40)
		end++;
	if (end == p->at)
		end++;
	if (p->at >= p->text.len)
		error_at(here, "found the end of the file, wanted %s", what);
	else
		error_at(here, "found '%.*s', wanted %s", STR_ARG(str_sub(p->text, p->at, end)), what);
	return false;
}

static Str lower(Str s, struct arena *a)
{
	char *text = str_z(a, s);
	for (size_t i = 0; i < s.len; i++)
		if (text[i] >= 'A' && text[i] <= 'Z')
			text[i] = (char)(text[i] - 'A' + 'a');
	return (Str){text, s.len};
}

/* A name, in lower case; empty where there is none. */
static Str read_name(struct parser *p)
{
	skip_blanks(p);
	size_t from = p->at;
	while (p->at < p->text.len && is_name_char(p->text.at[p->at]))
		p->at++;
	return lower(str_sub(p->text, from, p->at), p->arena);
}

static const Str *month_named(Str name)
{
	static const Str months[][2] = {
		{{"jan", 3}, {"January", 7}}, {{"feb", 3}, {"February", 8}}, {{"mar", 3}, {"March", 5}},
		{{"apr", 3}, {"April", 5}}, {{"may", 3}, {"May", 3}}, {{"jun", 3}, {"June", 4}},
		{{"jul", 3}, {"July", 4}}, {{"aug", 3}, {"August", 6}}, {{"sep", 3}, {"September", 9}},
		{{"oct", 3}, {"October", 7}}, {{"nov", 3}, {"November", 8}}, {{"dec", 3}, {"December", 8}},
	};
	for (size_t i = 0; i < sizeof months / sizeof *months; i++)
		if (str_eq(name, months[i][0]))
			return &months[i][1];
	return NULL;
}

static const Str *macro_named(const struct parser *p, Str name)
{
	for (const struct macro *m = p->macros; m; m = m->next)
		if (str_eq(m->name, name))
			return &m->tex;
	return month_named(name);
}

/* The text from an opening brace or quote to the one that closes it. */
static bool read_delimited(struct parser *p, Str *text)
{
	size_t open = p->at++;
	bool quoted = p->text.at[open] == '"';
	for (int depth = 0; p->at < p->text.len; p->at++) {
		char c = p->text.at[p->at];
		if (depth == 0 && c == (quoted ? '"' : '}')) {
			*text = str_sub(p->text, open + 1, p->at++);
			return true;
		}
		if (c == '}' && depth == 0)
			return wanted(p, "the '\"' that ends the value");
		depth += c == '{' ? 1 : c == '}' ? -1 : 0;
	}
	error_at(stop_at(p, open), "'%c' is never closed", p->text.at[open]);
	return false;
}

/* A name that stands for a string. Returns whether it is known. */
static bool read_macro(struct parser *p, Str *text)
{
	size_t from = p->at;
	Str name = read_name(p);
	const Str *tex = macro_named(p, name);
	if (tex)
		*text = *tex;
	else
		error_at(span_of_offset(p->file, from), "no @string defines '%.*s'", STR_ARG(name));
	return tex;
}

/* *known is cleared by a name that is not; reading goes on. */
static bool read_piece(struct parser *p, Str *text, bool *known)
{
	skip_blanks(p);
	char c = peek(p);
	if (c == '{' || c == '"')
		return read_delimited(p, text);
	if (!is_name_char(c))
		return wanted(p, "a value: {...}, \"...\", a number or the name of a @string");
	if (c < '0' || c > '9') {
		*known &= read_macro(p, text);
		return true;
	}
	size_t from = p->at;
	while (peek(p) >= '0' && peek(p) <= '9')
		p->at++;
	*text = str_sub(p->text, from, p->at);
	return !is_name_char(peek(p)) || wanted(p, "a number of digits only; put {} around other values");
}

static Str collapsed(Str text, struct arena *a)
{
	struct buf out = buf_new(a, text.len);
	text = str_trim(text);
	for (size_t i = 0; i < text.len; i++)
		if (!is_blank(text.at[i]))
			buf_char(&out, text.at[i]);
		else if (!is_blank(text.at[i - 1]))
			buf_char(&out, ' ');
	return buf_str(&out);
}

static bool read_value(struct parser *p, Str *tex, bool *known)
{
	struct buf out = buf_new(p->arena, 64);
	size_t from = p->at;
	for (;;) {
		Str piece = {0};
		if (!read_piece(p, &piece, known))
			return false;
		if (out.len + piece.len > LONGEST_VALUE) {
			error_at(stop_at(p, from), "a value of more than %d bytes", LONGEST_VALUE);
			return false;
		}
		buf_add(&out, piece);
		skip_blanks(p);
		if (peek(p) != '#')
			break;
		p->at++;
	}
	*tex = collapsed(buf_str(&out), p->arena);
	return true;
}

/* name = value. The field's `tex` stays empty where a string it needs is not known. */
static bool read_assignment(struct parser *p, struct bibtex_field *f, bool *known)
{
	size_t from = p->at;
	f->name = read_name(p);
	if (!f->name.len)
		return wanted(p, "the name of a field");
	if (f->name.at[0] >= '0' && f->name.at[0] <= '9') {
		p->at = from;
		return wanted(p, "the name of a field, which begins with no digit");
	}
	skip_blanks(p);
	if (peek(p) != '=')
		return wanted(p, "'='");
	p->at++;
	skip_blanks(p);
	f->at = p->at;
	return read_value(p, &f->tex, known);
}

static bool has_field(const struct bibtex_entry *e, Str name)
{
	for (const struct bibtex_field *f = e->fields; f; f = f->next)
		if (str_eq(f->name, name))
			return true;
	return false;
}

/* Fields, each after a comma, to the closing brace. */
static bool read_fields(struct parser *p, struct bibtex_entry *e, char closing)
{
	struct bibtex_field **tail = &e->fields;
	for (;;) {
		skip_blanks(p);
		if (peek(p) == closing) {
			p->at++;
			return true;
		}
		if (peek(p) != ',')
			return wanted(p, closing == '}' ? "',' or the '}' that ends the entry" :
			                                  "',' or the ')' that ends the entry");
		p->at++;
		skip_blanks(p);
		if (peek(p) == closing)
			continue;
		size_t from = p->at;
		struct bibtex_field *f = NEW(p->arena, struct bibtex_field);
		bool known = true;
		if (!read_assignment(p, f, &known))
			return false;
		e->sound &= known;
		if (has_field(e, f->name)) {
			warn_at(span_of_offset(p->file, from), "a second field '%.*s' is not read", STR_ARG(f->name));
			continue;
		}
		*tail = f;
		tail = &f->next;
	}
}

/* Behind the opening brace: key and fields. */
static bool read_body(struct parser *p, struct bibtex_entry *e, char closing)
{
	skip_blanks(p);
	size_t from = e->key_at = p->at;
	while (p->at < p->text.len && !is_blank(peek(p)) && !strchr(",{}=\"", peek(p)) && peek(p) != closing)
		p->at++;
	Str key = str_sub(p->text, from, p->at);
	skip_blanks(p);
	if (!key.len)
		return wanted(p, "the key of the entry");
	if (peek(p) == '=') {
		p->at = from;
		return wanted(p, "the key of the entry before its fields");
	}
	e->key = key;
	return read_fields(p, e, closing);
}

/* Behind the opening brace: name = value. */
static bool read_string(struct parser *p, char closing)
{
	struct bibtex_field f = {0};
	bool known = true;
	skip_blanks(p);
	if (!read_assignment(p, &f, &known))
		return false;
	skip_blanks(p);
	if (peek(p) != closing)
		return wanted(p, "the end of the @string");
	p->at++;
	struct macro *m = NEW(p->arena, struct macro);
	*m = (struct macro){p->macros, f.name, f.tex};
	p->macros = m;
	return true;
}

static bool read_preamble(struct parser *p, char closing)
{
	Str tex;
	bool known = true;
	if (!read_value(p, &tex, &known))
		return false;
	if (peek(p) != closing)
		return wanted(p, "the end of the @preamble");
	p->at++;
	return true;
}

/* BibTeX passes over the word alone; what others put in braces behind it is passed over too. */
static bool read_comment(struct parser *p)
{
	Str ignored;
	skip_blanks(p);
	return peek(p) != '{' || read_delimited(p, &ignored);
}

/* What begins with the '@' here. *e is to be kept if it has a key. */
static bool read_entry(struct parser *p, struct bibtex_entry *e)
{
	e->at = p->at++;
	e->type = read_name(p);
	if (!e->type.len)
		return wanted(p, "the type of an entry, as in @article");
	if (str_eq(e->type, S("comment")))
		return read_comment(p);
	skip_blanks(p);
	if (peek(p) != '{' && peek(p) != '(')
		return wanted(p, "'{'");
	char closing = peek(p) == '{' ? '}' : ')';
	p->at++;
	if (str_eq(e->type, S("string")))
		return read_string(p, closing);
	if (str_eq(e->type, S("preamble")))
		return read_preamble(p, closing);
	return read_body(p, e, closing);
}

/* To the next line that begins with '@', from behind the place where reading failed. What ran to the end of the file
 * for want of a brace goes on behind the entry's first line instead. */
static void recover(struct parser *p, const struct bibtex_entry *e)
{
	if (p->at >= p->text.len)
		p->at = e->at;
	while ((p->at = str_find(p->text, '\n', p->at)) < p->text.len) {
		skip_blanks(p);
		if (peek(p) == '@')
			return;
	}
}

/* To the next '@' outside of comments. */
static void skip_between(struct parser *p)
{
	bool warned = false;
	for (skip_blanks(p); p->at < p->text.len && peek(p) != '@'; skip_blanks(p)) {
		if (peek(p) == '%') {
			p->at = str_find(p->text, '\n', p->at);
			continue;
		}
		if (!warned)
			warn_at(span_of_offset(p->file, p->at), "text between entries is not read");
		warned = true;
		while (p->at < p->text.len && peek(p) != '@' && peek(p) != '%' && peek(p) != '\n')
			p->at++;
	}
}

/* Offsets only grow, so each byte is counted once. */
static int line_of(struct parser *p, size_t offset)
{
	for (; p->counted < offset; p->counted++)
		p->line += p->text.at[p->counted] == '\n';
	return p->line;
}

struct bibtex_entry *bibtex_parse(const struct file *file, struct arena *a)
{
	struct parser p = {.file = file, .text = file->text, .arena = a, .line = 1};
	struct bibtex_entry *entries = NULL, **tail = &entries;
	int unsound = 0;
	if (str_starts(p.text, S("\xef\xbb\xbf")))
		p.at = 3;
	for (skip_between(&p); p.at < p.text.len; skip_between(&p)) {
		struct bibtex_entry *e = NEW(a, struct bibtex_entry);
		e->sound = true;
		e->line = line_of(&p, p.at);
		if (!read_entry(&p, e)) {
			e->sound = false;
			if (span_of_offset(file, p.mistake).line != e->line)
				note_at(span_of_offset(file, e->at), "in the entry that begins here");
			if (++unsound == MOST_UNSOUND) {
				note_at((Span){file, 0, 0}, "the file is not read further");
				break;
			}
			recover(&p, e);
		}
		if (!e->key.len)
			continue;
		*tail = e;
		tail = &e->next;
	}
	return entries;
}

/* Words of a name; `comma` says how many commas come before. */
struct word {
	Str tex;
	int comma;
};

struct words {
	struct word *word;
	int n, commas;
};

/* Cut a name at blanks, ties and commas outside of braces. */
static struct words words_of(Str name, struct arena *a)
{
	struct words words = {NEWS(a, struct word, name.len), 0, 0};
	int depth = 0;
	size_t from = 0;
	for (size_t i = 0; i <= name.len; i++) {
		char c = i < name.len ? name.at[i] : ' ';
		bool tie = c == '~' && !(i && name.at[i - 1] == '\\');
		bool cut = i == name.len || (depth == 0 && (is_blank(c) || tie || c == ','));
		if (cut && i > from)
			words.word[words.n++] = (struct word){str_sub(name, from, i), words.commas};
		if (cut)
			from = i + 1;
		if (c == ',' && depth == 0)
			words.commas++;
		depth += c == '{' ? 1 : c == '}' && depth ? -1 : 0;
	}
	return words;
}

static Str join(const struct word *word, int from, int to, struct arena *a)
{
	struct buf out = buf_new(a, 32);
	for (int i = from; i < to; i++) {
		if (i > from)
			buf_char(&out, ' ');
		buf_add(&out, word[i].tex);
	}
	return buf_str(&out);
}

/* Whether a word belongs to `von`. A group such as {de} has no case; an accented letter such as {\'e} has. */
static bool is_von(Str word, struct arena a)
{
	bool group = word.len > 1 && word.at[0] == '{' && word.at[1] != '\\';
	Str unknown;
	return !group && textext_starts_small(textext(word, &a, &unknown));
}

/* The words from..to are "von Last": von ends with the last small word, but Last has at least one. */
static void split_last(const struct word *word, int from, int to, struct bibtex_name *name, struct arena *a)
{
	int last = to > from ? to - 1 : from;   /* an empty name has no Last either */
	while (last > from && !is_von(word[last - 1].tex, *a))
		last--;
	name->von = join(word, from, last, a);
	name->last = join(word, last, to, a);
}

/* How many words, from the beginning, come before comma number `comma` + 1. */
static int words_until(const struct words *words, int comma)
{
	int n = 0;
	while (n < words->n && words->word[n].comma <= comma)
		n++;
	return n;
}

static struct bibtex_name split_name(Str tex, Span at, struct arena *a)
{
	struct bibtex_name name = {0};
	struct words words = words_of(tex, a);
	int first = words_until(&words, 0), second = words_until(&words, 1), third = words_until(&words, 2);
	if (words.commas > 2)
		error_at(at, "more than two commas in the name '%.*s'", STR_ARG(tex));
	if (words.commas == 0) {
		int von = 0;
		while (von < words.n - 1 && !is_von(words.word[von].tex, *a))
			von++;
		name.first = join(words.word, 0, von, a);
		split_last(words.word, von, words.n, &name, a);
		return name;
	}
	if (first > 0)
		split_last(words.word, 0, first, &name, a);
	if (words.commas == 1) {
		name.first = join(words.word, first, second, a);
	} else {
		name.jr = join(words.word, first, second, a);
		name.first = join(words.word, second, third, a);
	}
	return name;
}

/* Take the text before the next "and" that stands alone outside of braces. */
static Str cut_name(Str *rest)
{
	int depth = 0;
	for (size_t i = 0; i < rest->len; i++) {
		char c = rest->at[i];
		depth += c == '{' ? 1 : c == '}' && depth ? -1 : 0;
		bool stands = depth == 0 && rest->len - i >= 3 && !strncasecmp(rest->at + i, "and", 3) &&
		              (i == 0 || is_blank(rest->at[i - 1])) &&
		              (i + 3 == rest->len || is_blank(rest->at[i + 3]));
		if (!stands)
			continue;
		Str name = str_trim(str_sub(*rest, 0, i));
		*rest = str_sub(*rest, i + 3, rest->len);
		return name;
	}
	Str name = str_trim(*rest);
	*rest = (Str){0};
	return name;
}

struct bibtex_names bibtex_names(Str tex, Span at, struct arena *a)
{
	struct bibtex_names names = {.name = NEWS(a, struct bibtex_name, tex.len / 4 + 1)};
	for (Str rest = tex; rest.at; ) {
		Str one = cut_name(&rest);
		if (str_eq(one, S("others")) && !rest.at) {
			names.others = true;
			continue;
		}
		struct bibtex_name name = split_name(one, at, a);
		if (name.first.len || name.von.len || name.last.len)
			names.name[names.n++] = name;
		else
			warn_at(at, "an empty name in '%.*s'", STR_ARG(tex));
	}
	return names;
}
