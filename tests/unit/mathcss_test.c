/* Formulas lose their style attributes and nothing else; the cut style sheet keeps all they use. */
#include "../../tangle/mathcss.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../runtime/katex.h"
#include "../../tangle/arena.h"
#include "test.h"

static struct arena arena;
static Str formulas;            /* HTML of many formulas; empty without KaTeX */
static Str full_css;

static Str slurp_path(Str path, struct arena *a)
{
	struct buf all = buf_new(a, 1 << 18);
	FILE *in = fopen(str_z(a, path), "r");
	char piece[4096];
	for (size_t n; in && (n = fread(piece, 1, sizeof piece, in)); )
		buf_add(&all, (Str){piece, n});
	if (in)
		fclose(in);
	return buf_str(&all);
}

static const char *const some[] = {
	"x", "\\frac1x", "\\sqrt[3]{\\frac{a}{b}}", "\\hat x \\widehat{abc} \\vec v \\overrightarrow{AB}",
	"\\begin{array}{|c|c:r|}\\hline a & b & \\textcolor{#00f}{c} \\\\ \\hdashline 1 & 2 & 3 \\\\ \\hline\\end{array}",
	"\\underbrace{a}_{b} \\overbrace{c}^{d} \\xrightarrow[x]{y}", "\\mathbb R \\mathcal L \\mathfrak g \\mathscr H",
	"\\mathsf T \\mathtt t \\mathbf W \\boldsymbol\\theta \\text{\\textit{a} \\textbf{b}}",
	"\\left\\{\\begin{matrix}1\\\\2\\\\3\\\\4\\\\5\\end{matrix}\\right\\rfloor \\bigl( \\Bigg)", "\\boxed{x} \\cancel{5} \\sout{x}",
	"\\fcolorbox{red}{yellow}{$x$} \\rule{1em}{2pt} \\llap{x} \\mathclap{y}", "\\Huge x \\tiny y \\sum_{i} \\int",
	"\\phantom{x} \\angl n \\overline{a} \\underline{b} \\not= \\tag{1}",
};

static int make_formulas(void **state)
{
	(void)state;
	arena = arena_map((size_t)1 << 30);
	struct katex_files files = katex_find(&arena);
	if (!files.js.len || !files.css.len) {
		print_message("no KaTeX is installed: tests on its own output are skipped\n");
		return 0;
	}
	Str problem;
	struct katex *katex = katex_open(slurp_path(files.js, &arena), &arena, &problem);
	if (!katex)
		return -1;
	struct buf all = buf_new(&arena, 1 << 16);
	for (size_t i = 0; i < sizeof some / sizeof *some; i++) {
		int offset;
		Str html = katex_render(katex, str_of(some[i]), true, &arena, &problem, &offset);
		if (!html.len) {
			print_error("%s: %.*s\n", some[i], STR_ARG(problem));
			return -1;
		}
		buf_add(&all, html);
	}
	katex_close(katex);
	formulas = buf_str(&all);
	full_css = slurp_path(files.css, &arena);
	return 0;
}

static void need_katex(void)
{
	if (!formulas.len)
		skip();
}

/* SHA-256 of "height:1em;" begins 29edcb1db1. */
TEST(a_style_joins_the_class)
{
	struct arena a = arena;
	EXPECT_STR(math_classes(S("<span class=\"strut\" style=\"height:1em;\"></span>"), &a),
	           "<span class=\"strut m29edcb1db1\"></span>");
	EXPECT_STR(math_classes(S("<span style=\"height:1em;\" class=\"strut\">x</span>"), &a),
	           "<span class=\"strut m29edcb1db1\">x</span>");
}

TEST(a_style_alone_becomes_a_class)
{
	struct arena a = arena;
	EXPECT_STR(math_classes(S("<span aria-hidden=\"true\" style=\"height:1em;\" id='x'>"), &a),
	           "<span aria-hidden=\"true\" class=\"m29edcb1db1\" id='x'>");
	EXPECT_STR(math_classes(S("<mo style=\"height:1em;\" class =\"a b\">"), &a), "<mo class=\"a b m29edcb1db1\">");
}

TEST(what_has_no_style_stays_as_it_is)
{
	struct arena a = arena;
	static const char *const texts[] = {
		"", "a < b style=\"x\" > c", "<p class = 'a'  id=x>style=\"y\"</p>", "<svg width='4em'><path d='M 0\n1'/></svg>",
		"<", "<a", "<a b", "<a b=", "<a b=\"", "<a b='c", "</a>", "<!-- x -->", "<a / b=\"c\">", "<a =>", "<a style",
	};
	for (size_t i = 0; i + 1 < sizeof texts / sizeof *texts; i++)
		EXPECT_STR(math_classes(str_of(texts[i]), &a), texts[i]);
}

static bool is_made(Str word)
{
	return word.len == 11 && *word.at == 'm' && strspn(word.at + 1, "0123456789abcdef") >= 10;
}

/* The HTML without class and style attributes; the words of the former that are not made by us go to `words`. */
static Str stripped(Str html, struct buf *words, struct arena *a)
{
	/* As KaTeX writes them on spans, in MathML, and on the drawings of stretched accents. */
	static const Str starts[] = {{" style=\"", 8}, {" style='", 8}, {" class=\"", 8}, {" class =\"", 9}};
	enum { NSTARTS = sizeof starts / sizeof *starts, FIRST_CLASS = 2 };
	struct buf out = buf_new(a, html.len);
	for (size_t i = 0; i < html.len; i++) {
		int which = 0;
		while (which < NSTARTS && !str_starts(str_sub(html, i, html.len), starts[which]))
			which++;
		if (which == NSTARTS) {
			buf_char(&out, html.at[i]);
			continue;
		}
		size_t from = i + starts[which].len;
		i = str_find(html, html.at[from - 1], from);
		Str value = str_sub(html, from, i);
		for (Str word; which >= FIRST_CLASS && (word = str_word(&value)).len; )
			if (!is_made(word))
				buf_fmt(words, "%.*s ", STR_ARG(word));
	}
	return buf_str(&out);
}

TEST(formulas_keep_all_but_their_styles)
{
	need_katex();
	struct arena a = arena;
	Str classed = math_classes(formulas, &a);
	EXPECT(str_search(formulas, S(" style=\""), 0) < formulas.len);
	EXPECT_INT(str_search(classed, S(" style="), 0), classed.len);
	EXPECT_STR(math_classes(classed, &a), classed);
	struct buf before = buf_new(&a, 0), after = buf_new(&a, 0);
	EXPECT_STR(stripped(classed, &after, &a), stripped(formulas, &before, &a));
	EXPECT_STR(buf_str(&after), buf_str(&before));
}

TEST(the_sheet_is_sorted_and_has_each_rule_once)
{
	struct arena a = arena;
	struct buf rules = buf_new(&a, 0);
	math_rules(S("<b style=\"top:2em;\"><i style=\"height:1em;\"></i><i class=\"x\" style=\"height:1em;\">"), &rules);
	math_rules(S("<b style=\"top:2em;\">"), &rules);
	EXPECT_STR(math_sheet(buf_str(&rules), &a), ".m02611489ed:not(#_){top:2em}\n"
	           ".m29edcb1db1:not(#_){height:1em}\n");
	EXPECT_STR(math_sheet(S(""), &a), "");
}

TEST(every_class_made_has_a_rule)
{
	need_katex();
	struct arena a = arena;
	struct buf rules = buf_new(&a, 0);
	math_rules(formulas, &rules);
	Str sheet = math_sheet(buf_str(&rules), &a), classed = math_classes(formulas, &a), before = {0};
	EXPECT(sheet.len > 1000);
	for (Str rest = sheet; rest.len; ) {
		Str line = str_cut(&rest, '\n');
		EXPECT(str_cmp(before, line) < 0);
		EXPECT(str_search(classed, str_sub(line, 1, 12), 0) < classed.len);
		before = line;
	}
	for (size_t i = 0; (i = str_search(classed, S(" m"), i)) < classed.len; i++)
		if (strspn(classed.at + i + 2, "0123456789abcdef") == 10) {
			Str rule = str_fmt(&a, ".%.11s:not(#_){", classed.at + i + 1);
			EXPECT(str_search(sheet, rule, 0) < sheet.len);
		}
}

/* Exit status of math_sheet() on these rules, in a child. */
static int sheet_status(Str rules)
{
	pid_t child = fork();
	if (!child) {
		if (!freopen("/dev/null", "w", stderr))
			_exit(99);
		struct arena a = arena;
		math_sheet(rules, &a);
		_exit(0);
	}
	int status = 0;
	waitpid(child, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

TEST(one_class_for_two_styles_is_a_failure)
{
	EXPECT_INT(sheet_status(S("m1\ttop:1em;\nm2\ttop:1em;\n")), 0);
	EXPECT_INT(sheet_status(S("m1\ttop:1em;\nm1\ttop:2em;\n")), 2);
}

TEST(a_style_that_could_end_its_rule_is_a_failure)
{
	EXPECT_INT(sheet_status(S("m1\tcolor:red}body{color:red\n")), 2);
	EXPECT_INT(sheet_status(S("m1\tcolor:url(\"x\")\n")), 2);
	EXPECT_INT(sheet_status(S("m1\tcolor:red</style>\n")), 2);
}

static const char small_css[] =
	"@charset \"}\";/* .z{} */@font-face{font-family:F_Main;src:url(x/F_Main.woff2) format('woff2'),"
	"url(x/F_Main.woff) format('woff');font-weight:700;font-style:normal}"
	"@font-face{font-family:'F_Main1';src:url('F_Main1.woff2')}"
	"@font-face{font-family:F_Old;src:url(F_Old.ttf)}"
	".k{font:1em F_Main,F_Old,serif}.k .a,.k .b>.c,.k svg{top:0}.k .a:not(.b){left:0}"
	".k .d::after{content:\"}.k{\"}.k .e{font-family:F_Main1}body{margin:0}";

TEST(a_rule_is_kept_if_all_its_classes_are_there)
{
	struct arena a = arena;
	Str fonts;
	EXPECT_STR(katex_css_cut(str_of(small_css), S("<p class=\"a k\"><q class =\"c\">"), &a, &fonts),
	           "@font-face{font-family:F_Main;src:url(fonts/F_Main.woff2) format('woff2');font-weight:700;font-style:normal}\n"
	           ".k{font:1em F_Main,F_Old,serif}\n"
	           ".k .a,.k svg{top:0}\n"
	           ".k .a:not(.b){left:0}\n"
	           "body{margin:0}\n");
	EXPECT_STR(fonts, "F_Main.woff2\n");
}

TEST(strings_and_comments_hold_no_rules)
{
	struct arena a = arena;
	Str fonts;
	EXPECT_STR(katex_css_cut(str_of(small_css), S("<p class=\"d e k z\">"), &a, &fonts),
	           "@font-face{font-family:F_Main;src:url(fonts/F_Main.woff2) format('woff2');font-weight:700;font-style:normal}\n"
	           "@font-face{font-family:'F_Main1';src:url(fonts/F_Main1.woff2) format('woff2')}\n"
	           ".k{font:1em F_Main,F_Old,serif}\n"
	           ".k svg{top:0}\n"
	           ".k .d::after{content:\"}.k{\"}\n"
	           ".k .e{font-family:F_Main1}\n"
	           "body{margin:0}\n");
	EXPECT_STR(fonts, "F_Main.woff2\nF_Main1.woff2\n");
	static const char *const broken[] = {"", "{", "}", "a{b", "@x", "a{\"", "/*", "a{}/*", "@font-face{src:url(", "a,,b{", ";;{}"};
	for (size_t i = 0; i < sizeof broken / sizeof *broken; i++)
		katex_css_cut(str_of(broken[i]), S("<p class=\"a\">"), &a, &fonts);
}

/* Whether `name` is one of the words of a class attribute. */
static bool is_class_in(Str html, Str name)
{
	for (size_t i = 0; (i = str_search(html, S("class"), i)) < html.len; i++) {
		Str rest = str_sub(html, i + 5, html.len);
		rest = str_starts(rest, S(" ")) ? str_sub(rest, 1, rest.len) : rest;
		if (!str_starts(rest, S("=\"")))
			continue;
		Str value = str_sub(rest, 2, str_find(rest, '"', 2));
		for (Str word; (word = str_word(&value)).len; )
			if (str_eq(word, name))
				return true;
	}
	return false;
}

/* Each selector of the whole sheet whose classes all occur must stand, with its declarations, in the cut one.
 * Written against KaTeX's own sheet, where no string holds a brace. */
TEST(the_cut_sheet_keeps_all_that_formulas_use)
{
	need_katex();
	struct arena a = arena;
	Str classed = math_classes(formulas, &a), fonts;
	Str cut = katex_css_cut(full_css, classed, &a, &fonts);
	EXPECT(cut.len < full_css.len / 2);
	int kept = 0, dropped = 0;
	for (Str rest = full_css; rest.len; ) {
		Str body = str_cut(&rest, '}'), list = str_cut(&body, '{');
		if (str_starts(list, S("@")))
			continue;
		while (list.len) {
			Str selector = str_cut(&list, ','), positive = str_sub(selector, 0, str_search(selector, S(":not"), 0));
			bool used = true;
			for (size_t i = 0; (i = str_find(positive, '.', i)) < positive.len; i++) {
				size_t n = 0;
				while (i + 1 + n < positive.len && !strchr(" .:>", positive.at[i + 1 + n]))
					n++;
				used = used && is_class_in(classed, str_sub(positive, i + 1, i + 1 + n));
			}
			used ? kept++ : dropped++;
			bool found = false;
			for (Str lines = cut; lines.len && !found; ) {
				Str line_body = str_cut(&lines, '\n'), line_list = str_cut(&line_body, '{');
				while (line_list.len)
					found |= str_eq(str_cut(&line_list, ','), selector) &&
					         str_eq(str_sub(line_body, 0, line_body.len - 1), body);
			}
			EXPECT_INT(found, used);
		}
	}
	EXPECT(kept > 80 && dropped > 80);
	/* Faces of every family a kept rule names, and of no other. */
	EXPECT(str_search(fonts, S("KaTeX_Main-Regular.woff2\n"), 0) < fonts.len);
	EXPECT(str_search(fonts, S("KaTeX_Fraktur-Regular.woff2\n"), 0) < fonts.len);
	EXPECT_INT(str_search(cut, S(".ttf"), 0), cut.len);
	katex_css_cut(full_css, S("<span class=\"katex\"><span class=\"mord\">"), &a, &fonts);
	EXPECT_STR(fonts, "KaTeX_Main-Bold.woff2\nKaTeX_Main-BoldItalic.woff2\nKaTeX_Main-Italic.woff2\n"
	                  "KaTeX_Main-Regular.woff2\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_style_joins_the_class),
		CASE(a_style_alone_becomes_a_class),
		CASE(what_has_no_style_stays_as_it_is),
		CASE(formulas_keep_all_but_their_styles),
		CASE(the_sheet_is_sorted_and_has_each_rule_once),
		CASE(every_class_made_has_a_rule),
		CASE(one_class_for_two_styles_is_a_failure),
		CASE(a_style_that_could_end_its_rule_is_a_failure),
		CASE(a_rule_is_kept_if_all_its_classes_are_there),
		CASE(strings_and_comments_hold_no_rules),
		CASE(the_cut_sheet_keeps_all_that_formulas_use),
	};
	return cmocka_run_group_tests(tests, make_formulas, NULL);
}
