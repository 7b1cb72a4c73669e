/* The parser: what an essay's text becomes, where each thing is, and what is said of mistakes. */
#include "../../tangle/doc.h"

#include <cmark-gfm.h>
#include <cmark-gfm-extension_api.h>
#include <cmark-gfm-core-extensions.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "../../tangle/arena.h"
#include "../../tangle/mark.h"
#include "../../tangle/place.h"
#include "../../tangle/sweep.h"
#include "test.h"

/* Seven lines, so that a body begins on line 8. */
#define HEAD "---\ntitle: T\ncategory: C\nsummary: S\ndate: 2026-01-20\n---\n\n"

static struct arena whole, arena;

static int set_up(void **state)
{
	(void)state;
	whole = arena = arena_map((size_t)1 << 32);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	arena_unmap(whole);
	return 0;
}

static struct doc *parse(const char *text)
{
	struct file *file = NEW(&arena, struct file);
	*file = (struct file){S("essays/t.md"), str_of(text)};
	return doc_parse(file, &arena);
}

/* What is said on stderr while an essay is parsed. */
static Str parse_said(Str text)
{
	FILE *said = tmpfile();
	EXPECT(said != NULL);
	int keep = dup(2);
	dup2(fileno(said), 2);
	struct file file = {S("essays/t.md"), text};
	struct doc *doc = doc_parse(&file, &arena);
	doc_close(doc);
	fflush(stderr);
	dup2(keep, 2);
	close(keep);
	fseek(said, 0, SEEK_END);
	long size = ftell(said);
	rewind(said);
	char *copy = NEWS(&arena, char, (size_t)size + 1);
	EXPECT(fread(copy, 1, (size_t)size, said) == (size_t)size);
	fclose(said);
	return (Str){copy, (size_t)size};
}

/* The document as text, from its first line that is not of the head. */
static Str printed(const char *body)
{
	int before = diag_errors;
	struct doc *doc = parse(str_join(&arena, S(HEAD), str_of(body)).at);
	EXPECT_INT(diag_errors, before);
	struct buf out = buf_new(&arena, 1000);
	doc_print(doc, &out);
	doc_close(doc);
	Str text = buf_str(&out);
	for (int i = 0; i < 5; i++)
		str_cut(&text, '\n');
	return text;
}

TEST(head_is_read)
{
	struct doc *doc = parse("---\ntitle: 'A: b'\ncategory: C\nsummary: >\n  one\n  two\ndate: 2024-02-29\n"
	                        "updated: 2026-12-31\ntags: [x, 'y z']\ndraft: true\nminutes: 7\n---\ntext\n");
	EXPECT_STR(doc->name, "t");
	EXPECT_STR(doc->front.title, "A: b");
	EXPECT_STR(doc->front.summary, "one two");
	EXPECT_STR(doc->front.date, "2024-02-29");
	EXPECT_STR(doc->front.updated, "2026-12-31");
	EXPECT_INT(doc->front.ntags, 2);
	EXPECT_STR(doc->front.tags[1], "y z");
	EXPECT(doc->front.draft);
	EXPECT_INT(doc->front.minutes, 7);
	EXPECT_INT(doc->front.at_minutes.line, 11);
	EXPECT_INT(doc->front.at_minutes.col, 10);
	doc_close(doc);
}

TEST(chunks_of_one_name_are_one)
{
	EXPECT_STR(printed("```c {#p .program args=\"a b\"}\n<<x>>\n```\n\n```c {#x}\n1\n2\n```\n\n```c {#x fold}\n3\n```\n"),
	           "chunk program 8:1 c p\n"
	           "  option args 8:25 \"a b\"\n"
	           "  block 8:1 body 9:1 lines 1\n"
	           "  uses 9:1 x\n"
	           "chunk shown 12:1 c x used\n"
	           "  block 12:1 body 13:1 lines 2\n"
	           "  block 17:1 body 18:1 lines 1 fold\n"
	           "anchor 8:7 p\n"
	           "anchor 12:7 x\n");
}

TEST(values_keep_the_backslashes_of_tex)
{
	struct doc *doc = parse(HEAD "```gnuplot {#fig-a .figure from=\"p\" caption=\"$\\frac{a}{b}$ \\\"q\\\" \\\\ &amp;\" alt=x}\n"
	                        "plot 1\n```\n");
	EXPECT_STR(doc->chunks->opt.value[OPT_CAPTION].text, "$\\frac{a}{b}$ \"q\" \\ &amp;");
	EXPECT_INT(doc->chunks->opt.value[OPT_CAPTION].at.col, 46);
	doc_close(doc);
}

TEST(places_hold_within_quotes_and_lists)
{
	EXPECT_STR(printed("> text\n>   $x$ and `{lua} a\n> +b`\n> $y$\n\n"
	                   "1. item\n\n   ```c {#a}\n     <<b>>\n   ```\n\n   $$\n   z\n   $$ {#eq-z}\n\n"
	                   "```c {#b}\n<<c>>\n```\n~~~c {#c hide}\n~~~\n```c {#d .program}\n  <<a>>\n```\n"),
	           "chunk shown 15:4 c a used\n"
	           "  block 15:4 body 16:1 lines 1\n"
	           "  uses 16:6 b\n"
	           "chunk shown 23:1 c b used\n"
	           "  block 23:1 body 24:1 lines 1\n"
	           "  uses 24:1 c\n"
	           "chunk shown 26:1 c c used\n"
	           "  option hide 26:10\n"
	           "  block 26:1 body 27:1 lines 0 hide\n"
	           "chunk program 28:1 c d\n"
	           "  block 28:1 body 29:1 lines 1\n"
	           "  uses 29:3 a\n"
	           "lua 0 9:20 \"a +b\"\n"
	           "math 9:6 \"x\"\n"
	           "math 11:4 \"y\"\n"
	           "display 20:4 \"z\" eq-z 1\n"
	           "anchor 15:10 a\n"
	           "anchor 21:8 eq-z 1\n"
	           "anchor 23:7 b\n"
	           "anchor 26:7 c\n"
	           "anchor 28:7 d\n");
}

TEST(places_hold_within_tables_and_behind_link_definitions)
{
	EXPECT_STR(printed("para $a$\n| x | $b$ |\n|---|---|\n| p \\| q `{lua} r` | $s$ |\n\n"
	                   "[l]: /u\n[m]: /v\nlast $t$ [l]\n"),
	           "lua 0 11:17 \"r\"\n"
	           "math 8:7 \"a\"\n"
	           "math 9:8 \"b\"\n"
	           "math 11:23 \"s\"\n"
	           "math 15:7 \"t\"\n");
}

TEST(carriage_returns_change_nothing)
{
	EXPECT_STR(printed("## H\r\n\r\n$x$\r\n\r\n```c {#p .program}\r\nint x;\r\n```\r\n"),
	           printed("## H\n\n$x$\n\n```c {#p .program}\nint x;\n```\n"));
}

TEST(blocks_close_in_any_container)
{
	EXPECT_STR(parse_said(S(HEAD "- ```c\n  x\n  ```\n- > ~~~\n  > y\n  > ~~~~  \n  >\n  > - ```\n  >   ```\n\n"
	                        "1. ````\n   ```\n   ````\n```\nz\n```")), "");
}

TEST(math_is_told_from_money)
{
	EXPECT_STR(printed("$5 and $6, $5,$6, US$5 nor 5$, \\$x$, `$c$`, $ x$, $y `z` w$\n\n$a\\$b$ $c_1 *d* e_2$ ($f$)\n"),
	           "math 10:2 \"a\\\\$b\"\n"
	           "math 10:9 \"c_1 *d* e_2\"\n"
	           "math 10:24 \"f\"\n");
}

TEST(displays_stand_alone_or_in_a_paragraph)
{
	EXPECT_STR(printed("$$\n- a\n# b\n$$ {#eq-one}\n\ntext $$c$$ {#eq-two} and $$\nd\n$$ {x}\n"),
	           "display 9:1 \"- a\\n# b\" eq-one 1\n"
	           "display 13:8 \"c\" eq-two 2\n"
	           "display 14:1 \"d\"\n"
	           "anchor 11:5 eq-one 1\n"
	           "anchor 13:13 eq-two 2\n");
}

TEST(citations_are_grouped)
{
	EXPECT_STR(printed("A [@a, p. 7;\n-@b:c_d] b [-@e].\n\n[@x](/u) \\[@y\\] `[@z]` a@b.c @w\n"),
	           "cite 8:4 a \"p. 7\" group 1\n"
	           "cite 9:2 -b:c_d group 1 last\n"
	           "cite 9:14 -e group 2 last\n");
}

TEST(brackets_of_citations_leave_the_tree)
{
	struct doc *doc = parse(HEAD "A [@a, p. 7; -@b].\n");
	cmark_node *node = cmark_node_first_child(cmark_node_first_child(doc->root));
	EXPECT_STR(cmark_node_get_literal(node), "A ");
	node = cmark_node_next(node);
	struct node_data *data = cmark_node_get_user_data(node);
	EXPECT_INT(data->kind, NODE_CITE);
	EXPECT_INT(cmark_node_get_type(node), CMARK_NODE_CODE);
	EXPECT(data->cite->node == node && data->cite == doc->cites);
	node = cmark_node_next(node);
	EXPECT(((struct node_data *)cmark_node_get_user_data(node))->cite == doc->cites->next);
	EXPECT_STR(cmark_node_get_literal(cmark_node_next(node)), ".");
	doc_close(doc);
}

TEST(references_are_words_with_a_known_prefix)
{
	EXPECT_STR(printed("## A {#sec-a}\n\n_see @sec-a_, (@sec-a). @figure @fig, x@sec-a.b, [l @sec-a](/u)\n"),
	           "heading 2 8:1 sec-a \"A\"\n"
	           "xref 10:6 sec-a\n"
	           "xref 10:16 sec-a\n"
	           "anchor 8:7 sec-a 1\n");
}

TEST(headings_get_slugs_that_differ)
{
	EXPECT_STR(printed("## One `two`\n\n### One two\n\n## B {x}\n\n## {#sec-e}\n\n## one-two\n"),
	           "heading 2 8:1 one-two \"One two\"\n"
	           "heading 3 10:1 one-two-2 \"One two\"\n"
	           "heading 2 12:1 b-x \"B {x}\"\n"
	           "heading 2 14:1 sec-e \"\"\n"
	           "heading 2 16:1 one-two-3 \"one-two\"\n"
	           "anchor 14:5 sec-e 3\n"
	           "anchor 8:1 one-two 1\n"
	           "anchor 10:1 one-two-2\n"
	           "anchor 12:1 b-x 2\n"
	           "anchor 16:1 one-two-3 4\n");
}

TEST(sweeps_are_products)
{
	struct sweep *s = sweep_parse(S("n=256,512 seed=3..1"), (Span){0}, &arena);
	EXPECT_INT(s->npoints, 6);
	EXPECT_STR(s->value[0][0], "256");
	EXPECT_STR(s->value[0][1], "3");
	EXPECT_STR(s->value[1][1], "2");
	EXPECT_STR(s->value[5][0], "512");
	EXPECT_STR(s->value[5][1], "1");
}

TEST(places_of_chunks_become_the_essays)
{
	struct doc *doc = parse(HEAD "```c {#a .program}\n1\n```\n\n```c {#a}\n2\n3\n```\n");
	EXPECT_STR(place_translate(doc, S("In file included from essays/t.md#a:1,\n/s/essays/t.md#a.2:2:7: error: x\n"
	                                  "essays/t.md#a.2(1): warning\nessays/t.md#b:1: essays/t.md#a.3:1: essays/t.md#a:"), &arena),
	           "In file included from essays/t.md:9,\n/s/essays/t.md:14:7: error: x\n"
	           "essays/t.md:13: warning\nessays/t.md#b:1: essays/t.md#a.3:1: essays/t.md#a:");
	Span at;
	EXPECT(place_find(doc, S("x essays/t.md#a.2:1:5: error"), &at));
	EXPECT_INT(at.line, 13);
	EXPECT_INT(at.col, 5);
	EXPECT(!place_find(doc, S("essays/t.md#c:1:5: error"), &at));
	doc_close(doc);
}

/* An essay's body and the first line said of it. */
static const struct {
	const char *body, *said;
} mistakes[] = {
	{"# A\n", "8:1: error: a heading of level 1; the title is the head's, headings of the text begin at '##'"},
	{"## A {#a}\n", "8:7: error: a heading's id begins with 'sec-', not 'a'"},
	{"## A {#sec-a x}\n", "8:14: error: a heading takes an id alone, as {#sec-x}"},
	{"## A {#sec-a}\n\n## B {#sec-a}\n", "10:7: error: the id 'sec-a' is taken"},
	{"`{lua}`\n", "8:7: error: `{lua}` has no expression"},
	{"@fig-a\n", "8:1: error: unknown id 'fig-a'"},
	{"[see @a]\n", "8:6: error: a citation begins with its key: [@a, p. 7]; an '@' that is only text is written \\@"},
	{"[@a p. 7]\n", "8:2: error: a citation is of the form [@key, p. 7; -@other]; an '@' that is only text is written \\@"},
	{"[@a, *p*]\n", "8:2: error: a citation is of the form [@key, p. 7; -@other]; an '@' that is only text is written \\@"},
	{"$$\nx\n", "8:1: error: the display that begins here has no closing '$$'"},
	{"$$\n\n$$\n", "8:1: error: a display without TeX"},
	{"$$x$$ {#a}\n", "8:8: error: an equation's id begins with 'eq-', not 'a'"},
	{"$$x$$ {#eq-a b}\n", "8:14: error: an equation takes an id alone, as {#eq-x}"},
	{"$$\nx\n$$ {#eq-a} b\n", "10:11: error: text behind the equation's id"},
	{"$$ {#eq-a}\nx\n$$\n", "8:4: error: an equation's id stands behind its closing '$$'"},
	{"```c\nx\n", "8:1: error: the block that begins here has no closing '```'"},
	{"```c x\n```\n", "8:6: error: text behind the language 'c'; options stand in braces"},
	{"```c {#a\n```\n", "8:6: error: '{' has no closing '}' on its line"},
	{"```c {#a} b\n```\n", "8:11: error: text behind the '}' of an info string"},
	{"```c {#A}\n```\n", "8:8: error: the id 'A' is not a name: wanted a letter a-z, then letters, digits and '-'"},
	{"```c {#a #b}\n```\n", "8:10: error: a block has one id; 'a' is the first"},
	{"```c {#a .program .figure}\n```\n", "8:19: error: a block has one role; 'program' is the first"},
	{"```c {#a .progam}\n```\n", "8:10: error: unknown role '.progam'; did you mean 'program'?"},
	{"```c {.program}\n```\n", "8:6: error: a .program chunk has an id: {#name .program}"},
	{"```{#a}\n```\n", "8:4: error: the language is missing before '{'"},
	{"```c {#a .program args}\n```\n", "8:19: error: 'args' wants a value: args=TEXT"},
	{"```c {#a .program args=}\n```\n", "8:24: error: 'args=' has no value; an empty one is written \"\""},
	{"```c {#a .program args=\"x}\n```\n", "8:24: error: the value of 'args' has no closing '\"'"},
	{"```c {#a .program args=x args=y}\n```\n", "8:26: error: 'args' is set twice"},
	{"```c {#a .program arks=x}\n```\n", "8:19: error: unknown option 'arks'; did you mean 'args'?"},
	{"```c {#a .program measured=1}\n```\n", "8:28: error: 'measured' takes no value"},
	{"```c {#a args=x}\n```\n", "8:10: error: 'args' does not belong on a chunk that is only shown; it is for: programs"},
	{"```c {#a .program timeout=5x}\n```\n", "8:27: error: 'timeout' wants a value like 30s, not '5x'"},
	{"```c {#a .program memory=-1}\n```\n", "8:26: error: 'memory' wants a value like 4G, not '-1'"},
	{"```c {#a .program threads=0}\n```\n", "8:27: error: 'threads' wants a number in 1..1024, not '0'"},
	{"```c {#a .program output=loud}\n```\n", "8:26: error: 'output' wants one of hide|fold|show, not 'loud'"},
	{"```c {#a .program approx=rel=x}\n```\n", "8:26: error: 'approx' wants a value like \"rel=1e-6\", not 'rel=x'"},
	{"```c {#a .program inputs=\"x /y\"}\n```\n", "8:29: error: 'inputs': '/y' is not relative to the site"},
	{"```c {#a .program inputs=x/../y}\n```\n", "8:26: error: 'inputs': 'x/../y' is not a plain path, as texts/austen.txt"},
	{"```c {#a .program sweep=n}\n```\n", "8:25: error: 'n' is not of the form n=256,512 or seed=1..5"},
	{"```c {#a .program sweep=\"n=1 n=2\"}\n```\n", "8:30: error: 'n' stands twice in the sweep"},
	{"```c {#a .program sweep=\"n=1,\"}\n```\n", "8:30: error: a value is missing in '1,'"},
	{"```c {#a .program sweep=\"n=1..x\"}\n```\n", "8:28: error: '1..x' is not a range of whole numbers, as 1..5"},
	{"```c {#a .program sweep=\"n=1..99999\"}\n```\n", "8:28: error: the sweep has more than 10000 points"},
	{"```c {#fig-a .figure from=x caption=y alt=z}\n```\n", "8:1: error: a .figure chunk is written in gnuplot, not c"},
	{"```gnuplot {#fig-a .figure from=x caption=y}\n```\n", "8:1: error: the figure has no 'alt'"},
	{"```gnuplot {#a .figure from=x caption=y alt=z}\n```\n", "8:13: error: the id of a .figure chunk begins with 'fig-', not 'a'"},
	{"```c {#tab-a .program}\n```\n", "8:7: error: 'tab-a': ids that begin with 'tab-' are for .table chunks"},
	{"```c {#a .program}\n```\n\n```c {#a args=x}\n```\n",
	 "11:10: error: 'args' stands on the first block of a chunk; a later one may carry only hide or fold"},
	{"```c {#a .program}\n```\n\n```c {#a .program}\n```\n", "11:10: error: the role stands on the first block of 'a'"},
	{"```c {#a .program}\n```\n\n```cuda {#a}\n```\n", "11:4: error: 'a' is written in c, not cuda"},
	{"```c {#a .program}\n <<bb>>\n```\n\n```c {#bc}\n```\n", "9:2: error: undefined chunk 'bb'; did you mean 'bc'?"},
	{"```c {#a .program}\n<<a>>\n```\n", "9:1: error: chunk 'a' uses itself"},
	{"```c {#a .program}\n<<b>>\n```\n\n```c {#b}\n\n<<a>>\n```\n", "14:1: error: chunk 'a' uses itself"},
	{"```c {#a}\n```\n", "8:1: warning: no chunk uses 'a'"},
};

TEST(mistakes_are_said_at_their_place)
{
	for (size_t i = 0; i < sizeof mistakes / sizeof *mistakes; i++) {
		Str said = parse_said(str_join(&arena, S(HEAD), str_of(mistakes[i].body)));
		EXPECT_STR(str_cut(&said, '\n'), str_fmt(&arena, "essays/t.md:%s", mistakes[i].said));
	}
}

/* A whole text and the first line said of it. */
static const struct {
	Str text;
	const char *said;
} bad_texts[] = {
	{{"text\n", 5}, "1:1: error: an essay begins with its head: a line '---', then 'title: …'"},
	{{"", 0}, "1:1: error: an essay begins with its head: a line '---', then 'title: …'"},
	{{"---\ntitle: x\n", 13}, "1:1: error: the head that begins here has no closing '---'"},
	{{"---\ntitle: 'x\n---\n", 18}, "3:1: error: the head is not YAML: found unexpected end of stream"},
	{{"---\n- x\n---\n", 12}, "2:1: error: the head is a list of lines 'key: value'"},
	{{"---\ntitel: x\n---\n", 17}, "2:1: error: unknown key 'titel' in the head; did you mean 'title'?"},
	{{"---\ntitle:\n---\n", 15}, "2:7: error: 'title' is empty"},
	{{"---\ntitle: [a]\n---\n", 19}, "2:8: error: 'title' is one plain text"},
	{{"---\ndate: 2026-02-29\n---\n", 25}, "2:7: error: 'date' wants a date as 2026-01-20, not '2026-02-29'"},
	{{"---\ntags: x\n---\n", 16}, "2:7: error: 'tags' is a list, as [CUDA, Attention]"},
	{{"---\ntags: [[x]]\n---\n", 20}, "2:8: error: a tag is a plain text"},
	{{"---\ndraft: yes\n---\n", 19}, "2:8: error: 'draft' is true or false, not 'yes'"},
	{{"---\nminutes: 0\n---\n", 19}, "2:10: error: 'minutes' is a whole number from 1 to 600, not '0'"},
	{{"---\n---\n", 8}, "1:1: error: the head has no 'title'"},
	{{HEAD "a\xff", sizeof HEAD + 1}, "8:2: error: the text is not UTF-8 from here"},
	{{HEAD "a\0b", sizeof HEAD + 2}, "8:2: error: the text has a NUL byte"},
	{{HEAD "a\rb", sizeof HEAD + 2}, "8:2: error: a carriage return without a line feed"},
};

TEST(bad_texts_are_refused_at_their_place)
{
	for (size_t i = 0; i < sizeof bad_texts / sizeof *bad_texts; i++) {
		Str said = parse_said(bad_texts[i].text);
		EXPECT_STR(str_cut(&said, '\n'), str_fmt(&arena, "essays/t.md:%s", bad_texts[i].said));
	}
}

/* HEAD and `n` copies of a text. */
static Str many(const char *before, const char *text, size_t n)
{
	struct buf out = buf_new(&arena, n * strlen(text) + 1000);
	buf_z(&out, HEAD);
	buf_z(&out, before);
	for (size_t i = 0; i < n; i++)
		buf_z(&out, text);
	buf_char(&out, '\n');
	return buf_str(&out);
}

TEST(limits_are_kept)
{
	EXPECT_STR(parse_said(many("", "> ", 64)), "");
	EXPECT_STR(parse_said(many("", "- - -", 40)), "");
	EXPECT_STR(parse_said(many("a|\n", "-|", 64)), "");
	Str said = parse_said(many("", "> ", 65));
	EXPECT_STR(str_cut(&said, '\n'), "essays/t.md:8:1: error: quotes and lists are nested deeper than 64");
	said = parse_said(many("", "> ", 3000000));
	EXPECT_STR(str_cut(&said, '\n'), "essays/t.md:8:1: error: quotes and lists are nested deeper than 64");
	said = parse_said(many("> a|\n> ", "|-", 65));
	EXPECT_STR(str_cut(&said, '\n'), "essays/t.md:9:1: error: a table has more than 64 columns");
	said = parse_said(many("", "abcdefgh", 3 << 20));
	EXPECT_STR(str_cut(&said, '\n'), "essays/t.md: error: an essay has at most 16777216 bytes, this one 25165883");
}

/* A list that goes one deeper with each line. */
TEST(nesting_over_many_lines_is_limited)
{
	struct buf out = buf_new(&arena, 1 << 16);
	buf_z(&out, HEAD);
	for (int i = 0; i < 80; i++)
		buf_fmt(&out, "%*s- x\n", 2 * i, "");
	Str said = parse_said(buf_str(&out));
	EXPECT_STR(str_cut(&said, '\n'), "essays/t.md:73:1: error: quotes and lists are nested deeper than 64");
}

/* The tree as XML, through our parser or through cmark's alone. */
static char *tree(Str text, bool ours)
{
	static const char *const names[] = {"table", "strikethrough", "autolink", "tasklist"};
	struct file file = {S("t.md"), text};
	struct origin origin;
	cmark_parser *parser;
	cmark_node *root;
	if (ours) {
		root = mark_parse(&file, text, CMARK_OPT_FOOTNOTES, &parser, &origin, &arena);
	} else {
		parser = cmark_parser_new(CMARK_OPT_FOOTNOTES);
		for (int i = 0; i < 4; i++)
			cmark_parser_attach_syntax_extension(parser, cmark_find_syntax_extension(names[i]));
		cmark_parser_feed(parser, text.at, text.len);
		root = cmark_parser_finish(parser);
	}
	char *xml = cmark_render_xml(root, CMARK_OPT_DEFAULT);
	mark_free(root, parser);
	return xml;
}

/* Pieces without math, citations and references, but with all that looks like them. */
static const char *const pieces[] = {
	"a", "b ", "*", "**", "_", "__", "[", "]", "(", ")", "](/u)", "`", "``", "![", "<", ">", "> ", "&amp;",
	"\\", "@", "~", "~~", "|", "| ", "-", "- ", "\n", "\n", "\n", "\n\n", "www.a.com", "http://x.y/z", "a@b.c", "[@",
	"@user", "@a_b", "[^1]", "\n[^1]: note\n", "#", "## ", "1. ", "\t", " ", "    ", "---\n", "|---|---|\n",
	"| a | b |\n", "```\n", "~~~ x\n", "[a]: /url\n", "[@a]: /url\n", "[ ] ", "<a href=\"$\">", "<http://a@b>",
	"$ ", " 5$ ", "@b.c", "+", ".", "; @c", ",", ":", "===\n", "\xc3\xa9", "@_x_", "@www.a.com", "x@",
};

/* Is there a node of ours? Then the text had our syntax in it after all. */
static bool has_ours(const char *xml)
{
	return strstr(xml, "<math ") || strstr(xml, "<cite ") || strstr(xml, "<xref ");
}

TEST(trees_without_our_syntax_are_cmarks)
{
	enum { ROUNDS = 20000, LEAST = ROUNDS / 2 };
	unsigned seed = 1;
	int compared = 0;
	for (int round = 0; round < ROUNDS; round++) {
		struct arena keep = arena;
		struct buf text = buf_new(&arena, 400);
		seed = seed * 1103515245 + 12345;
		for (unsigned n = 1 + (seed >> 16) % 30; n; n--) {
			seed = seed * 1103515245 + 12345;
			buf_z(&text, pieces[(seed >> 16) % (sizeof pieces / sizeof *pieces)]);
		}
		int null = dup(2);
		EXPECT(freopen("/dev/null", "w", stderr) != NULL);
		char *ours = tree(buf_str(&text), true);
		dup2(null, 2);
		close(null);
		char *theirs = tree(buf_str(&text), false);
		if (!has_ours(ours)) {
			EXPECT_STR(ours, theirs);
			compared++;
		}
		free(ours);
		free(theirs);
		arena = keep;
	}
	EXPECT(compared > LEAST);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(head_is_read),
		CASE(chunks_of_one_name_are_one),
		CASE(values_keep_the_backslashes_of_tex),
		CASE(places_hold_within_quotes_and_lists),
		CASE(places_hold_within_tables_and_behind_link_definitions),
		CASE(carriage_returns_change_nothing),
		CASE(blocks_close_in_any_container),
		CASE(math_is_told_from_money),
		CASE(displays_stand_alone_or_in_a_paragraph),
		CASE(citations_are_grouped),
		CASE(brackets_of_citations_leave_the_tree),
		CASE(references_are_words_with_a_known_prefix),
		CASE(headings_get_slugs_that_differ),
		CASE(sweeps_are_products),
		CASE(places_of_chunks_become_the_essays),
		CASE(mistakes_are_said_at_their_place),
		CASE(bad_texts_are_refused_at_their_place),
		CASE(limits_are_kept),
		CASE(nesting_over_many_lines_is_limited),
		CASE(trees_without_our_syntax_are_cmarks),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
