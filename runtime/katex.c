/* KaTeX inside Duktape.
 *
 * Debian builds KaTeX for ES5, which Duktape runs once Array.prototype.fill is there. All that touches
 * the engine does so in duk_safe_call(), so an error of the script's, or of the engine's own memory, comes
 * back as a value. Duktape keeps strings as CESU-8 (a character above U+FFFF is two surrogates of three
 * bytes each), which is how KaTeX sees them as UTF-16; text is converted on the way in and out.
 *
 * One thing KaTeX prints is put right: the outline of a stretched floor has "MM" for "M", which is no
 * valid path. Browsers stop drawing there, and lose nothing, as that part lies within the part before;
 * checkers of HTML complain. */
#include "katex.h"

#include <duktape.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../tangle/arena.h"
#include "../tangle/diag.h"
#include "../tangle/utf8.h"

struct katex {
	duk_context *engine;
	Str version;
	size_t in_use;          /* bytes the engine holds */
	bool starved;           /* it asked for more than it may have */
};

enum {
	/* KaTeX itself takes 11 MB, the largest sensible formula 25 more. One that grows beyond this, such as a
	 * thousand copies of a macro of a thousand letters, ends in an error of the engine's. */
	MOST_MEMORY = 64 << 20,
	/* Some steps take time with the square of a formula's length: a second here. */
	MOST_TEX = 8192
};

/* Runs before KaTeX. weftRender() is the one function C calls: it returns [html] or [problem,
 * position], the position in UTF-16 units or -1.
 *
 * KaTeX prints a command it does not trust in red; asking `trust` is the moment to refuse instead. Its
 * positions count in whichever text the token came from, which may be a macro's; so one is believed only
 * if the excerpt beside it is found at that place of the formula. */
static const char prelude[] =
"if (!Array.prototype.fill)\n"
"	Object.defineProperty(Array.prototype, 'fill', {value: function (value, from, to) {\n"
"		var n = this.length;\n"
"		from = from === undefined ? 0 : from < 0 ? Math.max(n + from, 0) : Math.min(from, n);\n"
"		to = to === undefined ? n : to < 0 ? Math.max(n + to, 0) : Math.min(to, n);\n"
"		for (; from < to; from++)\n"
"			this[from] = value;\n"
"		return this;\n"
"	}});\n"
"function weftExplain(tex, error) {\n"
"	if (error.refused !== undefined)\n"
"		return [error.message, tex.indexOf(error.refused)];\n"
"	if (error.name !== 'ParseError')\n"
"		return ['KaTeX gives up: ' + error, -1];\n"
"	var message = error.message.replace('KaTeX parse error: ', '');\n"
"	if (/^Too many expansions/.test(message))\n"
"		return ['more than 1000 macro expansions, or a macro that expands without end', -1];\n"
"	var position = error.position;\n"
"	if (typeof position !== 'number')\n"
"		return [message, -1];\n"
"	var cut = message.search(/ at (position \\d+|end of input): /);\n"
"	var excerpt = message.slice(message.indexOf(': ', cut) + 2);\n"
"	function plain(text) { return text.replace(/\\u0332/g, ''); }\n"
"	var beside = plain(tex.slice(Math.max(position - 15, 0)));\n"
"	var found = beside.indexOf(plain(excerpt).replace(/^\\u2026|\\u2026$/g, '')) === 0;\n"
"	return [message.slice(0, cut), found ? position : -1];\n"
"}\n"
"function weftRender(tex, display) {\n"
"	function refuse(context) {\n"
"		var error = new Error(\"'\" + context.command + \"' is not allowed in a formula\");\n"
"		error.refused = context.command;\n"
"		throw error;\n"
"	}\n"
"	try {\n"
"		return [katex.renderToString(tex, {displayMode: display, output: 'htmlAndMathml',\n"
"			throwOnError: true, strict: false, trust: refuse, maxExpand: 1000, maxSize: 500})];\n"
"	} catch (error) {\n"
"		return weftExplain(tex, error);\n"
"	}\n"
"}\n";

/* What the KaTeX this file was written for makes of known_tex: numbers are printed, glyphs measured, sizes
 * chosen. */
static const char known_tex[] = "\\frac1x";
static const char known_html[] =
"<span class=\"katex\"><span class=\"katex-mathml\">"
"<math xmlns=\"http://www.w3.org/1998/Math/MathML\"><semantics><mrow><mfrac><mn>1</mn>"
"<mi>x</mi></mfrac></mrow>"
"<annotation encoding=\"application/x-tex\">\\frac1x</annotation></semantics></math>"
"</span><span class=\"katex-html\" aria-hidden=\"true\"><span class=\"base\">"
"<span class=\"strut\" style=\"height:1.1901em;vertical-align:-0.345em;\"></span>"
"<span class=\"mord\"><span class=\"mopen nulldelimiter\"></span><span class=\"mfrac\">"
"<span class=\"vlist-t vlist-t2\"><span class=\"vlist-r\">"
"<span class=\"vlist\" style=\"height:0.8451em;\"><span style=\"top:-2.655em;\">"
"<span class=\"pstrut\" style=\"height:3em;\"></span>"
"<span class=\"sizing reset-size6 size3 mtight\"><span class=\"mord mtight\">"
"<span class=\"mord mathnormal mtight\">x</span></span></span></span>"
"<span style=\"top:-3.23em;\"><span class=\"pstrut\" style=\"height:3em;\"></span>"
"<span class=\"frac-line\" style=\"border-bottom-width:0.04em;\"></span></span>"
"<span style=\"top:-3.394em;\"><span class=\"pstrut\" style=\"height:3em;\"></span>"
"<span class=\"sizing reset-size6 size3 mtight\"><span class=\"mord mtight\">"
"<span class=\"mord mtight\">1</span></span></span></span></span>"
"<span class=\"vlist-s\">\u200b</span></span><span class=\"vlist-r\">"
"<span class=\"vlist\" style=\"height:0.345em;\"><span></span></span></span></span>"
"</span><span class=\"mclose nulldelimiter\"></span></span></span></span></span>";

/* After one refusal nothing grows until the call is over: collecting garbage before each of a million
 * allocations takes minutes. */
static bool has_room(struct katex *k, size_t more)
{
	if (k->in_use >= MOST_MEMORY || more > MOST_MEMORY - k->in_use)
		k->starved = true;
	return !k->starved;
}

static void *engine_alloc(void *k, duk_size_t size)
{
	struct katex *katex = k;
	if (!size || !has_room(katex, size))
		return NULL;
	void *p = malloc(size);
	if (p)
		katex->in_use += malloc_usable_size(p);
	return p;
}

static void engine_free(void *k, void *p)
{
	if (p)
		((struct katex *)k)->in_use -= malloc_usable_size(p);
	free(p);
}

static void *engine_realloc(void *k, void *p, duk_size_t size)
{
	struct katex *katex = k;
	if (!size) {
		engine_free(k, p);
		return NULL;
	}
	size_t before = p ? malloc_usable_size(p) : 0;
	if (size > before && !has_room(katex, size - before))
		return NULL;
	void *q = realloc(p, size);
	if (q)
		katex->in_use += malloc_usable_size(q) - before;
	return q;
}

/* Reached only by an error outside every protected call, which is a bug. */
static void engine_died(void *k, const char *message)
{
	(void)k;
	fatal("Duktape, on which KaTeX runs, stops: %s", message ? message : "no reason given");
}

static void add_utf8(struct buf *out, uint32_t c)
{
	if (c < 0x80) {
		buf_char(out, (char)c);
		return;
	}
	int more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
	static const unsigned char lead[] = {0, 0xc0, 0xe0, 0xf0};
	buf_char(out, (char)(lead[more] | c >> 6 * more));
	while (more--)
		buf_char(out, (char)(0x80 | (c >> 6 * more & 0x3f)));
}

/* UTF-8 as Duktape keeps it. */
static Str to_cesu(Str text, struct arena *a)
{
	struct buf out = buf_new(a, text.len);
	for (size_t i = 0; i < text.len; ) {
		uint32_t c = utf8_next(text, &i);
		if (c >= 0x10000) {
			add_utf8(&out, 0xd800 + ((c - 0x10000) >> 10));
			c = 0xdc00 + ((c - 0x10000) & 0x3ff);
		}
		add_utf8(&out, c);
	}
	return buf_str(&out);
}

/* The surrogate at text.at[i], or 0. */
static uint32_t surrogate_at(Str text, size_t i)
{
	const unsigned char *p = (const unsigned char *)text.at + i;
	if (i + 3 > text.len || p[0] != 0xed || p[1] < 0xa0 || p[1] > 0xbf)
		return 0;
	return 0xd000u | (uint32_t)(p[1] & 0x3f) << 6 | (p[2] & 0x3f);
}

/* Back to UTF-8. What \char can make and no page may hold (control characters, halves of pairs) becomes
 * U+FFFD. */
static Str from_cesu(Str text, struct arena *a)
{
	struct buf out = buf_new(a, text.len);
	for (size_t i = 0; i < text.len; ) {
		uint32_t c = surrogate_at(text, i);
		if (!c) {
			c = utf8_next(text, &i);
			bool control = (c < 0x20 && c != '\t' && c != '\n') || c == 0x7f;
			add_utf8(&out, control ? 0xfffd : c);
			continue;
		}
		i += 3;
		uint32_t low = surrogate_at(text, i);
		if (c >= 0xdc00 || low < 0xdc00) {
			add_utf8(&out, 0xfffd);
			continue;
		}
		i += 3;
		add_utf8(&out, 0x10000 + ((c - 0xd800) << 10 | (low - 0xdc00)));
	}
	return buf_str(&out);
}

/* The HTML with each "MM" of a path made "M". Nothing of the TeX can look like a path: its '<' are escaped. */
static Str mend_paths(Str html, struct arena *a)
{
	static const char path[] = "<path d='";
	if (str_search(html, S("\nMM"), 0) == html.len)
		return html;
	struct buf out = buf_new(a, html.len);
	size_t done = 0;
	for (size_t i = 0; (i = str_search(html, S(path), i)) < html.len; ) {
		size_t end = str_find(html, '\'', i + sizeof path - 1);
		for (size_t at; (at = str_search(html, S("\nMM"), i)) < end; i = done) {
			buf_add(&out, str_sub(html, done, at + 2));
			done = at + 3;
		}
		i = end;
	}
	buf_add(&out, str_sub(html, done, html.len));
	return buf_str(&out);
}

/* Byte offset of UTF-16 unit `units` of the text. */
static int offset_of_unit(Str text, int units)
{
	size_t i = 0;
	while (units > 0 && i < text.len)
		units -= utf8_next(text, &i) >= 0x10000 ? 2 : 1;
	return (int)i;
}

static Str string_at(duk_context *engine, duk_idx_t index)
{
	duk_size_t len;
	const char *at = duk_safe_to_lstring(engine, index, &len);
	return (Str){at, len};
}

/* "Expected" begins a sentence; our reports do not. */
static Str as_report(Str message, struct arena *a)
{
	char *text = str_z(a, message);
	bool capital = text[0] >= 'A' && text[0] <= 'Z' && text[1] >= 'a' && text[1] <= 'z';
	if (capital && !str_starts(message, S("KaTeX")))
		text[0] = (char)(text[0] - 'A' + 'a');
	for (size_t i = 0; i < message.len; i++)
		if (text[i] == '\n')
			text[i] = ' ';
	return (Str){text, message.len};
}

struct formula {
	Str tex;                /* as Duktape keeps it */
	bool display;
};

/* In a protected call: [html] or [problem, position] on the stack's top. */
static duk_ret_t call_render(duk_context *engine, void *context)
{
	const struct formula *f = context;
	duk_get_global_string(engine, "weftRender");
	duk_push_lstring(engine, f->tex.at, f->tex.len);
	duk_push_boolean(engine, f->display);
	duk_call(engine, 2);
	duk_require_object(engine, -1);
	return 1;
}

Str katex_render(struct katex *k, Str tex, bool display, struct arena *a, Str *problem, int *offset)
{
	*problem = (Str){0};
	*offset = -1;
	if (tex.len > MOST_TEX) {
		*problem = str_fmt(a, "formula of %zu bytes; it may have at most %d", tex.len, MOST_TEX);
		return (Str){0};
	}
	struct formula f = {to_cesu(tex, a), display};
	k->starved = false;
	duk_context *engine = k->engine;
	Str html = {0};
	if (duk_safe_call(engine, call_render, &f, 0, 1)) {
		Str message = from_cesu(string_at(engine, -1), a);
		*problem = str_fmt(a, "KaTeX gives up: %.*s", STR_ARG(message));
	} else if (duk_get_length(engine, -1) == 1) {
		duk_get_prop_index(engine, -1, 0);
		html = mend_paths(from_cesu(string_at(engine, -1), a), a);
	} else {
		duk_get_prop_index(engine, -1, 0);
		*problem = as_report(from_cesu(string_at(engine, -1), a), a);
		duk_get_prop_index(engine, -2, 1);
		int units = duk_get_int(engine, -1);
		*offset = units < 0 ? -1 : offset_of_unit(tex, units);
	}
	duk_set_top(engine, 0);
	/* What the script makes of a lack of memory varies. */
	if (problem->len && k->starved)
		*problem = S("formula too large when its macros are expanded");
	return html;
}

/* A text, with the marks of this Duktape in front or to be checked: its form of compiled code is no one else's. */
struct code {
	Str text;
	Str compiled;
};

static void push_marks(duk_context *engine)
{
	duk_eval_string(engine, "Duktape.version + ' ' + Duktape.env + '\\n'");
}

/* In a protected call: the compiled text, behind Duktape's marks, as a buffer on the stack's top. */
static duk_ret_t call_compile(duk_context *engine, void *context)
{
	const struct code *code = context;
	duk_push_lstring(engine, code->text.at, code->text.len);
	duk_push_string(engine, "katex.min.js");
	duk_compile(engine, 0);
	duk_dump_function(engine);
	push_marks(engine);
	return 2;
}

/* In a protected call: run the prelude and KaTeX; KaTeX's version on the stack's top. */
static duk_ret_t call_load(duk_context *engine, void *context)
{
	const struct code *code = context;
	push_marks(engine);
	Str marks = string_at(engine, -1);
	if (!str_starts(code->compiled, marks))
		return duk_error(engine, DUK_ERR_ERROR, "compiled by another Duktape");
	size_t len = code->compiled.len - marks.len;
	memcpy(duk_push_fixed_buffer(engine, len), code->compiled.at + marks.len, len);
	duk_load_function(engine);
	duk_eval_string_noresult(engine, prelude);
	duk_call(engine, 0);
	duk_get_global_string(engine, "katex");
	duk_get_prop_string(engine, -1, "version");
	duk_require_string(engine, -1);
	return 1;
}

static bool load(struct katex *k, Str compiled, struct arena *a, Str *problem)
{
	struct code code = {.compiled = compiled};
	bool failed = duk_safe_call(k->engine, call_load, &code, 0, 1) != DUK_EXEC_SUCCESS;
	Str said = from_cesu(string_at(k->engine, -1), a);
	duk_pop(k->engine);
	if (failed) {
		*problem = str_fmt(a, "KaTeX does not load: %.*s", STR_ARG(said));
		return false;
	}
	k->version = said;
	int offset;
	Str html = katex_render(k, str_of(known_tex), false, a, problem, &offset);
	if (problem->len || str_eq(html, str_of(known_html)))
		return problem->len == 0;
	*problem = str_fmt(a, "KaTeX %.*s prints '%s' not as KaTeX 0.16.4 does", STR_ARG(said), known_tex);
	return false;
}

static struct katex *new_engine(struct arena *a, Str *problem)
{
	struct katex *k = NEW(a, struct katex);
	*problem = (Str){0};
	k->engine = duk_create_heap(engine_alloc, engine_realloc, engine_free, k, engine_died);
	if (k->engine)
		return k;
	*problem = S("no memory for Duktape");
	return NULL;
}

Str katex_compile(Str katex_js, struct arena *a, Str *problem)
{
	struct katex *k = new_engine(a, problem);
	struct code code = {.text = katex_js};
	Str compiled = {0};
	if (!k)
		return compiled;
	if (duk_safe_call(k->engine, call_compile, &code, 0, 2) == DUK_EXEC_SUCCESS) {
		Str marks = string_at(k->engine, -1), bytes;
		bytes.at = duk_get_buffer_data(k->engine, -2, &bytes.len);
		compiled = str_join(a, marks, bytes);
	} else {
		Str said = from_cesu(string_at(k->engine, -2), a);
		*problem = str_fmt(a, "KaTeX does not load: %.*s", STR_ARG(said));
	}
	katex_close(k);
	return compiled;
}

struct katex *katex_open_compiled(Str compiled, struct arena *a, Str *problem)
{
	struct katex *k = new_engine(a, problem);
	if (!k || load(k, compiled, a, problem))
		return k;
	katex_close(k);
	return NULL;
}

struct katex *katex_open(Str katex_js, struct arena *a, Str *problem)
{
	Str compiled = katex_compile(katex_js, a, problem);
	return compiled.len ? katex_open_compiled(compiled, a, problem) : NULL;
}

void katex_close(struct katex *k)
{
	duk_destroy_heap(k->engine);
	k->engine = NULL;
}

Str katex_version(const struct katex *k)
{
	return k->version;
}

/* The first of the directories that holds `file`. */
static const char *dir_with(const char *const *dirs, const char *file, struct arena scratch)
{
	for (; *dirs; dirs++)
		if (!access(str_fmt(&scratch, "%s/%s", *dirs, file).at, R_OK))
			return *dirs;
	return NULL;
}

struct katex_files katex_find(struct arena *a)
{
	static const char *const scripts[] = {"/usr/share/javascript/katex", NULL};
	static const char *const fonts[] = {"/usr/share/javascript/katex/fonts",
	                                    "/usr/share/fonts/truetype/katex", NULL};
	struct katex_files found = {.fonts = str_of(dir_with(fonts, "KaTeX_Main-Regular.woff2", *a))};
	const char *dir = dir_with(scripts, "katex.min.js", *a);
	if (dir)
		found.js = str_fmt(a, "%s/katex.min.js", dir);
	dir = dir_with(scripts, "katex.min.css", *a);
	if (dir)
		found.css = str_fmt(a, "%s/katex.min.css", dir);
	return found;
}
