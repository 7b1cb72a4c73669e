/* What an essay's text and its results become in HTML. */
#include "test.h"

#include <time.h>

#include "../../tangle/arena.h"
#include "../../tangle/siteindex.h"
#include "../../tangle/weave.h"

#define HEAD "---\ntitle: T\ncategory: C\nsummary: S\ndate: 2026-01-20\n---\n\n"

static struct arena whole;
static struct arena arena;

static int set_up(void **state)
{
	(void)state;
	arena = whole;
	diag_errors = 0;
	return 0;
}

static Str as_given(void *ctx, Str tex, bool display)
{
	(void)ctx;
	return str_fmt(&arena, "<math%s>%.*s</math>", display ? " display" : "", STR_ARG(tex));
}

static Str to_html(void *ctx, Str url, Span at)
{
	(void)ctx;
	(void)at;
	return str_eq(url, S("other.md#x")) ? S("other.html#x") : (Str){0};
}

static struct doc *parse(Str text)
{
	struct file *file = NEW(&arena, struct file);
	*file = (struct file){S("essays/t.md"), str_join(&arena, S(HEAD), text)};
	return doc_parse(file, &arena);
}

/* Weave with what `in` has of results. */
static struct woven weave_with(Str text, struct weave in)
{
	struct doc *doc = parse(text);
	in.doc = doc;
	in.math_html = as_given;
	in.link = to_html;
	struct woven woven = weave(&in, &arena);
	doc_close(doc);
	return woven;
}

static Str body_of(const char *text)
{
	return weave_with(str_of(text), (struct weave){0}).body;
}

static bool has(Str text, const char *part)
{
	return str_search(text, str_of(part), 0) < text.len;
}

static const struct chunk *chunk_of(const struct doc *doc, const char *name)
{
	return doc_chunk(doc, str_of(name));
}

TEST(plain_markdown_is_as_cmark_prints_it)
{
	EXPECT_STR(body_of("A *b* **c** ~~d~~ `e <` [f](g.html \"h\")  \ni\n\n> j\n\n---\n"),
	           "<p>A <em>b</em> <strong>c</strong> <del>d</del> <code>e &lt;</code> "
	           "<a href=\"g.html\" title=\"h\">f</a><br>\ni</p>\n"
	           "<blockquote>\n<p>j</p>\n</blockquote>\n<hr>\n");
}

TEST(tight_and_loose_lists_differ)
{
	EXPECT_STR(body_of("- a\n- b\n  - c\n"), "<ul>\n<li>a</li>\n<li>b\n<ul>\n<li>c</li>\n</ul>\n</li>\n</ul>\n");
	EXPECT_STR(body_of("3. a\n\n4. b\n"), "<ol start=\"3\">\n<li><p>a</p>\n</li>\n<li><p>b</p>\n</li>\n</ol>\n");
	EXPECT(has(body_of("- [x] done\n"), "<li class=\"task\"><input type=\"checkbox\" aria-label=\"done\" disabled checked> done</li>"));
}

TEST(tables_have_a_head_and_alignments)
{
	EXPECT_STR(body_of("| a | b |\n|---|--:|\n| c | d |\n"),
	           "<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"Table\"><table>\n"
	           "<thead>\n<tr><th scope=\"col\" class=\"left\">a</th><th scope=\"col\" class=\"right\">b</th></tr>\n</thead>\n"
	           "<tbody>\n<tr><td class=\"left\">c</td><td class=\"right\">d</td></tr>\n</tbody>\n</table></div>\n");
}

TEST(raw_html_is_not_printed)
{
	EXPECT_STR(body_of("a <script>x</script> b\n\n<div onclick=x>\n\n&lt;i&gt;\n"), "<p>a x b</p>\n<p>&lt;i&gt;</p>\n");
}

TEST(dangerous_links_lose_their_address)
{
	EXPECT_STR(body_of("[a](javascript:x) [b](<java&#10;script:x>) ![c](//evil/x.png)\n"), "<p>a b c</p>\n");
	EXPECT_INT(diag_errors, 1);
}

TEST(links_are_rewritten)
{
	EXPECT_STR(body_of("[a](other.md#x)\n"), "<p><a href=\"other.html#x\">a</a></p>\n");
}

TEST(broken_fragment_is_an_error)
{
	body_of("[a](#nowhere)\n");
	EXPECT_INT(diag_errors, 1);
	diag_errors = 0;
	body_of("[a](#some-words)\n\n## Some words\n");
	EXPECT_INT(diag_errors, 0);
}

TEST(local_images_have_their_alternative)
{
	EXPECT_STR(body_of("![a *b* `c`](x.png)\n"), "<p><img src=\"x.png\" alt=\"a b c\" loading=\"lazy\"></p>\n");
}

TEST(note_stands_beside_its_line)
{
	EXPECT_STR(body_of("A[^1] b[^1].\n\n[^1]: c *d*\n\n    e\n"),
	           "<p>A<sup class=\"r\" id=\"noteref-1\"><a href=\"#note-1\" aria-label=\"Note 1\">1</a></sup>"
	           "<span class=\"sn\" id=\"note-1\" role=\"note\"><b>1</b> c <em>d</em><span class=\"par\">e</span></span>"
	           " b<sup class=\"r\" id=\"noteref-1-2\"><a href=\"#note-1\" aria-label=\"Note 1\">1</a></sup>.</p>\n");
}

TEST(note_with_blocks_follows_its_paragraph)
{
	EXPECT_STR(body_of("A[^1].\n\n[^1]: b\n\n    - c\n"),
	           "<p>A<sup class=\"r\" id=\"noteref-1\"><a href=\"#note-1\" aria-label=\"Note 1\">1</a></sup>.</p>\n"
	           "<aside class=\"sn\" id=\"note-1\" role=\"note\"><b>1</b>\n<p>b</p>\n<ul>\n<li>c</li>\n</ul>\n</aside>\n");
}

TEST(notes_that_call_each_other_end)
{
	Str body = body_of("A[^1].\n\n[^1]: b[^2]\n[^2]: c[^1]\n");
	EXPECT(has(body, "id=\"note-1\""));
	EXPECT(has(body, "id=\"note-2\""));
}

TEST(headings_are_places)
{
	struct woven w = weave_with(S("## A & b {#sec-a}\n\n### C\n"), (struct weave){0});
	EXPECT_STR(w.body, "<h2 id=\"sec-a\">A &amp; b <a class=\"a\" href=\"#sec-a\" aria-label=\"Link to this section\">#</a></h2>\n"
	                   "<h3 id=\"c\">C <a class=\"a\" href=\"#c\" aria-label=\"Link to this section\">#</a></h3>\n");
	EXPECT_STR(w.toc, "<ol>\n<li><a href=\"#sec-a\">A &amp; b</a></li>\n</ol>\n");
}

TEST(heading_must_not_take_an_id_of_the_page)
{
	body_of("## Note 1\n");
	EXPECT_INT(diag_errors, 1);
}

TEST(numbered_equations_are_boxes)
{
	EXPECT_STR(body_of("$x<y$ is @eq-a\n\n$$\nE\n$$ {#eq-a}\n"),
	           "<p><math>x<y</math> is <a class=\"x\" href=\"#eq-a\">Equation\u00a01</a></p>\n"
	           "<div class=\"eq\" id=\"eq-a\" aria-label=\"Equation 1\" role=\"group\" tabindex=\"0\">"
	           "<math display>E</math><a class=\"no\" href=\"#eq-a\">(1)</a></div>\n");
}

TEST(chunks_say_where_they_are_used)
{
	Str body = body_of("```c {#b}\nint x = 1 < 2;\n```\n\n```c {#a .program}\n\t<<b>>\n```\n\n```c {#b}\ny\n```\n");
	EXPECT(has(body, "<figure class=\"code\" id=\"chunk-b\"><figcaption class=\"bar\"><span class=\"n\">⟨b⟩ ≡</span>"));
	EXPECT(has(body, "<span class=\"l\" id=\"b:1\"><i class=\"t\">int</i> x = <i class=\"n\">1</i> &lt; <i class=\"n\">2</i>;\n</span>"));
	EXPECT(has(body, "<span>Used in <a href=\"#chunk-a\">⟨a⟩</a></span>"));
	EXPECT(has(body, "<span>Uses <a href=\"#chunk-b\">⟨b⟩</a></span>"));
	EXPECT(has(body, "<span class=\"l\" id=\"a:1\">\t<a class=\"ref\" href=\"#chunk-b\">⟨b⟩</a>\n</span>"));
	EXPECT(has(body, "id=\"chunk-b.2\""));
	EXPECT(has(body, "<span class=\"l\" id=\"b.2:1\">y\n</span>"));
	EXPECT(has(body, "<span>Continued <a href=\"#chunk-b.2\">below</a></span>"));
	EXPECT(has(body, "<span>Continued from <a href=\"#chunk-b\">above</a></span>"));
	EXPECT(has(body, "<h2 id=\"weft-chunks\">"));
}

TEST(hidden_chunks_can_still_be_linked_to)
{
	Str body = body_of("```c {#a .program hide}\nint main;\n```\n");
	EXPECT(has(body, "<li id=\"chunk-a\">"));
	EXPECT(has(body, "id=\"out-a\""));
	EXPECT(!has(body, "int main"));
}

TEST(folded_chunks_are_details)
{
	EXPECT(has(body_of("```c {#a .program fold}\nx\n```\n"), "id=\"chunk-a\"><details><summary class=\"bar\">"));
}

TEST(output_is_text)
{
	struct doc *doc = parse(S("```c {#a .program}\nx\n```\n"));
	struct woven_program p = {
		.chunk = chunk_of(doc, "a"), .evidence = EVIDENCE_RECORDED, .device = S("H200 & co"),
		.source_href = S("results/t/a.c"), .out = S("\033[1m<b>\n"), .err = S("&\n"), .status = 3, .ran = true,
		.out_omitted = 7,
	};
	struct weave in = {.doc = doc, .programs = &p};
	Str body = weave(&in, &arena).body;
	doc_close(doc);
	EXPECT(has(body, "<div class=\"out\" id=\"out-a\"><div class=\"bar\"><span>Output of <a href=\"results/t/a.c\">a.c</a></span>"));
	EXPECT(has(body, "<span>exit 3</span> <span>recorded on H200 &amp; co</span>"));
	EXPECT(has(body, "<code>&lt;b&gt;\n</code>"));
	EXPECT(has(body, "<p class=\"stream\">stderr</p>"));
	EXPECT(has(body, "7 bytes in the middle were not kept"));
}

TEST(long_output_is_shortened_and_kept_whole_in_a_fold)
{
	struct doc *doc = parse(S("```c {#a .program}\nx\n```\n"));
	struct buf out = buf_new(&arena, 256);
	for (int i = 1; i <= 30; i++)
		buf_fmt(&out, "%d\n", i);
	struct woven_program p = {.chunk = chunk_of(doc, "a"), .evidence = EVIDENCE_EXACT, .out = buf_str(&out), .ran = true};
	struct weave in = {.doc = doc, .programs = &p};
	Str body = weave(&in, &arena).body;
	doc_close(doc);
	EXPECT(has(body, "8\n…\n27\n28\n29\n30\n</code>"));
	EXPECT(has(body, "<details><summary>All 30 lines</summary>"));
}

TEST(values_link_to_what_they_came_from)
{
	Str names[] = {S("a"), S("other:b")};
	struct eval_value value[] = {{S("9.1 <GB>"), {names, 1}}, {S("1"), {names + 1, 1}}, {S("2"), {0}}};
	struct evaluation ev = {.value = value, .nvalues = 3};
	EXPECT_STR(weave_with(S("`{lua} x` `{lua} y` `{lua} z` `{lua} w`\n"), (struct weave){.ev = &ev}).body,
	           "<p><a class=\"v\" href=\"#out-a\"><data value=\"9.1 &lt;GB&gt;\" title=\"x\">9.1 &lt;GB&gt;</data></a> "
	           "<a class=\"v\" href=\"other.html#out-b\"><data value=\"1\" title=\"y\">1</data></a> "
	           "<data value=\"2\" title=\"z\">2</data> "
	           "<span class=\"missing\" title=\"w\">not computed</span></p>\n");
}

TEST(citations_are_author_and_year)
{
	struct bib_entry gu = {.key = S("gu"), .authors = S("Gu"), .year = S("2023"), .html = S("Gu. 2023.")};
	struct bib_entry dao = {.next = &gu, .key = S("dao"), .authors = S("Dao et al."), .year = S("2022"), .html = S("Dao. 2022.")};
	struct bib bib = {&dao};
	Str body = weave_with(S("A [@dao, p. 7; -@gu] b [@dao].\n"), (struct weave){.bib = &bib}).body;
	EXPECT_STR(body,
	           "<p>A (<a class=\"cite\" id=\"cite-dao-1\" href=\"#ref-dao\">Dao et al. 2022, p.\u00a07</a>; "
	           "<a class=\"cite\" id=\"cite-gu-1\" href=\"#ref-gu\">2023</a>) b "
	           "(<a class=\"cite\" id=\"cite-dao-2\" href=\"#ref-dao\">Dao et al. 2022</a>).</p>\n"
	           "<section class=\"sources\">\n<h2 id=\"weft-references\">References</h2>\n<ul class=\"refs\">\n"
	           "<li id=\"ref-dao\">Dao. 2022. <span class=\"back\">"
	           "<a href=\"#cite-dao-1\" aria-label=\"Back to citation 1\">↩</a> "
	           "<a href=\"#cite-dao-2\" aria-label=\"Back to citation 2\">2</a></span></li>\n"
	           "<li id=\"ref-gu\">Gu. 2023. <span class=\"back\">"
	           "<a href=\"#cite-gu-1\" aria-label=\"Back to citation 1\">↩</a></span></li>\n</ul>\n</section>\n");
}

TEST(unknown_citation_is_an_error)
{
	EXPECT_STR(body_of("A [@nobody].\n"), "<p>A (<span class=\"missing\">nobody</span>).</p>\n");
	EXPECT_INT(diag_errors, 1);
}

TEST(figures_are_drawn_twice_and_say_how)
{
	struct doc *doc = parse(S("```c {#a .program}\nx\n```\n\nSee @fig-f.\n\n"
	                          "```gnuplot {#fig-f .figure from=\"a\" caption=\"A $x$ < b.\" alt=\"c\"}\nplot x\n```\n"));
	struct woven_file file = {.name = S("io.tsv"), .href = S("results/t/a/io.tsv"), .digest = S("0123456789abcdef"), .rows = 8};
	struct woven_program p = {.chunk = chunk_of(doc, "a"), .evidence = EVIDENCE_EXACT, .files = &file, .ran = true};
	struct woven_figure f = {
		.chunk = chunk_of(doc, "fig-f"), .wide = S("<svg class=w></svg>"), .narrow = S("<svg class=n></svg>"),
		.file_href = S("figures/f.svg"), .script_digest = S("fedcba9876543210"),
	};
	struct weave in = {.doc = doc, .programs = &p, .figures = &f, .math_html = as_given};
	struct woven w = weave(&in, &arena);
	doc_close(doc);
	EXPECT(has(w.body, "See <a class=\"x\" href=\"#fig-f\">Figure\u00a01</a>."));
	EXPECT(has(w.body, "<figure class=\"plot\" id=\"fig-f\">\n<svg class=w></svg><svg class=n></svg><figcaption><b>Figure 1.</b> A <math>x</math> &lt; b.\n"));
	EXPECT(has(w.body, "<li><a href=\"#out-a\">a</a>, left <a href=\"results/t/a/io.tsv\">io.tsv</a>, 8 rows "
	                   "<code class=\"digest\" title=\"SHA-256 0123456789abcdef\">0123456789ab</code></li>"));
	EXPECT(has(w.body, "<a href=\"figures/f.svg\" download>SVG</a>"));
	EXPECT(has(w.body, "<span class=\"l\"><i class=\"k\">plot</i> x\n</span>"));
	EXPECT_INT(w.nfigures, 1);
}

TEST(tables_line_up_their_decimals)
{
	struct eval_column col[] = {{S("Name"), {0}, true}, {S("Time"), S("ms"), false}};
	Str cell[] = {S("a<b"), S("1.25"), S("b"), S("−12.5"), S("c"), S("3")};
	bool best[] = {false, true, false, false, false, false};
	struct eval_table t = {.chunk = S("tab-t"), .ncols = 2, .nrows = 3, .col = col, .cell = cell, .best = best};
	struct evaluation ev = {.tables = &t};
	Str body = weave_with(S("```lua {#tab-t .table caption=\"C.\"}\nreturn {}\n```\n"), (struct weave){.ev = &ev}).body;
	EXPECT(has(body, "<figure class=\"table\" id=\"tab-t\">\n<figcaption><b>Table 1.</b> C.</figcaption>"));
	EXPECT(has(body, "<th scope=\"col\" class=\"right\">Time <span class=\"unit\">ms</span></th>"));
	EXPECT(has(body, "<tr><td class=\"left\">a&lt;b</td><td class=\"right best\">1.25</td></tr>"));
	EXPECT(has(body, "<td class=\"right\"><span class=\"d1\">−12.5</span></td>"));
	EXPECT(has(body, "<td class=\"right\"><span class=\"i2\">3</span></td>"));
}

/* The badge's class and text for a claim over a program of this evidence. */
static Str badge(enum evidence evidence, bool holds, const char *fails, int *nheld)
{
	struct doc *doc = parse(S("```c {#a .program}\nx\n```\n\n```lua {#claim-c .claim}\nsays \"x\"\n```\n"));
	Str name = S("a");
	struct eval_check check = {holds, S("1 < 2")};
	struct eval_claim c = {
		.chunk = S("claim-c"), .says = S("N `x` $y$."), .holds = holds, .fails = str_of(fails),
		.check = &check, .nchecks = 1, .from = {&name, 1},
	};
	struct evaluation ev = {.claims = &c};
	struct woven_program p = {.chunk = chunk_of(doc, "a"), .evidence = evidence, .ran = true};
	struct weave in = {.doc = doc, .ev = &ev, .programs = &p, .math_html = as_given};
	struct woven w = weave(&in, &arena);
	doc_close(doc);
	*nheld = w.nheld;
	EXPECT_INT(w.nclaims, 1);
	EXPECT(has(w.body, "<p>N <code>x</code> <math>y</math>.</p>"));
	EXPECT(has(w.body, "1 &lt; 2</span>."));
	size_t from = str_search(w.body, S("<div class=\"claim "), 0) + S("<div class=\"claim ").len;
	Str rest = str_sub(w.body, from, w.body.len);
	Str css = str_cut(&rest, '"');
	rest = str_sub(rest, str_search(rest, S("class=\"b\">"), 0) + S("class=\"b\">").len, rest.len);
	Str text = str_cut(&rest, '<');
	return str_fmt(&arena, "%.*s: %.*s", STR_ARG(css), STR_ARG(text));
}

TEST(claims_wear_what_they_are_worth)
{
	int n;
	EXPECT_STR(badge(EVIDENCE_EXACT, true, NULL, &n), "ok: ✓ Checked");
	EXPECT_INT(n, 1);
	EXPECT_STR(badge(EVIDENCE_MEASURED, true, NULL, &n), "here: ✓ Measured here");
	EXPECT_STR(badge(EVIDENCE_RECORDED, true, NULL, &n), "here: ✓ Recorded");
	EXPECT_STR(badge(EVIDENCE_NONE, true, NULL, &n), "none: – Not recorded");
	EXPECT_INT(n, 0);
	EXPECT_STR(badge(EVIDENCE_EXACT, false, NULL, &n), "fails: ✗ Fails");
	EXPECT_INT(n, 0);
	EXPECT_STR(badge(EVIDENCE_EXACT, false, "a reason", &n), "not: ✗ Does not hold");
	EXPECT_INT(n, 1);
	EXPECT_STR(badge(EVIDENCE_EXACT, true, "a reason", &n), "fails: ✗ Holds, but is declared to fail");
	EXPECT_INT(n, 0);
}

TEST(draft_shows_what_lua_found)
{
	struct eval_problem inline_one = {.inline_index = 0, .block = -1, .message = S("no <such> thing")};
	struct eval_problem table = {.next = &inline_one, .chunk = S("tab-t"), .inline_index = -1, .block = -1, .message = S("bad & worse")};
	struct eval_value value = {S("1"), {0}};
	struct evaluation ev = {.value = &value, .nvalues = 1, .problems = &table};
	Str text = S("`{lua} x`\n\n```lua {#tab-t .table caption=\"C\"}\nreturn {}\n```\n");
	Str draft = weave_with(text, (struct weave){.ev = &ev, .draft = true}).body;
	EXPECT(has(draft, "<span class=\"missing\" title=\"no &lt;such&gt; thing\">failed</span>"));
	EXPECT(has(draft, "<div class=\"fault\" role=\"note\"><p><b>Not computed: <code>tab-t</code></b></p>"));
	EXPECT(has(draft, "bad &amp; worse"));
}

TEST(nothing_has_a_style_or_a_script)
{
	Str body = body_of("a *b* [c](d)\n\n| a |\n|:-:|\n| b |\n\n```c {#a .program}\nx\n```\n");
	EXPECT(!has(body, "style="));
	EXPECT(!has(body, "<script"));
	EXPECT(!has(body, "onclick"));
}

TEST(large_essays_are_woven_in_time)
{
	struct bib_entry entry = {.key = S("k"), .authors = S("A"), .year = S("2000"), .html = S("A.")};
	struct bib bib = {&entry};
	struct buf text = buf_new(&arena, 1 << 20);
	int n = 0;
	for (; text.len < 300000; n++) {
		buf_fmt(&text, "Words *and* `{lua} x` and $y$ and a note[^n%d] and [@k].\n\n[^n%d]: b\n\n", n, n);
		buf_fmt(&text, "```c {#c-%d}\n<<c-%d>>\n```\n\n", n, n + 1);
	}
	buf_fmt(&text, "```c {#c-%d}\nx\n```\n\n", n);
	for (int i = 0; i < 2000; i++)
		buf_z(&text, "*a **b ");
	struct doc *doc = parse(buf_str(&text));
	struct weave in = {.doc = doc, .bib = &bib, .math_html = as_given};
	clock_t from = clock();
	Str first = weave(&in, &arena).body;
	EXPECT(clock() - from < CLOCKS_PER_SEC * 2);
	EXPECT_INT(diag_errors, 0);
	EXPECT_STR(weave(&in, &arena).body, first);
	doc_close(doc);
}

TEST(captions_come_apart_into_pieces)
{
	Str rest = S("a `b` $c$ 5$ `"), part;
	EXPECT_INT(weave_inline_next(&rest, &part), INLINE_TEXT);
	EXPECT_STR(part, "a ");
	EXPECT_INT(weave_inline_next(&rest, &part), INLINE_CODE);
	EXPECT_STR(part, "b");
	EXPECT_INT(weave_inline_next(&rest, &part), INLINE_TEXT);
	EXPECT_INT(weave_inline_next(&rest, &part), INLINE_MATH);
	EXPECT_STR(part, "c");
	EXPECT_INT(weave_inline_next(&rest, &part), INLINE_TEXT);
	EXPECT_STR(part, " 5$ `");
	EXPECT_INT(rest.len, 0);
}

TEST(template_slots_are_filled)
{
	struct slot slots[] = {{S("a"), S("1 {{b}}")}, {S("b"), S("2")}};
	struct buf out = buf_new(&arena, 64);
	Str unknown;
	EXPECT(template_fill(S("x{{a}}y{{b}}{{ {{A}} }} {{"), slots, 2, &out, &unknown));
	EXPECT_STR(buf_str(&out), "x1 {{b}}y2{{ {{A}} }} {{");
	out.len = 0;
	EXPECT(!template_fill(S("{{a}}{{c}}."), slots, 2, &out, &unknown));
	EXPECT_STR(unknown, "c");
	EXPECT_STR(buf_str(&out), "1 {{b}}.");
}

TEST(the_list_says_what_each_essay_is)
{
	Str tags[] = {S("a"), S("b & c")};
	struct index_entry e = {
		.name = S("x"), .title = S("T <"), .category = S("C"), .summary = S("S"), .date = S("2026-01-02"),
		.tags = tags, .ntags = 2, .minutes = 1, .nclaims = 3, .nheld = 3,
	};
	EXPECT_STR(index_list(&e, 1, S(""), &arena),
	           "<ol class=\"list\">\n<li><p class=\"kick\">C</p><h2><a href=\"x.html\">T &lt;</a></h2><p>S</p>\n"
	           "<ul class=\"meta\"><li><time datetime=\"2026-01-02\">2 January 2026</time></li><li>1 minute</li>"
	           "<li>3 claims checked</li></ul>\n"
	           "<ul class=\"tags\" aria-label=\"Tags\"><li>a</li><li>b &amp; c</li></ul>\n</li>\n</ol>\n");
	e.nheld = 2;
	EXPECT(has(index_meta(&e, &arena), "2 of 3 claims checked"));
}

int main(void)
{
	struct CMUnitTest tests[] = {
		CASE(plain_markdown_is_as_cmark_prints_it),
		CASE(tight_and_loose_lists_differ),
		CASE(tables_have_a_head_and_alignments),
		CASE(raw_html_is_not_printed),
		CASE(dangerous_links_lose_their_address),
		CASE(links_are_rewritten),
		CASE(broken_fragment_is_an_error),
		CASE(local_images_have_their_alternative),
		CASE(note_stands_beside_its_line),
		CASE(note_with_blocks_follows_its_paragraph),
		CASE(notes_that_call_each_other_end),
		CASE(headings_are_places),
		CASE(heading_must_not_take_an_id_of_the_page),
		CASE(numbered_equations_are_boxes),
		CASE(chunks_say_where_they_are_used),
		CASE(hidden_chunks_can_still_be_linked_to),
		CASE(folded_chunks_are_details),
		CASE(output_is_text),
		CASE(long_output_is_shortened_and_kept_whole_in_a_fold),
		CASE(values_link_to_what_they_came_from),
		CASE(citations_are_author_and_year),
		CASE(unknown_citation_is_an_error),
		CASE(figures_are_drawn_twice_and_say_how),
		CASE(tables_line_up_their_decimals),
		CASE(claims_wear_what_they_are_worth),
		CASE(draft_shows_what_lua_found),
		CASE(nothing_has_a_style_or_a_script),
		CASE(large_essays_are_woven_in_time),
		CASE(captions_come_apart_into_pieces),
		CASE(template_slots_are_filled),
		CASE(the_list_says_what_each_essay_is),
	};
	for (size_t i = 0; i < sizeof tests / sizeof *tests; i++)
		tests[i].setup_func = set_up;
	whole = arena_map((size_t)1 << 30);
	return RUN(tests);
}
