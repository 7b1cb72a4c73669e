/* Launches, found among the tokens of a text. */
#include "arena.h"
#include "ctoken.h"
#include "ptxas.h"

enum { NESTING_MOST = 64, NAMED_MOST = 4096 };

/* A name that stands for an integer. */
struct named {
	Str name;
	long value;
};

struct scan {
	struct ctoken *token;           /* [n] */
	int n;
	struct named *named;            /* [nnamed] */
	int nnamed;
};

/* Tokens at..end of an expression being evaluated. */
struct expression {
	const struct scan *scan;
	int at, end, nesting;
};

static bool is(const struct scan *s, int i, const char *text)
{
	return i >= 0 && i < s->n && str_eq(s->token[i].text, str_of(text));
}

static bool take(struct expression *x, const char *text)
{
	if (x->at >= x->end || !is(x->scan, x->at, text))
		return false;
	x->at++;
	return true;
}

static bool sum(struct expression *x, long *value);

static bool read_integer(Str text, long *value)
{
	while (text.len && ((text.at[text.len - 1] | 32) == 'l' || (text.at[text.len - 1] | 32) == 'u'))
		text.len--;
	return str_int(text, value) && *value >= 0 && *value < 1L << 31;
}

/* sizeof(T), or a cast to T: the size of a basic type in parentheses. */
static bool type_size(struct expression *x, long *size)
{
	static const struct { const char *name; int size; } types[] = {
		{"char", 1}, {"half", 2}, {"__half", 2}, {"__nv_bfloat16", 2}, {"int", 4}, {"unsigned", 4}, {"float", 4}, {"double", 8},
		{"long", 8}, {"size_t", 8}, {"float2", 8}, {"float4", 16}, {"int4", 16}, {"uint32_t", 4}, {"uint64_t", 8},
	};
	if (!is(x->scan, x->at, "(") || !is(x->scan, x->at + 2, ")") || x->at + 2 >= x->end)
		return false;
	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		if (is(x->scan, x->at + 1, types[i].name)) {
			*size = types[i].size;
			x->at += 3;
			return true;
		}
	return false;
}

/* (a, b, c) as their product. */
static bool extent(struct expression *x, long *value)
{
	long side;
	*value = 1;
	if (!take(x, "("))
		return false;
	do {
		if (!sum(x, &side) || side < 1 || side > 1L << 20 || *value > 1L << 20)
			return false;
		*value *= side;
	} while (take(x, ","));
	return take(x, ")");
}

static bool atom(struct expression *x, long *value)
{
	if (x->at >= x->end)
		return false;
	const struct ctoken *t = &x->scan->token[x->at];
	if (t->kind == CTOKEN_NUMBER)
		return x->at++, read_integer(t->text, value);
	if (take(x, "sizeof"))
		return type_size(x, value);
	if (take(x, "dim3"))
		return extent(x, value);
	long ignored;
	if (type_size(x, &ignored))
		return atom(x, value);
	if (take(x, "("))
		return sum(x, value) && take(x, ")");
	for (int i = x->scan->nnamed - 1; t->kind == CTOKEN_NAME && i >= 0; i--)
		if (str_eq(x->scan->named[i].name, t->text)) {
			x->at++;
			*value = x->scan->named[i].value;
			return true;
		}
	return false;
}

static bool product(struct expression *x, long *value)
{
	long right;
	if (!atom(x, value))
		return false;
	for (;;) {
		bool times = take(x, "*"), over = !times && take(x, "/");
		if (!times && !over)
			return true;
		if (!atom(x, &right) || (over && !right) || __builtin_mul_overflow(*value, times ? right : 1, value))
			return false;
		if (over)
			*value /= right;
	}
}

static bool sum(struct expression *x, long *value)
{
	long right;
	if (++x->nesting > NESTING_MOST || !product(x, value))
		return false;
	for (;;) {
		bool plus = take(x, "+"), minus = !plus && take(x, "-");
		if (!plus && !minus) {
			x->nesting--;
			return true;
		}
		if (!product(x, &right) || __builtin_add_overflow(*value, plus ? right : -right, value))
			return false;
	}
}

/* The value of all tokens from..end. */
static bool evaluate(const struct scan *s, int from, int end, long *value)
{
	struct expression x = {s, from, end, 0};
	return sum(&x, value) && x.at == end;
}

static void name_it(struct scan *s, Str name, long value)
{
	if (s->nnamed < NAMED_MOST)
		s->named[s->nnamed++] = (struct named){name, value};
}

/* The end of the initialiser that begins at `i`: a comma, semicolon or brace on its own level. */
static int initialiser_end(const struct scan *s, int i)
{
	for (int depth = 0; i < s->n; i++) {
		if (is(s, i, "("))
			depth++;
		else if (is(s, i, ")"))
			depth--;
		else if (depth <= 0 && (is(s, i, ",") || is(s, i, ";") || is(s, i, "}")))
			return i;
	}
	return i;
}

/* #define N 64, at its '#'. */
static void read_define(struct scan *s, int i)
{
	long value;
	int end = i + 3;
	while (end < s->n && s->token[end].kind != CTOKEN_LINE_END)
		end++;
	bool call = is(s, i + 3, "(") && s->token[i + 3].tight;
	if (!call && i + 3 < end && evaluate(s, i + 3, end, &value))
		name_it(s, s->token[i + 2].text, value);
}

/* Every name that the text makes an integer for good. */
static void find_named(struct scan *s)
{
	bool constant = false, in_enum = false;
	long value;
	for (int i = 0; i < s->n; i++) {
		if (is(s, i, "#") && is(s, i + 1, "define") && i + 2 < s->n)
			read_define(s, i);
		if (is(s, i, "enum"))
			in_enum = true;
		else if (is(s, i, "}"))
			in_enum = false;
		if (is(s, i, "const") || is(s, i, "constexpr"))
			constant = true;
		else if (is(s, i, ";") || is(s, i, "{") || is(s, i, ")"))
			constant = false;
		if ((constant || in_enum) && is(s, i, "=") && i > 0 && s->token[i - 1].kind == CTOKEN_NAME &&
		    evaluate(s, i + 1, initialiser_end(s, i + 1), &value))
			name_it(s, s->token[i - 1].text, value);
		struct expression x = {s, i + 2, s->n, 0};
		if (is(s, i, "dim3") && i + 1 < s->n && s->token[i + 1].kind == CTOKEN_NAME && extent(&x, &value))
			name_it(s, s->token[i + 1].text, value);
	}
}

/* The name before "<<<" at token i, template arguments passed over; empty when there is none. */
static Str kernel_before(const struct scan *s, int i)
{
	int depth = 0;
	for (i--; i >= 0; i--) {
		if (is(s, i, ">"))
			depth++;
		else if (is(s, i, ">>"))
			depth += 2;
		else if (is(s, i, "<"))
			depth--;
		else if (depth <= 0)
			break;
	}
	return i >= 0 && s->token[i].kind == CTOKEN_NAME ? s->token[i].text : (Str){0};
}

static void add_launch(struct launch **list, struct launch found, struct arena *a)
{
	for (; *list; list = &(*list)->next)
		if (str_eq((*list)->kernel, found.kernel) && (*list)->block == found.block && (*list)->dynamic == found.dynamic)
			return;
	*list = NEW(a, struct launch);
	**list = found;
}

/* The arguments between "<<<" at token i and ">>>". */
static void read_launch(const struct scan *s, int i, struct launch **list, struct arena *a)
{
	struct launch found = {.kernel = kernel_before(s, i)};
	int depth = 0, narguments = 0, from = i + 1;
	bool known = found.kernel.len > 0;
	for (i++; i < s->n; i++) {
		bool last = depth == 0 && is(s, i, ">>>");
		if (last || (depth == 0 && is(s, i, ","))) {
			if (narguments == 1)
				known = known && evaluate(s, from, i, &found.block);
			else if (narguments == 2)
				known = known && evaluate(s, from, i, &found.dynamic);
			narguments++;
			from = i + 1;
		}
		if (last)
			break;
		if (is(s, i, "(") || is(s, i, "{") || is(s, i, "["))
			depth++;
		else if (is(s, i, ")") || is(s, i, "}") || is(s, i, "]"))
			depth--;
		if (is(s, i, ";") || depth < 0)
			return;
	}
	if (known && narguments >= 2 && found.block >= 1 && found.block <= 1024)
		add_launch(list, found, a);
}

void launches_read(Str text, struct launch **list, struct arena *a)
{
	struct scan s = {0};
	struct ctokens in = {.text = text};
	s.token = NEWS(a, struct ctoken, text.len + 1);
	s.named = NEWS(a, struct named, NAMED_MOST);
	while (s.n <= (int)text.len && ctoken_next(&in, &s.token[s.n]))
		s.n++;
	find_named(&s);
	for (int i = 0; i < s.n; i++)
		if (is(&s, i, "<<<"))
			read_launch(&s, i, list, a);
}
