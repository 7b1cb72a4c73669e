/* simtpp: from CUDA C++ to C++, between the preprocessor and the compiler.
 *
 *   simtpp x.ii > y.ii               rewrite preprocessed text
 *   simtpp -l x.ii > y.ii            and mark lines, for gcc when it counts or checks
 *   simtpp -n x.cu                   only look whether x.cu includes what needs a GPU
 *
 * Most of CUDA's language is declared by headers. What is left is here, token by token:
 *
 *   kernel<<<...>>>(...)      a call of simt_make(), see include/simt/launch.h
 *   __shared__                a thread-local variable; extern __shared__ the dynamic array
 *   __constant__, __device__  variables in sections of their own
 *   threadIdx.x and kin       simt_threadIdx_x(), in device code
 *   printf, expf and kin      the runtime's, in device code
 *   __global__, __host__ ...  nothing
 *
 * Text from system headers passes unread; its linemarkers name "<header.h>", which simtas takes
 * for text without a line of its own. Lines keep their numbers. What a CPU cannot do is refused
 * at its place with "needs a GPU". */
#include <ctype.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum kind { SPACE, WORD, NUMBER, TEXT, PUNCT, MARKER, PRAGMA, SYSTEM };

/* A token of the input; `out` replaces its text, `before` and `after` go around it. */
struct token {
	const char *at;
	size_t len;
	enum kind kind;
	bool device;            /* inside the body of a device function */
	const char *out, *before, *after;
	const char *file;       /* of its first character */
	size_t file_len;
	int line;
};

static struct token *tokens;
static size_t ntokens, capacity;
static int errors;

static _Noreturn void fatal(const char *format, ...)
{
	va_list ap;
	va_start(ap, format);
	fputs("simtpp: ", stderr);
	vfprintf(stderr, format, ap);
	fputc('\n', stderr);
	va_end(ap);
	exit(2);
}

/* Memory that lives as long as the process, and is linked so that leak checkers see it. */
static char *keep(size_t size)
{
	static struct kept {
		struct kept *next;
		char text[];
	} *all;
	struct kept *k = malloc(sizeof *k + size);
	if (!k)
		fatal("out of memory");
	k->next = all;
	all = k;
	return k->text;
}

static char *text_of(const char *format, ...) __attribute__((format(printf, 1, 2)));
static char *text_of(const char *format, ...)
{
	va_list ap, again;
	va_start(ap, format);
	va_copy(again, ap);
	int n = vsnprintf(NULL, 0, format, ap);
	va_end(ap);
	char *text = keep((size_t)n + 1);
	vsnprintf(text, (size_t)n + 1, format, again);
	va_end(again);
	return text;
}

static char *read_all(FILE *f, size_t *len)
{
	size_t n = 0, cap = 1 << 16;
	char *text = malloc(cap + 1);
	while (text) {
		n += fread(text + n, 1, cap - n, f);
		if (n < cap)
			break;
		cap *= 2;
		text = realloc(text, cap + 1);
	}
	if (!text || ferror(f))
		fatal("cannot read the input");
	text[n] = '\0';
	*len = n;
	return text;
}

/* Report at a token, with its line and a caret. */
static void error_at(const struct token *t, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
static void error_at(const struct token *t, const char *format, ...)
{
	const char *from = t->at, *to = t->at;
	if (t > tokens)
		for (const struct token *p = t; p > tokens && p[-1].kind != MARKER; p--) {
			if (p->at[-1] == '\n')
				break;
			from = p[-1].at;
			for (const char *c = from; c < p->at; c++)
				if (*c == '\n')
					from = c + 1;
			if (from > p[-1].at)
				break;
		}
	while (*to && *to != '\n')
		to++;
	int column = (int)(t->at - from) + 1;
	fprintf(stderr, "%.*s:%d:%d: error: ", (int)t->file_len, t->file, t->line, column);
	va_list ap;
	va_start(ap, format);
	vfprintf(stderr, format, ap);
	va_end(ap);
	fprintf(stderr, "\n%5d | %.*s\n      | ", t->line, (int)(to - from), from);
	for (const char *c = from; c < t->at; c++)
		fputc(*c == '\t' ? '\t' : ' ', stderr);
	fputs("^\n", stderr);
	errors++;
}

static bool is(const struct token *t, const char *word)
{
	return t->len == strlen(word) && !memcmp(t->at, word, t->len);
}

static bool is_one_of(const struct token *t, const char *const *words)
{
	for (; *words; words++)
		if (is(t, *words))
			return true;
	return false;
}

/* Lexing. */
static size_t quoted_length(const char *s)
{
	char q = *s;
	size_t n = 1;
	while (s[n] && s[n] != q && s[n] != '\n')
		n += s[n] == '\\' && s[n + 1] ? 2 : 1;
	return s[n] == q ? n + 1 : n;
}

/* R"x( ... )x" */
static size_t raw_length(const char *s)
{
	size_t head = 2;
	while (s[head] && s[head] != '(')
		head++;
	char *close = text_of(")%.*s\"", (int)(head - 2), s + 2);
	const char *end = strstr(s + head, close);
	size_t n = end ? (size_t)(end - s) + strlen(close) : strlen(s);
	return n;
}

static size_t line_length(const char *s)
{
	return strcspn(s, "\n");
}

static enum kind classify(const char *s, size_t *len)
{
	const char *p = s;
	if (isspace((unsigned char)*p)) {
		if (*p == '\n')
			p++;
		else
			while (*p && *p != '\n' && isspace((unsigned char)*p))
				p++;
		*len = (size_t)(p - s);
		return SPACE;
	}
	if (p[0] == 'R' && p[1] == '"') {
		*len = raw_length(s);
		return TEXT;
	}
	if (isalpha((unsigned char)*p) || *p == '_' || *p == '$') {
		while (isalnum((unsigned char)*p) || *p == '_' || *p == '$')
			p++;
		*len = (size_t)(p - s);
		return WORD;
	}
	if (isdigit((unsigned char)*p) || (*p == '.' && isdigit((unsigned char)p[1]))) {
		while (isalnum((unsigned char)*p) || *p == '.' || *p == '_' ||
		       (*p == '\'' && isalnum((unsigned char)p[1])) ||
		       ((*p == '+' || *p == '-') && strchr("eEpP", p[-1])))
			p++;
		*len = (size_t)(p - s);
		return NUMBER;
	}
	if (*p == '"' || *p == '\'') {
		*len = quoted_length(s);
		return TEXT;
	}
	static const char *const long_ones[] = {"<<<", "->", "::", NULL};
	for (const char *const *q = long_ones; *q; q++)
		if (!strncmp(s, *q, strlen(*q))) {
			*len = strlen(*q);
			return PUNCT;
		}
	*len = 1;
	return PUNCT;
}

static void push(struct token t)
{
	if (ntokens + 1 >= capacity) {
		capacity = capacity ? 2 * capacity : 1 << 14;
		tokens = realloc(tokens, capacity * sizeof *tokens);
		if (!tokens)
			fatal("out of memory");
	}
	tokens[ntokens++] = t;
	tokens[ntokens] = (struct token){.at = "", .kind = PUNCT};
}

/* A linemarker: # LINE "FILE" FLAGS. Its new text keeps of the flags what says "system header",
 * and of a system header's name the last part. The expansion of a system header's macro is marked
 * so too, but with the name of the file that used it: that is the program's text. */
static bool read_marker(const char *s, size_t len, struct token *t, bool *system)
{
	static const char *own = "";
	static size_t own_len;
	char *end;
	const char *p = s + 1;
	long line = strtol(p, &end, 10);
	if (end == p || end > s + len || *(end += strspn(end, " ")) != '"')
		return false;
	const char *name = end + 1;
	size_t n = quoted_length(end) - 2;
	const char *flags = name + n + 1;
	bool c_linkage = false;
	*system = false;
	for (; flags < s + len; flags++) {
		*system |= *flags == '3';
		c_linkage |= *flags == '4';
	}
	if (*system && n == own_len && !memcmp(name, own, n))
		*system = false;
	if (!*system) {
		own = name;
		own_len = n;
	}
	t->file = name;
	t->file_len = n;
	t->line = (int)line;
	const char *base = name;
	if (*system)
		for (const char *c = name; c < name + n; c++)
			if (*c == '/')
				base = c + 1;
	size_t base_len = n - (size_t)(base - name);
	if (*system)
		t->out = text_of("# %ld \"<%.*s>\" 3%s", line, (int)base_len, base,
				 c_linkage ? " 4" : "");
	else
		t->out = text_of("# %ld \"%.*s\"", line, (int)base_len, base);
	return true;
}

static void lex(const char *s, size_t size)
{
	const char *end = s + size, *file = "?";
	size_t file_len = 1;
	int line = 1;
	bool system = false, at_start = true;
	while (s < end) {
		struct token t = {.at = s, .file = file, .file_len = file_len, .line = line};
		if (at_start && *s == '#') {
			t.len = line_length(s);
			t.kind = PRAGMA;
			if (read_marker(s, t.len, &t, &system)) {
				t.kind = MARKER;
				file = t.file;
				file_len = t.file_len;
				line = t.line - 1;
			}
		} else if (system) {
			/* to the next line that begins with # */
			t.kind = SYSTEM;
			const char *p = s;
			do {
				const char *next = memchr(p, '\n', (size_t)(end - p));
				p = next ? next + 1 : end;
			} while (p < end && *p != '#');
			t.len = (size_t)(p - s);
		} else {
			t.kind = classify(s, &t.len);
		}
		if (t.len > (size_t)(end - s))
			t.len = (size_t)(end - s);
		for (size_t i = 0; i < t.len; i++)
			line += s[i] == '\n';
		at_start = t.len && s[t.len - 1] == '\n';
		push(t);
		s += t.len;
	}
}

/* Walking: the next and the last token that mean something. The list ends in an empty one. */
static bool is_blank(const struct token *t)
{
	return t->kind == SPACE || t->kind == MARKER || t->kind == PRAGMA || t->kind == SYSTEM;
}

static size_t next(size_t i)
{
	do
		i++;
	while (i < ntokens && is_blank(&tokens[i]));
	return i < ntokens ? i : ntokens;
}

#define NONE ((size_t)-1)
static size_t last(size_t i)
{
	while (i-- > 0)
		if (!is_blank(&tokens[i]))
			return i;
	return NONE;
}

/* From an opening bracket to the token after its partner. */
static size_t skip_balanced(size_t i)
{
	int depth = 0;
	for (; i < ntokens; i = next(i)) {
		const struct token *t = &tokens[i];
		if (t->kind != PUNCT)
			continue;
		if (strchr("([{", *t->at))
			depth++;
		else if (strchr(")]}", *t->at) && --depth == 0)
			return next(i);
	}
	return ntokens;
}

static void erase(size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		if (!is_blank(&tokens[i]))
			tokens[i].out = "";
}

/* Attribute-like words whose parentheses are not a parameter list. */
static const char *const with_parens[] = {"__launch_bounds__", "__attribute__", "alignas",
					  "__align__", "decltype", "__declspec", "__maxnreg__",
					  "explicit", "noexcept", NULL};

/* After __device__ or __global__ at i: the `(` of a function's parameters, or NONE if this is a
 * variable. */
static size_t find_parameters(size_t i)
{
	for (i = next(i); i < ntokens;) {
		const struct token *t = &tokens[i];
		if (t->kind == WORD && is_one_of(t, with_parens)) {
			i = next(i);
			if (is(&tokens[i], "("))
				i = skip_balanced(i);
			continue;
		}
		if (t->kind == WORD && is(t, "operator")) {
			i = next(i);
			if (is(&tokens[i], "("))
				i = next(i);
			for (i = next(i); i < ntokens && !is(&tokens[i], "("); i = next(i))
				;
			return i;
		}
		if (t->kind == PUNCT && *t->at == '(')
			return i;
		if (t->kind == PUNCT && strchr(";={[", *t->at))
			return NONE;
		i = next(i);
	}
	return NONE;
}

/* The `{` of the body behind a parameter list, or NONE for a declaration. */
static size_t find_body(size_t i)
{
	bool initialisers = false;
	for (i = skip_balanced(i); i < ntokens;) {
		const struct token *t = &tokens[i];
		if (t->kind == PUNCT && *t->at == ';')
			return NONE;
		if (t->kind == PUNCT && *t->at == ':')
			initialisers = true;
		if (t->kind == PUNCT && *t->at == '{') {
			size_t before = last(i);
			if (!initialisers || is(&tokens[before], ")") || is(&tokens[before], "}"))
				return i;
			i = skip_balanced(i);
			continue;
		}
		if (t->kind == PUNCT && (*t->at == '(' || *t->at == '[')) {
			i = skip_balanced(i);
			continue;
		}
		i = next(i);
	}
	return NONE;
}

/* The declaration a token stands in, back to what ended the one before and on to its own end. */
static bool declaration_has(size_t i, const char *word)
{
	for (size_t j = i; j != NONE; j = last(j)) {
		if (tokens[j].kind == PUNCT && strchr(";{}", *tokens[j].at))
			break;
		if (is(&tokens[j], word))
			return true;
	}
	for (size_t j = i; j < ntokens; j = next(j)) {
		if (tokens[j].kind == PUNCT && strchr(";=({[", *tokens[j].at))
			break;
		if (is(&tokens[j], word))
			return true;
	}
	return false;
}

/* For gcc when it counts or checks; see mark_line(). */
static bool mark_lines;

/* What a brace opens: a block of statements, or something else (a list of initialisers, the
 * members of a type). */
static bool opens_block(size_t i)
{
	static const char *const openers[] = {")", ";", "{", "}", ":", "else", "do", "try", NULL};
	size_t before = last(i);
	return before != NONE && is_one_of(&tokens[before], openers);
}

/* Mark the beginning of every statement that stands directly in a block of a device function, for
 * code that inlined functions leave without a line of the essay. */
static void mark_statements(size_t from, size_t to)
{
	static const char *const continues[] = {"else", "while", "case", "default", "catch", "}",
						")", ";", NULL};
	enum { DEEP = 256 };
	bool block[DEEP] = {false};
	int depth = 0, round = 0;
	int round_outside[DEEP] = {0};
	for (size_t i = from; i < to; i = next(i)) {
		const struct token *t = &tokens[i];
		if (t->kind != PUNCT || depth >= DEEP - 1)
			continue;
		bool ends = false;
		if (*t->at == '(' || *t->at == '[') {
			round++;
		} else if (*t->at == ')' || *t->at == ']') {
			round--;
		} else if (*t->at == '{') {
			round_outside[depth] = round;
			round = 0;
			block[++depth] = opens_block(i);
			ends = true;
		} else if (*t->at == '}' && depth) {
			ends = block[depth--];
			round = round_outside[depth];
		} else if (*t->at == ';') {
			ends = true;
		}
		size_t after = next(i);
		if (!ends || round || !block[depth] || is_one_of(&tokens[after], continues))
			continue;
		tokens[after].before = text_of("__asm__ volatile(\"#simt line %d\"); ",
					       tokens[after].line);
	}
}

static void mark_device_code(void)
{
	for (size_t i = 0; i < ntokens; i++) {
		if (tokens[i].kind != WORD ||
		    !(is(&tokens[i], "__global__") || is(&tokens[i], "__device__")))
			continue;
		size_t parameters = find_parameters(i);
		size_t body = parameters == NONE ? NONE : find_body(parameters);
		if (body == NONE)
			continue;
		size_t end = skip_balanced(body);
		for (size_t j = parameters; j < end; j++)
			tokens[j].device = true;
		if (mark_lines && !declaration_has(i, "constexpr"))
			mark_statements(body, end);
	}
}

static void rewrite_variable(size_t i, const char *section)
{
	bool fixed = declaration_has(i, "const") || declaration_has(i, "constexpr");
	tokens[i].out = text_of("__attribute__((section(\"%s%s\"), aligned(256)))", section,
				fixed ? "_ro" : "");
}

/* extern __shared__ T name[]...; with `i` at extern. In a function a pointer, so that kernels may
 * differ in T; outside of one another name of the array itself. */
static void rewrite_dynamic_shared(size_t i)
{
	size_t end = i, bracket = NONE, name = NONE;
	for (; end < ntokens && !is(&tokens[end], ";");) {
		const struct token *t = &tokens[end];
		if (t->kind == WORD && is_one_of(t, with_parens)) {
			size_t from = end;
			end = next(end);
			if (is(&tokens[end], "("))
				end = skip_balanced(end);
			erase(from, end);
			continue;
		}
		if (is(t, "__shared__"))
			tokens[end].out = "";
		if (is(t, "[") && bracket == NONE) {
			bracket = end;
			name = last(end);
		}
		if (bracket != NONE && is(t, "[")) {
			end = skip_balanced(end);
			continue;
		}
		end = next(end);
	}
	if (bracket == NONE || !is(&tokens[next(bracket)], "]")) {
		error_at(&tokens[i], "extern __shared__ wants an array without a size, as in "
				     "extern __shared__ float name[];");
		return;
	}
	size_t more = next(next(bracket));
	char *n = text_of("%.*s", (int)tokens[name].len, tokens[name].at);
	if (tokens[i].device) {
		bool flat = is(&tokens[more], ";");
		tokens[i].out = "";
		tokens[name].out = flat ? text_of("*%s", n) : text_of("(*%s)", n);
		erase(bracket, more);
		tokens[end].out = text_of(" = (decltype(%s))(void *)simt_dynamic;", n);
	} else {
		tokens[i].out = "extern __thread __attribute__((tls_model(\"local-exec\")))";
		tokens[end].out = " __asm__(\"simt_dynamic\");";
	}
}

static void rewrite_shared(size_t i)
{
	size_t before = last(i), after = next(i);
	if (before != NONE && is(&tokens[before], "static"))
		tokens[before].out = "";
	if (is(&tokens[after], "static"))
		tokens[after].out = "";
	/* alignas must come first of all */
	const char *align = "";
	if (is(&tokens[after], "alignas")) {
		size_t end = skip_balanced(next(after));
		size_t len = (size_t)(tokens[last(end)].at + 1 - tokens[after].at);
		align = text_of("%.*s ", (int)len, tokens[after].at);
		erase(after, end);
	}
	tokens[i].out = text_of("%sstatic __thread __attribute__((aligned(16)))", align);
}

/* Where the kernel's name begins, with `i` the last token before <<<. */
static size_t kernel_start(size_t i)
{
	if (is(&tokens[i], ">")) {
		int depth = 0;
		for (; i != NONE; i = last(i)) {
			depth += is(&tokens[i], ">") - is(&tokens[i], "<");
			if (!depth)
				break;
		}
		i = i == NONE ? NONE : last(i);
	} else if (is(&tokens[i], ")") || is(&tokens[i], "]")) {
		int depth = 0;
		bool round = is(&tokens[i], ")");
		for (; i != NONE; i = last(i)) {
			depth += is(&tokens[i], ")") + is(&tokens[i], "]") - is(&tokens[i], "(") -
				 is(&tokens[i], "[");
			if (!depth)
				break;
		}
		if (round)
			return i;
		i = i == NONE ? NONE : last(i);
	}
	while (i != NONE) {
		size_t before = last(i);
		if (before == NONE || !(is(&tokens[before], "::") || is(&tokens[before], ".") ||
					is(&tokens[before], "->")))
			break;
		size_t owner = last(before);
		if (owner == NONE || tokens[owner].kind != WORD) {
			i = before;
			break;
		}
		i = owner;
	}
	return i;
}

/* The text of tokens [from, to), on one line. */
static char *joined(size_t from, size_t to)
{
	size_t len = 1;
	for (size_t i = from; i < to; i++)
		len += tokens[i].len;
	char *text = keep(len), *p = text;
	for (size_t i = from; i < to; i++) {
		if (tokens[i].kind == MARKER || tokens[i].kind == PRAGMA)
			continue;
		for (size_t k = 0; k < tokens[i].len; k++)
			*p++ = isspace((unsigned char)tokens[i].at[k]) ? ' ' : tokens[i].at[k];
	}
	while (p > text && p[-1] == ' ')
		p--;
	*p = '\0';
	return text;
}

static char *as_literal(const char *s)
{
	char *text = keep(2 * strlen(s) + 3), *p = text;
	*p++ = '"';
	for (; *s; s++) {
		if (*s == '"' || *s == '\\')
			*p++ = '\\';
		*p++ = *s;
	}
	*p++ = '"';
	*p = '\0';
	return text;
}

static bool closes_launch(size_t i)
{
	return is(&tokens[i], ">") && is(&tokens[i + 1], ">") && is(&tokens[i + 2], ">");
}

/* K <<< a, b >>> with `i` at <<<. */
static void rewrite_launch(size_t i)
{
	if (tokens[i].device) {
		error_at(&tokens[i], "needs a GPU: a launch from device code (dynamic parallelism)");
		return;
	}
	size_t before = last(i), start = before == NONE ? NONE : kernel_start(before);
	size_t end = next(i);
	for (int depth = 0; end < ntokens; end = next(end)) {
		if (!depth && closes_launch(end))
			break;
		if (tokens[end].kind == PUNCT)
			depth += !!strchr("([{", *tokens[end].at) - !!strchr(")]}", *tokens[end].at);
		if (is(&tokens[end], ";"))
			end = ntokens;
	}
	if (start == NONE || end >= ntokens) {
		error_at(&tokens[i], "a launch wants kernel<<<grid, block>>>(arguments)");
		return;
	}
	char *k = joined(start, i), *name = as_literal(k);
	erase(start, i);
	tokens[start].out = text_of(
		"simt_make([&](auto simt_x) -> decltype(simt_signature(simt_x, %s)) { return {}; }, "
		"[=](const auto &...simt_a) { %s(simt_a...); }, "
		"[&](auto simt_x) -> const void * { return simt_pointer(simt_x, %s); }, "
		"simt_config(%s,",
		k, k, k, name);
	tokens[i].out = " ";
	tokens[end].out = "))";
	tokens[end + 1].out = tokens[end + 2].out = "";
}

/* Names refused wherever they stand outside system headers, and those refused in device code. */
static const struct refused {
	const char *name, *why;
	bool prefix;
} refused[] = {
	{"CUtensorMap", "TMA (tensor maps)", false},
	{"cuTensorMapEncode", "TMA (tensor maps)", true},
	{"cp_async_bulk", "TMA (bulk copies)", true},
	{"__cluster_dims__", "thread block clusters", false},
	{"this_cluster", "thread block clusters", false},
	{"cluster_group", "thread block clusters", false},
	{"cudaLaunchKernelEx", "launch attributes (clusters)", true},
	{"cudaLaunchAttribute", "launch attributes (clusters)", true},
	{"this_grid", "synchronising a whole grid", false},
	{"grid_group", "synchronising a whole grid", false},
	{"this_multi_grid", "synchronising a whole grid", false},
	{"cudaLaunchCooperativeKernel", "synchronising a whole grid", false},
	{"cudaTextureObject_t", "textures", false},
	{"cudaSurfaceObject_t", "surfaces", false},
	{"cudaCreateTextureObject", "textures", false},
	{"cudaArray_t", "textures (arrays)", false},
	{"tex1Dfetch", "textures", false},
	{"tex2D", "textures", true},
	{"tex3D", "textures", true},
	{"cudaGraph_t", "CUDA graphs", false},
	{"cudaStreamBeginCapture", "CUDA graphs", false},
	{"wgmma", "wgmma", true},
	{"cublasHandle_t", "cuBLAS", false},
	{NULL, NULL, false},
};
static const struct refused refused_in_device[] = {
	{"malloc", "memory allocated by a kernel", false},
	{"free", "memory allocated by a kernel", false},
	{"clock", "a device's clock", false},
	{"clock64", "a device's clock", false},
	{"__globaltimer", "a device's clock", false},
	{"lgammaf", "lgammaf has no form here with the same bits everywhere", false},
	{"tgammaf", "tgammaf has no form here with the same bits everywhere", false},
	{"lgamma", "lgamma has no form here with the same bits everywhere", false},
	{"tgamma", "tgamma has no form here with the same bits everywhere", false},
	{"erfinvf", "erfinvf has no form here with the same bits everywhere", false},
	{"j0f", "Bessel functions have no form here with the same bits everywhere", false},
	{NULL, NULL, false},
};

static bool refuse(const struct token *t, const struct refused *table)
{
	for (const struct refused *r = table; r->name; r++)
		if (r->prefix ? t->len >= strlen(r->name) && !memcmp(t->at, r->name, strlen(r->name))
			      : is(t, r->name)) {
			error_at(t, "needs a GPU: %s", r->why);
			return true;
		}
	return false;
}

/* Functions of device code that are the runtime's own; see include/simt/math.h. */
static const char *const own_functions[] = {
	"printf",
	"expf", "exp2f", "exp10f", "expm1f", "logf", "log2f", "log10f", "log1pf", "sinf", "cosf",
	"tanf", "sinpif", "cospif", "asinf", "acosf", "atanf", "sinhf", "coshf", "tanhf", "erff",
	"erfcf", "cbrtf", "rsqrtf", "normcdff", "powf", "atan2f", "hypotf", "sincosf", "sincospif",
	"fmaxf", "fminf", "fmax", "fmin",
	"exp", "exp2", "exp10", "expm1", "log", "log2", "log10", "log1p", "sin", "cos", "tan",
	"asin", "acos", "atan", "sinh", "cosh", "tanh", "erf", "erfc", "cbrt", "rsqrt", "pow",
	"atan2", "hypot", "sincos", "sinpi", "cospi",
	"__expf", "__exp10f", "__logf", "__log2f", "__log10f", "__sinf", "__cosf", "__tanf",
	"__tanhf", "__powf", "__sincosf", "__frsqrt_rn", NULL};

/* f(...) with `i` at f, in device code: std::f and ::f too, but no member and no other scope. */
static void rewrite_call(size_t i)
{
	size_t before = last(i);
	if (before != NONE && (is(&tokens[before], ".") || is(&tokens[before], "->")))
		return;
	if (before != NONE && is(&tokens[before], "::")) {
		size_t scope = last(before);
		if (scope != NONE && tokens[scope].kind == WORD) {
			if (!is(&tokens[scope], "std"))
				return;
			tokens[scope].out = "";
		}
		tokens[before].out = "";
	}
	tokens[i].out = text_of("simt_%.*s", (int)tokens[i].len, tokens[i].at);
}

static void rewrite_index(size_t i)
{
	size_t dot = next(i), axis = next(dot);
	const char *name = tokens[i].at;
	int len = (int)tokens[i].len;
	if (is(&tokens[dot], ".") && tokens[axis].len == 1 && strchr("xyz", *tokens[axis].at)) {
		tokens[i].out = text_of("simt_%.*s_%c()", len, name, *tokens[axis].at);
		tokens[dot].out = tokens[axis].out = "";
	} else {
		tokens[i].out = text_of("simt_%.*s()", len, name);
	}
}

/* The runtime's functions that meet others or touch memory. clang gives their inlined bodies the
 * line of the call; gcc does not, so the call is marked for simtas by a comment in the assembler
 * text. Members are of cooperative groups. */
static const char *const marked[] = {
	"__syncthreads", "__syncthreads_count", "__syncthreads_and", "__syncthreads_or",
	"__syncwarp", "__activemask", "__ballot_sync", "__all_sync", "__any_sync",
	"__match_any_sync", "__match_all_sync", "__reduce_add_sync", "__reduce_min_sync",
	"__reduce_max_sync", "__reduce_and_sync", "__reduce_or_sync", "__reduce_xor_sync",
	"__shfl_sync", "__shfl_up_sync", "__shfl_down_sync", "__shfl_xor_sync",
	"atomicAdd", "atomicSub", "atomicMin", "atomicMax", "atomicExch", "atomicCAS",
	"atomicAnd", "atomicOr", "atomicXor", "atomicInc", "atomicDec",
	"__ldg", "__ldca", "__ldcg", "__ldcs", "__ldlu", "__ldcv",
	"__stwb", "__stcg", "__stcs", "__stwt",
	"__pipeline_memcpy_async", "memcpy_async", "reduce", "inclusive_scan", "exclusive_scan",
	"load_matrix_sync", "store_matrix_sync", "mma_sync", "coalesced_threads", NULL};
static const char *const marked_members[] = {"sync", "shfl", "shfl_up", "shfl_down", "shfl_xor",
					     "any", "all", "ballot", "match_any", NULL};

static void mark_line(size_t i)
{
	size_t before = last(i), start = i;
	bool member = before != NONE && (is(&tokens[before], ".") || is(&tokens[before], "->"));
	if (!is_one_of(&tokens[i], member ? marked_members : marked))
		return;
	for (; before != NONE && (is(&tokens[before], "::") || is(&tokens[before], ".") ||
				  is(&tokens[before], "->"));
	     before = last(start)) {
		start = last(before);
		if (start == NONE || tokens[start].kind != WORD)
			return;
	}
	size_t close = last(skip_balanced(next(i)));
	tokens[start].before = text_of("({ __asm__ volatile(\"#simt line %d\"); %s", tokens[i].line,
				       tokens[start].before ? tokens[start].before : "");
	tokens[close].after = text_of("%s; })", tokens[close].after ? tokens[close].after : "");
}

static bool is_empty_asm(size_t i)
{
	size_t open = next(i);
	while (tokens[open].kind == WORD)
		open = next(open);
	return is(&tokens[open], "(") && is(&tokens[next(open)], "\"\"");
}

static const char *const indices[] = {"threadIdx", "blockIdx", "blockDim", "gridDim", NULL};

static void rewrite_device_word(size_t i)
{
	struct token *t = &tokens[i];
	bool call = is(&tokens[next(i)], "(");
	if (is_one_of(t, indices)) {
		rewrite_index(i);
		return;
	}
	if (is(t, "asm") || is(t, "__asm__") || is(t, "__asm")) {
		if (!is_empty_asm(i))
			error_at(t, "needs a GPU: inline PTX");
		return;
	}
	if (!call)
		return;
	size_t before = last(i);
	bool member = before != NONE && (is(&tokens[before], ".") || is(&tokens[before], "->"));
	if (!member && refuse(t, refused_in_device))
		return;
	if (mark_lines)
		mark_line(i);
	if (is_one_of(t, own_functions))
		rewrite_call(i);
}

/* Words of the language itself, wherever they stand. */
static void rewrite_word(size_t i)
{
	struct token *t = &tokens[i];
	static const char *const nothing[] = {"__global__", "__host__", "__grid_constant__", NULL};
	static const char *const with_arguments[] = {"__launch_bounds__", "__maxnreg__", NULL};
	if (is_one_of(t, nothing)) {
		t->out = "";
	} else if (is_one_of(t, with_arguments)) {
		if (is(&tokens[next(i)], "("))
			erase(i, skip_balanced(next(i)));
	} else if (is(t, "__device__") || is(t, "__managed__")) {
		t->out = "";
		if (find_parameters(i) == NONE && !declaration_has(i, "__constant__") &&
		    !(is(t, "__managed__") && declaration_has(i, "__device__")))
			rewrite_variable(i, "simt_device");
	} else if (is(t, "__constant__")) {
		rewrite_variable(i, "simt_const");
	} else if (is(t, "extern") && declaration_has(i, "__shared__")) {
		rewrite_dynamic_shared(i);
	} else if (is(t, "__shared__")) {
		rewrite_shared(i);
	} else if (is(t, "__align__")) {
		t->out = "__attribute__((aligned";
		size_t close = last(skip_balanced(next(i)));
		tokens[close].out = ")))";
	} else if (is(t, "__noinline__")) {
		t->out = "__attribute__((noinline))";
	} else if (is(t, "__forceinline__")) {
		t->out = declaration_has(i, "inline") || declaration_has(i, "__inline__")
				 ? "__attribute__((always_inline))"
				 : "inline __attribute__((always_inline))";
	} else if (!refuse(t, refused) && t->device) {
		rewrite_device_word(i);
	}
}

static void rewrite(void)
{
	for (size_t i = 0; i < ntokens; i++) {
		struct token *t = &tokens[i];
		if (t->out)
			continue;
		if (t->kind == WORD)
			rewrite_word(i);
		else if (t->kind == PUNCT && is(t, "<<<"))
			rewrite_launch(i);
		else if (t->kind == PRAGMA && strstr(t->at, "unroll") &&
			 strstr(t->at, "unroll") < t->at + t->len)
			t->out = "";    /* the compiler's own judgement serves a CPU better */
	}
}

static void write_out(void)
{
	for (size_t i = 0; i < ntokens; i++) {
		const struct token *t = &tokens[i];
		if (t->before)
			fputs(t->before, stdout);
		if (t->out)
			fputs(t->out, stdout);
		else
			fwrite(t->at, 1, t->len, stdout);
		if (t->after)
			fputs(t->after, stdout);
	}
	if (fflush(stdout) || ferror(stdout))
		fatal("cannot write the output");
}

/* Headers of libraries that have no counterpart here, by the beginning of their names. */
static const struct refused refused_headers[] = {
	{"cublas", "cuBLAS", true},       {"cufft", "cuFFT", true},
	{"curand", "cuRAND", true},       {"cusparse", "cuSPARSE", true},
	{"cusolver", "cuSOLVER", true},   {"cudnn", "cuDNN", true},
	{"nccl", "NCCL", true},           {"cub/", "CUB", true},
	{"thrust/", "Thrust", true},      {"cutlass/", "CUTLASS", true},
	{"cute/", "CuTe", true},          {"cuda/", "libcu++", true},
	{"nvshmem", "NVSHMEM", true},     {"texture_", "textures", true},
	{"cudaTypedefs", "the driver's entry points", true},
	{NULL, NULL, false},
};

/* Only the #include lines of text that has not been preprocessed. */
static void look_at_includes(const char *path, const char *s)
{
	const char *file = path;
	size_t file_len = strlen(path);
	for (int line = 1; *s; line++) {
		size_t len = line_length(s);
		const char *p = s + strspn(s, " \t");
		if (*p == '#') {
			p += 1 + strspn(p + 1, " \t");
			char *end;
			if (!strncmp(p, "line", 4)) {
				line = (int)strtol(p + 4, &end, 10) - 1;
				end += strspn(end, " \t");
				if (*end == '"') {
					file = end + 1;
					file_len = quoted_length(end) - 2;
				}
			} else if (!strncmp(p, "include", 7)) {
				p += 7 + strspn(p + 7, " \t");
				struct token t = {.at = p + 1, .len = strcspn(p + 1, ">\"\n"),
						  .kind = WORD, .file = file,
						  .file_len = file_len, .line = line};
				/* error_at() shows the line that `tokens` holds */
				struct token whole = t;
				whole.at = s;
				whole.len = (size_t)(t.at - s);
				whole.kind = SPACE;
				ntokens = 0;
				push(whole);
				push(t);
				if (*p == '<' || *p == '"')
					refuse(&tokens[1], refused_headers);
			}
		}
		s += len + (s[len] == '\n');
	}
}

int main(int argc, char **argv)
{
	bool only_includes = argc > 1 && !strcmp(argv[1], "-n");
	mark_lines = argc > 1 && !strcmp(argv[1], "-l");
	int first = 1 + (only_includes || mark_lines);
	if (argc != first + 1) {
		fprintf(stderr, "usage: simtpp [-l] x.ii > y.ii | simtpp -n x.cu\n");
		return 2;
	}
	const char *path = argv[first];
	FILE *f = fopen(path, "rb");
	if (!f)
		fatal("cannot open '%s'", path);
	size_t size;
	char *text = read_all(f, &size);
	fclose(f);
	if (only_includes) {
		look_at_includes(path, text);
		free(text);
		free(tokens);
		return errors != 0;
	}
	lex(text, size);
	mark_device_code();
	rewrite();
	if (!errors)
		write_out();
	free(text);
	free(tokens);
	return errors != 0;
}
