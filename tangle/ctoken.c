/* C tokens, near enough to the standard's: longest match, adjacent signs apart, raw strings whole. */
#include "ctoken.h"

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v';
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_name_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '_' || c == '$' || (c & 0x80);
}

/* The byte at `i`, or NUL beyond the end. */
static char peek(Str s, size_t i)
{
	return i < s.len ? s.at[i] : 0;
}

static bool is_splice(Str s, size_t i)
{
	return peek(s, i) == '\\' && (peek(s, i + 1) == '\n' || (peek(s, i + 1) == '\r' && peek(s, i + 2) == '\n'));
}

/* The newline that ends the line at `i`; one behind a backslash does not. */
static size_t line_end(Str s, size_t i)
{
	for (; i < s.len && s.at[i] != '\n'; i++)
		if (is_splice(s, i))
			i = str_find(s, '\n', i);
	return i;
}

/* Past the comment at `i`, or `i` when there is none. */
static size_t skip_comment(Str s, size_t i)
{
	if (peek(s, i) != '/')
		return i;
	if (peek(s, i + 1) == '/')
		return line_end(s, i);
	if (peek(s, i + 1) != '*')
		return i;
	size_t end = str_search(s, S("*/"), i + 2);
	return end < s.len ? end + 2 : s.len;
}

/* Past a literal in `quote`s that begins at `i`. */
static size_t skip_literal(Str s, size_t i, char quote)
{
	for (i++; i < s.len && s.at[i] != quote && s.at[i] != '\n'; i++)
		if (s.at[i] == '\\')
			i++;
	return i < s.len && s.at[i] == quote ? i + 1 : i < s.len ? i : s.len;
}

/* Past a raw string, R"x(…)x", whose quote is at `i`. */
static size_t skip_raw(Str s, size_t i)
{
	enum { DELIMITER_MOST = 16 };
	char closing[DELIMITER_MOST + 2] = {')'};
	size_t open = str_find(s, '(', i), n = open - i - 1;
	if (open == s.len || n > DELIMITER_MOST)
		return skip_literal(s, i, '"');
	for (size_t k = 0; k < n; k++)
		closing[k + 1] = s.at[i + 1 + k];
	closing[n + 1] = '"';
	size_t end = str_search(s, (Str){closing, n + 2}, open);
	return end < s.len ? end + n + 2 : s.len;
}

static size_t skip_number(Str s, size_t i)
{
	for (i++; i < s.len; i++) {
		char c = s.at[i], before = s.at[i - 1];
		bool exponent = (c == '+' || c == '-') && (before == 'e' || before == 'E' || before == 'p' || before == 'P');
		bool separator = c == '\'' && is_name_byte(peek(s, i + 1));
		if (!is_name_byte(c) && c != '.' && !exponent && !separator)
			break;
	}
	return i;
}

static size_t skip_sign(Str s, size_t i)
{
	static const char *const longest_first[] = {
		"<<<", ">>>", "<<=", ">>=", "...", "->*", "<=>", "<<", ">>", "<=", ">=", "==", "!=", "&&", "||", "+=", "-=", "*=",
		"/=", "%=", "&=", "|=", "^=", "++", "--", "->", "::", "##", ".*",
	};
	for (size_t k = 0; k < sizeof longest_first / sizeof *longest_first; k++) {
		Str sign = str_of(longest_first[k]);
		if (str_starts(str_sub(s, i, s.len), sign))
			return i + sign.len;
	}
	return i + 1;
}

/* A name, or the literal that it is the prefix of. */
static size_t skip_name(Str s, size_t i, enum ctoken_kind *kind)
{
	size_t end = i;
	while (end < s.len && is_name_byte(s.at[end]))
		end++;
	Str name = str_sub(s, i, end);
	char quote = peek(s, end);
	if (quote != '"' && quote != '\'')
		return end;
	static const char *const prefixes[] = {"L", "u", "U", "u8", "R", "LR", "uR", "UR", "u8R"};
	for (size_t k = 0; k < sizeof prefixes / sizeof *prefixes; k++) {
		if (!str_eq(name, str_of(prefixes[k])))
			continue;
		*kind = CTOKEN_TEXT;
		return quote == '"' && str_ends(name, S("R")) ? skip_raw(s, end) : skip_literal(s, end, quote);
	}
	return end;
}

/* Skip blanks, comments and, outside directives, newlines. True at a directive's end. */
static bool skip_space(struct ctokens *in)
{
	Str s = in->text;
	for (size_t before = s.len + 1; before != in->at; ) {
		before = in->at;
		while (in->at < s.len && is_blank(s.at[in->at]))
			in->at++;
		in->at = skip_comment(s, in->at);
		if (is_splice(s, in->at)) {
			/* One that could join two tokens is kept: it stands for itself. */
			bool joins = in->at && is_name_byte(s.at[in->at - 1]) && is_name_byte(peek(s, str_find(s, '\n', in->at) + 1));
			if (!joins)
				in->at = str_find(s, '\n', in->at) + 1;
		} else if (peek(s, in->at) == '\n') {
			in->mid_line = false;
			if (in->in_directive)
				return true;
			in->at++;
		}
	}
	return in->at >= s.len && in->in_directive;
}

/* At a '#' that begins a line: is it a #line, in either of its forms? */
static bool is_line_directive(Str s, size_t i)
{
	for (i++; i < s.len && is_blank(s.at[i]); )
		i++;
	return is_digit(peek(s, i)) || (str_starts(str_sub(s, i, s.len), S("line")) && !is_name_byte(peek(s, i + 4)));
}

bool ctoken_next(struct ctokens *in, struct ctoken *token)
{
	Str s = in->text;
	size_t before = in->at;
	for (;;) {
		if (skip_space(in)) {
			*token = (struct ctoken){CTOKEN_LINE_END, {0}, false};
			in->in_directive = false;
			return true;
		}
		if (in->at >= s.len)
			return false;
		if (s.at[in->at] != '#' || in->mid_line)
			break;
		if (!is_line_directive(s, in->at)) {
			in->in_directive = true;
			break;
		}
		in->at = line_end(s, in->at);
	}
	size_t from = in->at;
	char c = s.at[from];
	enum ctoken_kind kind = CTOKEN_SIGN;
	if (is_digit(c) || (c == '.' && is_digit(peek(s, from + 1)))) {
		kind = CTOKEN_NUMBER;
		in->at = skip_number(s, from);
	} else if (is_name_byte(c)) {
		kind = CTOKEN_NAME;
		in->at = skip_name(s, from, &kind);
	} else if (c == '"' || c == '\'') {
		kind = CTOKEN_TEXT;
		in->at = skip_literal(s, from, c);
	} else {
		in->at = skip_sign(s, from);
	}
	if (in->at > s.len)
		in->at = s.len;
	in->mid_line = true;
	*token = (struct ctoken){kind, str_sub(s, from, in->at), from == before && from > 0};
	return true;
}

void ctoken_hash(struct hash *h, Str text)
{
	struct ctokens in = {.text = text};
	struct ctoken token;
	long n = 0;
	for (; ctoken_next(&in, &token); n++) {
		hash_str(h, token.text);
		/* #define F(x) is not #define F (x). */
		if (in.in_directive && str_eq(token.text, S("(")))
			hash_int(h, token.tight);
	}
	hash_int(h, n);
}
