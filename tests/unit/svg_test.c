/* gnuplot's drawings become small fragments that nothing can hide in. Runs from the root of the tree. */
#include "test.h"

#include <stdio.h>
#include <stdlib.h>

#include "../../tangle/arena.h"
#include "../../tangle/svg.h"
#include "../../tangle/xml.h"

static struct arena whole;

#define HEAD "<svg viewBox=\"0 0 100 50\" xmlns=\"http://www.w3.org/2000/svg\">"

static Str convert(Str svg, bool standalone, Str *problem)
{
	struct svg_labels labels = {
		.id = S("f"), .title = S("A <title>"), .desc = S("What \"it\" shows"),
		.standalone = standalone, .css_class = S("w"),
	};
	return svg_fragment(svg, &labels, &whole, problem);
}

/* The drawing between the wrapper's tags. */
static Str drawing(Str body)
{
	Str problem;
	Str all = convert(str_fmt(&whole, HEAD "%.*s</svg>", STR_ARG(body)), false, &problem);
	EXPECT_STR(problem, "");
	Str open = S("stroke-linejoin=\"round\">\n"), close = S("</g>\n</svg>\n");
	size_t from = str_search(all, open, 0) + open.len;
	EXPECT(str_ends(all, close));
	return str_sub(all, from, all.len - close.len);
}

static Str problem_with(Str svg)
{
	Str problem, fragment = convert(svg, false, &problem);
	EXPECT_STR(fragment, "");
	return problem;
}

static bool has(Str text, Str part)
{
	return str_search(text, part, 0) < text.len;
}

TEST(head_names_and_sizes_the_figure)
{
	Str problem;
	EXPECT_STR(convert(S(HEAD "</svg>"), false, &problem),
	           "<svg class=\"w\" viewBox=\"0 0 100 50\" width=\"100\" height=\"50\" role=\"img\" "
	           "aria-labelledby=\"f-t f-d\" font-family=\"var(--sans)\" font-size=\"13\">\n"
	           "<title id=\"f-t\">A &lt;title&gt;</title>\n"
	           "<desc id=\"f-d\">What &quot;it&quot; shows</desc>\n"
	           "<g fill=\"none\" stroke=\"currentColor\" stroke-linecap=\"round\" stroke-linejoin=\"round\">\n"
	           "</g>\n</svg>\n");
}

TEST(file_of_its_own_has_both_themes)
{
	Str problem, file = convert(S(HEAD "</svg>"), true, &problem);
	EXPECT(has(file, S("xmlns=\"http://www.w3.org/2000/svg\"")));
	EXPECT(has(file, S("--s1:#2b5c9e")));
	EXPECT(has(file, S("prefers-color-scheme:dark")));
}

TEST(theme_colours_become_variables)
{
	EXPECT_STR(drawing(S("<path stroke='rgb( 43,  92, 158)' d='M0,0 L1,1'/><rect fill=\"#B5482A\" width=\"1\" height=\"1\"/>"
	                     "<path stroke='rgb(1,2,3)' d='M0,0 L1,1'/>")),
	           "<path stroke=\"var(--s1)\" d=\"M0,0L1,1\"/>\n"
	           "<rect fill=\"var(--s2)\" width=\"1\" height=\"1\"/>\n"
	           "<path stroke=\"#010203\" d=\"M0,0L1,1\"/>\n");
}

TEST(numbers_have_one_decimal)
{
	EXPECT_STR(drawing(S("<polygon points='1.26,-0.04 2.00,3.449 '/><path fill-opacity='0.160000' d='M-1.330,0 h2 v-0.01 z'/>")),
	           "<polygon points=\"1.3,0 2,3.4\"/>\n<path fill-opacity=\"0.16\" d=\"M-1.3,0h2v0z\"/>\n");
}

TEST(paths_drop_moves_that_draw_nothing)
{
	EXPECT_STR(drawing(S("<path d='M1,1 M2,2 L9,2 L9,2 L9,5 M7,7'/>")), "<path d=\"M2,2H9V5\"/>\n");
	EXPECT_STR(drawing(S("<path d='M2,2 L2,2'/>")), "<path d=\"M2,2h0\"/>\n");
}

TEST(groups_that_say_nothing_go)
{
	EXPECT_STR(drawing(S("<g id=\"gnuplot_canvas\"><g fill=\"none\" color=\"black\" stroke=\"currentColor\" "
	                     "stroke-width=\"1.00\" stroke-linecap=\"round\" stroke-linejoin=\"round\">\n</g>"
	                     "<g stroke-width=\"2.20\"><path d='M0,0 L1,1'/><path stroke-width='2.2' d='M0,0 L2,2'/></g></g>")),
	           "<g stroke-width=\"2.2\">\n<path d=\"M0,0L1,1\"/>\n<path d=\"M0,0L2,2\"/>\n</g>\n");
}

TEST(labels_are_one_element)
{
	EXPECT_STR(drawing(S("<g transform=\"translate(67.93,297.93)\" stroke=\"none\" fill=\"rgb(109,105,97)\" font-family=\"Inter\" "
	                     "font-size=\"13.00\"  text-anchor=\"end\"><text><tspan font-family=\"Inter\" > 0</tspan></text></g>")),
	           "<text stroke=\"none\" fill=\"var(--fig-muted)\" text-anchor=\"end\" x=\"67.9\" y=\"297.9\">0</text>\n");
}

TEST(turned_labels_keep_their_transform)
{
	EXPECT_STR(drawing(S("<g transform=\"translate(1,2) rotate(-90)\"><text>up</text></g>")),
	           "<text transform=\"translate(1,2) rotate(-90)\">up</text>\n");
}

TEST(preserved_blanks_stay)
{
	EXPECT_STR(drawing(S("<text xml:space=\"preserve\">  a  b</text>")),
	           "<text>\u00a0\u00a0a \u00a0b</text>\n");
}

TEST(hostile_labels_stay_text)
{
	EXPECT_STR(drawing(S("<text>&lt;/text>&lt;script>alert(1)&lt;/script> &amp; \"q\" &#60;b&#x3e;</text>")),
	           "<text>&lt;/text&gt;&lt;script&gt;alert(1)&lt;/script&gt; &amp; &quot;q&quot; &lt;b&gt;</text>\n");
}

TEST(dots_join_into_one_path)
{
	EXPECT_STR(drawing(S("<defs><circle id='gpPt5' r='1'/><use xlink:href='#gpPt5' id='gpPt6' fill='currentColor'/></defs>"
	                     "<use xlink:href='#gpPt6' transform='translate(1.00,2.00) scale(2.68)' color='rgb( 43,  92, 158)'/>\n"
	                     "<use xlink:href='#gpPt6' transform='translate(3.00,4.00) scale(2.68)' color='rgb( 43,  92, 158)'/>\n"
	                     "<use xlink:href='#gpPt6' transform='translate(5.00,6.00) scale(2.68)' color='rgb(181,  72,  42)'/>")),
	           "<path stroke=\"var(--s1)\" stroke-width=\"5.4\" d=\"M1,2h0M3,4h0\"/>\n"
	           "<path stroke=\"var(--s2)\" stroke-width=\"5.4\" d=\"M5,6h0\"/>\n");
}

TEST(used_symbols_stay_and_are_named_for_the_figure)
{
	Str problem;
	Str all = convert(S(HEAD "<defs><path id='gpPt7' d='M0,0 L1,1'/><path id='gpPt9' d='M0,0 L1,1'/>"
	                    "<use id='gpPt8' xlink:href='#gpPt7' fill='currentColor'/></defs>"
	                    "<use xlink:href='#gpPt8' transform='translate(1,2) scale(3)'/></svg>"), false, &problem);
	EXPECT(has(all, S("<path id=\"f-gpPt7\"")));
	EXPECT(has(all, S("<use id=\"f-gpPt8\" href=\"#f-gpPt7\"")));
	EXPECT(has(all, S("<use href=\"#f-gpPt8\"")));
	EXPECT(!has(all, S("gpPt9")));
}

TEST(symbols_in_a_circle_end)
{
	Str problem;
	convert(S(HEAD "<defs><use id='a' xlink:href='#b'/><use id='b' xlink:href='#a'/></defs><use xlink:href='#a'/></svg>"),
	        false, &problem);
	EXPECT_STR(problem, "");
}

TEST(what_is_not_listed_is_refused)
{
	static const struct { const char *body, *problem; } bad[] = {
		{"<script>alert(1)</script>", "line 1: element not allowed: 'script'"},
		{"<foreignObject/>", "line 1: element not allowed: 'foreignObject'"},
		{"<image xlink:href='data:image/png;base64,x'/>", "line 1: element not allowed: 'image'"},
		{"<style>*{}</style>", "line 1: element not allowed: 'style'"},
		{"<a xlink:href='#x'/>", "line 1: element not allowed: 'a'"},
		{"<animate attributeName='x'/>", "line 1: element not allowed: 'animate'"},
		{"<g onclick='x'/>", "line 1: attribute not allowed: 'onclick'"},
		{"<g style='fill:red'/>", "line 1: attribute not allowed: 'style'"},
		{"<use href='#x'/>", "line 1: attribute not allowed: 'href'"},
		{"<use xlink:href='http://x/'/>", "line 1: malformed value of 'xlink:href'"},
		{"<use xlink:href='#gpPt1'/>", "line 1: reference to an unknown symbol: '#gpPt1'"},
		{"<rect fill='url(#x)'/>", "line 1: malformed value of 'fill'"},
		{"<rect fill='red\"onload='/>", "line 1: malformed value of 'fill'"},
		{"<path d='M0,0 L1'/>", "line 1: malformed value of 'd'"},
		{"<path d='M0,0 X1,1'/>", "line 1: malformed value of 'd'"},
		{"<g transform='matrix(1,0,0,1,0,0)'/>", "line 1: malformed value of 'transform'"},
		{"<rect width='1e999'/>", "line 1: malformed value of 'width'"},
		{"\n<g>words</g>", "line 2: text outside a label in 'g'"},
	};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		EXPECT_STR(problem_with(str_fmt(&whole, HEAD "%s</svg>", bad[i].body)), bad[i].problem);
}

TEST(what_is_not_plain_xml_is_refused)
{
	static const struct { const char *text, *problem; } bad[] = {
		{"", "line 1: no element"},
		{"<!DOCTYPE svg>" HEAD "</svg>", "line 1: neither element nor text: '<!DOCTYPE'"},
		{HEAD "<!-- x --></svg>", "line 1: neither element nor text: '<!-- x --'"},
		{HEAD "<![CDATA[x]]></svg>", "line 1: neither element nor text: '<![CDATA['"},
		{HEAD "&nbsp;</svg>", "line 1: unknown reference '&nbsp;'"},
		{HEAD "&#0;</svg>", "line 1: unknown reference '&#0;'"},
		{HEAD "&#xd800;</svg>", "line 1: unknown reference '&#xd800;'"},
		{HEAD "<g></svg>", "line 1: wrong end tag inside 'g'"},
		{HEAD "<g", "line 1: expected a blank or '>' in 'g'"},
		{HEAD "<g / >", "line 1: expected an attribute or '>' in 'g'"},
		{HEAD "<g a='1' a='2'/></svg>", "line 1: attribute given twice: 'a'"},
		{HEAD "<g a='1'b='2'/></svg>", "line 1: expected a blank or '>' in 'g'"},
		{HEAD "</svg><svg/>", "line 1: something follows the root element"},
		{HEAD "\n\n<g a=1/></svg>", "line 3: expected a quoted value for 'a'"},
		{HEAD "\xff</svg>", "line 1: invalid UTF-8"},
		{HEAD "\x01</svg>", "line 1: a control character"},
		{"<g/>", "line 1: the root is not 'svg' but 'g'"},
		{"<svg viewBox='0 0 1'/>", "line 1: malformed value of 'viewBox'"},
	};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		EXPECT_STR(problem_with(str_of(bad[i].text)), bad[i].problem);
}

TEST(deep_nesting_is_refused)
{
	struct buf deep = buf_new(&whole, 1 << 20);
	buf_z(&deep, HEAD);
	for (int i = 0; i < 100000; i++)
		buf_z(&deep, "<g>");
	EXPECT_STR(problem_with(buf_str(&deep)), "line 1: nested too deeply: 'g'");
}

TEST(every_truncation_is_refused)
{
	Str svg = S(HEAD "<g fill=\"none\"><text>a &amp; b</text><path d='M0,0 L1,1'/></g></svg>");
	for (size_t n = 0; n < svg.len; n++) {
		Str part = str_sub(svg, 0, n);
		/* A copy that ends where its memory ends: reading on is seen by the sanitizer. */
		char *alone = malloc(n ? n : 1);
		memcpy(alone, part.at, n);
		EXPECT(problem_with((Str){alone, n}).len > 0);
		free(alone);
	}
}

/* What gnuplot itself draws with the theme, labels with markup among them. */
TEST(gnuplot_draws_what_is_allowed)
{
	static const char script[] =
		"gnuplot -e 'NAME=\"t\"' -e 'load \"figures/theme.gp\"' "
		"-e 'set label 1 \"x^2 </text><script> & a_{i}\" at 1,1 tc rgb MUTED' "
		"-e 'set style fill solid 0.3 noborder' "
		"-e 'plot [0:4] x with linespoints ls 1, x*x with points pt 9, 2*x with boxes lc rgb S3, x with filledcurves y1=0 lc rgb S2' 2>/dev/null";
	struct buf svg = buf_new(&whole, 1 << 16);
	char piece[4096];
	FILE *in = popen(script, "r");
	for (size_t n; in && (n = fread(piece, 1, sizeof piece, in)); )
		buf_add(&svg, (Str){piece, n});
	if (!in || pclose(in) || !svg.len) {
		print_message("skipped: no gnuplot\n");
		skip();
	}
	Str problem, fragment = convert(buf_str(&svg), false, &problem);
	EXPECT_STR(problem, "");
	EXPECT(fragment.len < svg.len);
	EXPECT(has(fragment, S("var(--s1)")));
	EXPECT(!has(fragment, S("<script")));
	EXPECT(!has(fragment, S("style=")));
	Str again;
	EXPECT_STR(convert(buf_str(&svg), false, &again), fragment);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(head_names_and_sizes_the_figure),
		CASE(file_of_its_own_has_both_themes),
		CASE(theme_colours_become_variables),
		CASE(numbers_have_one_decimal),
		CASE(paths_drop_moves_that_draw_nothing),
		CASE(groups_that_say_nothing_go),
		CASE(labels_are_one_element),
		CASE(turned_labels_keep_their_transform),
		CASE(preserved_blanks_stay),
		CASE(hostile_labels_stay_text),
		CASE(dots_join_into_one_path),
		CASE(used_symbols_stay_and_are_named_for_the_figure),
		CASE(symbols_in_a_circle_end),
		CASE(what_is_not_listed_is_refused),
		CASE(what_is_not_plain_xml_is_refused),
		CASE(deep_nesting_is_refused),
		CASE(every_truncation_is_refused),
		CASE(gnuplot_draws_what_is_allowed),
	};
	whole = arena_map(1 << 28);
	return RUN(tests);
}
