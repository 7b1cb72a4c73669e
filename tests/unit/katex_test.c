/* KaTeX in Duktape prints what KaTeX in node prints, and says where a formula is wrong. */
#include "../../runtime/katex.h"

#include <stdio.h>
#include <stdlib.h>

#include "../../tangle/arena.h"
#include "../../tangle/utf8.h"
#include "test.h"

static struct arena arena;
static struct katex *katex;
static struct katex_files files;

static Str slurp(FILE *in, struct arena *a)
{
	struct buf all = buf_new(a, 1 << 16);
	char piece[4096];
	for (size_t n; (n = fread(piece, 1, sizeof piece, in)); )
		buf_add(&all, (Str){piece, n});
	return buf_str(&all);
}

static Str slurp_path(Str path, struct arena *a)
{
	FILE *in = fopen(str_z(a, path), "r");
	Str text = in ? slurp(in, a) : (Str){0};
	if (in)
		fclose(in);
	return text;
}

static int open_engine(void **state)
{
	(void)state;
	arena = arena_map((size_t)2 << 30);
	files = katex_find(&arena);
	if (!files.js.len) {
		print_message("no katex.min.js is installed: every test of formulas is skipped\n");
		return 0;
	}
	Str problem;
	katex = katex_open(slurp_path(files.js, &arena), &arena, &problem);
	if (!katex)
		print_error("%.*s\n", STR_ARG(problem));
	return katex ? 0 : -1;
}

static int close_engine(void **state)
{
	(void)state;
	if (katex)
		katex_close(katex);
	return 0;
}

static void need_katex(void)
{
	if (!katex)
		skip();
}

static const char *const hard[] = {
	"\\begin{aligned}\\mathrm{softmax}(x)_i &= \\frac{e^{x_i - m}}{\\sum_{j=1}^n e^{x_j - m}},"
	" & m &= \\max_j x_j\\end{aligned}",
	"\\begin{bmatrix} a_{11} & \\cdots & a_{1n} \\\\ \\vdots & \\ddots & \\vdots \\\\ a_{m1} & \\cdots &"
	" a_{mn} \\end{bmatrix}\\begin{pmatrix} x \\\\ y \\end{pmatrix}",
	"f(x) = \\begin{cases} x^2 & \\text{if } x \\ge 0,\\\\ -x & \\text{otherwise} \\end{cases}",
	"\\sum_{\\substack{1 \\le i < j \\le n \\\\ i + j = k}} \\prod_{p \\mid n} \\left(1 - \\frac1p\\right)",
	"\\underbrace{a + b + \\cdots + z}_{26\\text{ terms}} = \\overbrace{x_1 + \\dots + x_n}^{n}",
	"\\mathbb{E}_{x\\sim\\mathcal{D}}\\,\\mathfrak{g}(\\mathscr{L}, \\mathbf{W}, \\mathsf{T}, \\mathtt{t},"
	" \\boldsymbol{\\theta})",
	"\\sqrt[3]{1+\\sqrt{1+\\sqrt{1+x}}} + \\cfrac{1}{1+\\cfrac{1}{1+\\cfrac{1}{x}}}",
	"A \\xrightarrow[\\text{below}]{\\text{above}} B \\iff \\widehat{abc} \\to \\overrightarrow{AB}",
	"\\boxed{E = mc^2} \\tag{1}",
	"\\binom{n}{k} = \\left\\lfloor \\frac{\\displaystyle\\sum_{i=1}^{n} \\frac{a_i}{b_i}}"
	"{\\displaystyle\\int_0^\\infty f} \\right\\rfloor \\pmod{p}, \\quad \\lim_{x\\to 0}\\frac{\\sin x}{x}",
	"\\begin{array}{|c|c:r|}\\hline \\color{red}a & b & \\textcolor{#00f}{c} \\\\ \\hdashline"
	" 1 & 2 & 3 \\\\ \\hline\\end{array}",
	"\\oint_{\\partial\\Omega} \\vec F \\cdot d\\vec r \\text{ where é, 𝐀, 日本 and 🙂} +"
	" \\bigl\\{\\tilde x\\bigr\\} \\fcolorbox{red}{yellow}{$x$} \\cancel{5} \\rule{1em}{2pt}",
};
enum { NHARD = sizeof hard / sizeof *hard };

/* Reads formulas, one a line, and the path of KaTeX from the environment, so that nothing needs quoting.
 * What each gives is followed by a NUL. */
static const char node_command[] =
	"exec node -e '"
	"const katex = require(process.env.WEFT_KATEX);"
	"for (const tex of process.env.WEFT_FORMULAS.split(\"\\n\"))"
	"	process.stdout.write(katex.renderToString(tex, {displayMode: true, strict: false,"
	"		output: \"htmlAndMathml\"}).replace(/\\nMM/g, \"\\nM\") + \"\\0\")"
	"' 2>/dev/null";

TEST(formulas_are_nodes_byte_for_byte)
{
	need_katex();
	struct arena a = arena;
	struct buf lines = buf_new(&a, 1 << 12);
	for (int i = 0; i < NHARD; i++)
		buf_fmt(&lines, "%s%s", i ? "\n" : "", hard[i]);
	setenv("WEFT_FORMULAS", str_z(&a, buf_str(&lines)), 1);
	setenv("WEFT_KATEX", str_z(&a, files.js), 1);
	FILE *node = popen(node_command, "r");
	EXPECT(node);
	Str wanted = slurp(node, &a);
	int status = pclose(node);
	if (status) {
		print_message("node does not run here: its formulas are not compared\n");
		skip();
	}
	for (int i = 0; i < NHARD; i++) {
		Str problem;
		int offset;
		Str html = katex_render(katex, str_of(hard[i]), true, &a, &problem, &offset);
		EXPECT_STR(problem, "");
		EXPECT(html.len > 1000);
		EXPECT_STR(html, str_cut(&wanted, '\0'));
	}
	EXPECT_INT(wanted.len, 0);
}

TEST(the_outline_of_a_stretched_floor_is_a_valid_path)
{
	need_katex();
	struct arena a = arena;
	Str problem, tall = S("\\text{MM}\\left\\lfloor\\begin{matrix}1\\\\1\\\\1\\\\1\\\\1\\end{matrix}\\right\\rfloor");
	int offset;
	Str html = katex_render(katex, tall, true, &a, &problem, &offset);
	EXPECT(str_search(html, S("z\nM319 602"), 0) < html.len);
	EXPECT_INT(str_search(html, S("\nMM"), 0), html.len);
	EXPECT(str_search(html, S("\\text{MM}"), 0) < html.len);
}

static const struct refusal {
	const char *tex, *problem;
	int offset;
	bool display;
} refusals[] = {
	{"x^2^3", "double superscript", 3, false},
	{"\\foo+1", "undefined control sequence: \\foo", 0, false},
	{"é𝐀é \\foo", "undefined control sequence: \\foo", 9, false},
	{"%a\xcc\xb2\n\\foo", "undefined control sequence: \\foo", 5, false},
	{"\\frac{1", "unexpected end of input in a macro argument, expected '}'", 7, false},
	{"x +\n y \\iff }", "expected 'EOF', got '}'", 12, false},
	{"\\begin{foo}x\\end{foo}", "no such environment: foo", 6, false},
	{"\\begin{matrix}x\\end{pmatrix}", "mismatch: \\begin{matrix} matched by \\end{pmatrix}", 15, false},
	{"\\color{red;background:url(x)}x", "invalid color: 'red;background:url(x)'", 6, false},
	{"\\def\\z{x^2^3}\\z", "double superscript", 10, false},
	{"\\tag{1} x", "\\tag works only in display equations", -1, false},
	/* The place is one of a macro's own text. */
	{"\\text{\\implies}", "undefined control sequence: \\Longrightarrow", -1, true},
	{"\\text{\\R}", "can't use function '\\mathbb' in text mode", -1, true},
	/* What could leave the formula: links, images, classes, styles. */
	{"\\href{https://example.org}{y}", "'\\href' is not allowed in a formula", 0, true},
	{"a+\\url{https://example.org}", "'\\url' is not allowed in a formula", 2, true},
	{"\\includegraphics{x.png}", "'\\includegraphics' is not allowed in a formula", 0, true},
	{"𝐀\\htmlStyle{color:red}{x}", "'\\htmlStyle' is not allowed in a formula", 4, true},
	{"\\htmlClass{x}{x}", "'\\htmlClass' is not allowed in a formula", 0, true},
	{"\\def\\a{\\a}\\a", "more than 1000 macro expansions, or a macro that expands without end", -1, true},
	{"\\def\\a{\\a\\a}\\a", "more than 1000 macro expansions, or a macro that expands without end", -1, true},
};

TEST(a_refusal_names_the_byte)
{
	need_katex();
	for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
		struct arena a = arena;
		const struct refusal *r = &refusals[i];
		Str problem;
		int offset = 7777;
		Str html = katex_render(katex, str_of(r->tex), r->display, &a, &problem, &offset);
		EXPECT_STR(problem, r->problem);
		EXPECT_INT(offset, r->offset);
		EXPECT_INT(html.len, 0);
	}
}

static Str repeat(Str unit, int times, struct arena *a)
{
	struct buf all = buf_new(a, unit.len * (size_t)times);
	while (times--)
		buf_add(&all, unit);
	return buf_str(&all);
}

TEST(a_formula_that_grows_without_measure_is_refused)
{
	need_katex();
	struct arena a = arena;
	Str body = repeat(S("x"), 4000, &a), calls = repeat(S("\\a"), 900, &a);
	Str tex = str_fmt(&a, "\\def\\a{%.*s}%.*s", STR_ARG(body), STR_ARG(calls));
	Str problem;
	int offset;
	EXPECT_STR(katex_render(katex, tex, true, &a, &problem, &offset), "");
	EXPECT_STR(problem, "formula too large when its macros are expanded");
	Str html = katex_render(katex, S("x"), true, &a, &problem, &offset);
	EXPECT(html.len > 0);
	EXPECT_STR(katex_render(katex, repeat(S("a"), 8193, &a), true, &a, &problem, &offset), "");
	EXPECT_STR(problem, "formula of 8193 bytes; it may have at most 8192");
}

TEST(deep_nesting_is_an_error_or_a_formula)
{
	need_katex();
	static const char *const nests[][2] = {{"{", "}"}, {"\\sqrt{", "}"}, {"\\left(", "\\right)"}, {"x^{", "}"}};
	for (size_t i = 0; i < sizeof nests / sizeof *nests; i++) {
		struct arena a = arena;
		Str opening = str_of(nests[i][0]), closing = str_of(nests[i][1]);
		int depth = (int)(8000 / (opening.len + closing.len));
		Str tex = str_join(&a, repeat(opening, depth, &a), repeat(closing, depth, &a));
		Str problem;
		int offset;
		Str html = katex_render(katex, tex, true, &a, &problem, &offset);
		EXPECT((html.len == 0) == (problem.len > 0));
	}
}

TEST(a_formula_leaves_nothing_to_the_next)
{
	need_katex();
	struct arena a = arena;
	Str problem;
	int offset;
	Str html = katex_render(katex, S("\\gdef\\mine{x}\\mine"), false, &a, &problem, &offset);
	EXPECT(html.len > 0);
	html = katex_render(katex, S("\\mine"), false, &a, &problem, &offset);
	EXPECT_STR(problem, "undefined control sequence: \\mine");
}

TEST(characters_made_by_number_are_valid_utf8)
{
	need_katex();
	struct arena a = arena;
	Str problem;
	int offset;
	Str html = katex_render(katex, S("\\char\"D800 \\char0 \\text{\\char\"7}"), false, &a, &problem, &offset);
	EXPECT(html.len > 0);
	EXPECT(utf8_is_valid(html));
	EXPECT(!str_has(html, '\0') && !str_has(html, '\7'));
}

TEST(the_version_is_katexs_own)
{
	need_katex();
	EXPECT_STR(katex_version(katex), "0.16.4");
}

TEST(another_build_of_katex_is_refused)
{
	static const char *const builds[][2] = {
		{"katex = {version: '9', renderToString: function () { return '<b>'; }}",
		 "KaTeX 9 prints '\\frac1x' not as KaTeX 0.16.4 does"},
		{"katex = {version: '9'}", "KaTeX gives up: TypeError: undefined not callable (property"
		 " 'renderToString' of [object Object])"},
		{"const f = (x) => x", "KaTeX does not load: SyntaxError: parse error (line 1, end of input)"},
		{"throw 1", "KaTeX does not load: 1"},
		{"", "KaTeX does not load: TypeError: cannot read property 'version' of undefined"},
	};
	for (size_t i = 0; i < sizeof builds / sizeof *builds; i++) {
		struct arena a = arena;
		Str problem;
		EXPECT(!katex_open(str_of(builds[i][0]), &a, &problem));
		EXPECT_STR(problem, builds[i][1]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(formulas_are_nodes_byte_for_byte),
		CASE(the_outline_of_a_stretched_floor_is_a_valid_path),
		CASE(a_refusal_names_the_byte),
		CASE(a_formula_that_grows_without_measure_is_refused),
		CASE(deep_nesting_is_an_error_or_a_formula),
		CASE(a_formula_leaves_nothing_to_the_next),
		CASE(characters_made_by_number_are_valid_utf8),
		CASE(the_version_is_katexs_own),
		CASE(another_build_of_katex_is_refused),
	};
	return cmocka_run_group_tests(tests, open_engine, close_engine);
}
