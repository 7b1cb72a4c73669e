/* The Lua of essays: what it computes, where it says something is wrong, and that it ends. Run from the top of the tree. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../runtime/config.h"
#include "../../runtime/evaluate.h"
#include "../../runtime/setup.h"
#include "../../tangle/arena.h"
#include "../../tangle/evaluation.h"
#include "../../tangle/lua_source.h"
#include "../../tangle/sweep.h"
#include "test.h"

#define HEAD "---\ntitle: T\ncategory: C\nsummary: S\ndate: 2026-01-20\n---\n"
enum { HEAD_LINES = 6 };

#define NNBSP "\u202f"
#define NBSP  "\u00a0"
#define MINUS "\u2212"

static struct arena whole, arena, *a = &arena;

static Str slurp(const char *path)
{
	FILE *f = fopen(path, "r");
	if (!f)
		fatal("open '%s':", path);
	struct buf text = buf_new(a, 1 << 16);
	char part[4096];
	for (size_t n; (n = fread(part, 1, sizeof part, f)) > 0; )
		buf_add(&text, (Str){part, n});
	fclose(f);
	return buf_str(&text);
}

static struct doc *parse(const char *body)
{
	struct file *file = NEW(a, struct file);
	*file = (struct file){S("essays/t.md"), str_join(a, S(HEAD), str_of(body))};
	return doc_parse(file, a);
}

static struct table *table(const char *name, const char *text)
{
	Str problem = {0};
	struct table *t = tsv_parse(str_of(name), str_of(text), a, &problem);
	EXPECT_STR(problem, "");
	return t;
}

/* What all essays here may read: a program with tables, a swept one, one that is not recorded, one of another essay. */
static struct program_tables *programs(void)
{
	struct program_tables *p = NEWS(a, struct program_tables, 4);
	p[0] = (struct program_tables){.next = &p[1], .name = S("traffic")};
	p[0].tables = table("io", "M[floats]\tloads\tkind\tt[s]\n256\t4000\tflash\t0.5\n512\t2000\tflash\t\n"
	                          "1024\t1000\tflash\tnan\n256\t12345\tstd\t-inf\n");
	p[0].tables->next = table("values", "name\tvalue\tunit\nbytes\t43.26592\tGB\nn\t4096\t\nhex\t0x10\t\n");
	p[1] = (struct program_tables){.next = &p[2], .name = S("on-line"), .swept = true};
	p[1].tables = table("values", "n\terr\n1\t0.1\n2\t0.2\n4\t0.4\n");
	p[2] = (struct program_tables){.next = &p[3], .name = S("gpu"), .absent = true};
	p[3] = (struct program_tables){.name = S("other:train")};
	p[3].tables = table("loss", "step\tloss\n1\t2.5\n");
	return p;
}

static void run(const struct doc *doc, struct buf *records, struct arena *scratch)
{
	int n = 0;
	struct file files[16];
	for (; evaluate_files[n]; n++) {
		files[n].path = str_fmt(a, "runtime/lua/%s", evaluate_files[n]);
		files[n].text = slurp(files[n].path.at);
	}
	evaluate(doc, programs(), files, n, records, scratch);
}

static struct evaluation *evaluated(const char *body)
{
	struct doc *doc = parse(body);
	struct buf records = buf_new(a, 4096);
	run(doc, &records, a);
	doc_close(doc);
	struct evaluation *ev = evaluation_parse(buf_str(&records), a);
	EXPECT(ev != NULL);
	return ev;
}

/* The text of one inline expression, or "error: " and the message. */
static Str value_of(const char *helpers, const char *expr)
{
	Str body = *helpers ? str_fmt(a, "```lua {.helpers}\n%s\n```\n\n`{lua} %s`\n", helpers, expr)
	                    : str_fmt(a, "`{lua} %s`\n", expr);
	struct evaluation *ev = evaluated(str_z(a, body));
	if (ev->problems)
		return str_fmt(a, "error: %.*s", STR_ARG(ev->problems->message));
	return ev->value[0].text;
}

#define EXPECT_VALUE(expr, want) EXPECT_STR(value_of("", expr), want)

static Str sources_of(struct sources from)
{
	struct buf out = buf_new(a, 64);
	for (int i = 0; i < from.n; i++)
		buf_fmt(&out, "%s%.*s", i ? " " : "", STR_ARG(from.name[i]));
	return buf_str(&out);
}

/* A claim's checks: "holds 9.14 >= 8; not 1 < 1". */
static Str checks_of(const char *lua)
{
	struct evaluation *ev = evaluated(str_z(a, str_fmt(a, "```lua {#claim-x .claim}\n%s\n```\n", lua)));
	if (ev->problems)
		return str_fmt(a, "error: %d: %.*s", ev->problems->line, STR_ARG(ev->problems->message));
	struct eval_claim *c = evaluation_claim(ev, S("claim-x"));
	struct buf out = buf_new(a, 64);
	for (int i = 0; i < c->nchecks; i++)
		buf_fmt(&out, "%s%s %.*s", i ? "; " : "", c->check[i].holds ? "holds" : "not", STR_ARG(c->check[i].detail));
	return buf_str(&out);
}

static Str table_text(const char *lua)
{
	Str body = str_fmt(a, "```c {#traffic .program}\nint main(void) { return 0; }\n```\n\n"
	                      "```lua {#tab-x .table from=\"traffic\" caption=\"c\"}\n%s\n```\n", lua);
	struct evaluation *ev = evaluated(str_z(a, body));
	if (ev->problems)
		return str_fmt(a, "error: %d: %.*s", ev->problems->line, STR_ARG(ev->problems->message));
	struct eval_table *t = evaluation_table(ev, S("tab-x"));
	struct buf out = buf_new(a, 256);
	for (int i = 0; i < t->ncols; i++)
		buf_fmt(&out, "%.*s[%.*s]%s|", STR_ARG(t->col[i].head), STR_ARG(t->col[i].unit), t->col[i].left ? "<" : "");
	for (int i = 0; i < t->nrows * t->ncols; i++)
		buf_fmt(&out, "%s%.*s%s|", i % t->ncols ? "" : "\n", STR_ARG(t->cell[i]), t->best[i] ? "*" : "");
	return buf_str(&out);
}

TEST(numbers_print_for_people)
{
	EXPECT_VALUE("traffic.values.n", "4096");
	EXPECT_VALUE("traffic.values.bytes", "43.3");
	EXPECT_VALUE("traffic.io.loads[4]", "12" NNBSP "345");
	EXPECT_VALUE("-0.5", MINUS "0.500");
	EXPECT_VALUE("\"as it is\"", "as it is");
	EXPECT_VALUE("traffic.values.hex", "0x10");
	EXPECT_VALUE("fmt.int(-1234567)", MINUS "1" NNBSP "234" NNBSP "567");
	EXPECT_VALUE("fmt.int(9999)", "9999");
	EXPECT_VALUE("fmt.int(2.5)", "2");
	EXPECT_VALUE("fmt.sig(0.00123456)", "0.00123");
	EXPECT_VALUE("fmt.sig(9.996)", "10.0");
	EXPECT_VALUE("fmt.sig(123456, 2)", "120" NNBSP "000");
	EXPECT_VALUE("fmt.sig(1e-9)", "1.00" NBSP "×" NBSP "10⁻⁹");
	EXPECT_VALUE("fmt.fixed(-0.0001, 2)", "0.00");
	EXPECT_VALUE("fmt.fixed(12345.678, 1)", "12" NNBSP "345.7");
	EXPECT_VALUE("fmt.si(4.03e10, \"B\")", "40.3" NBSP "GB");
	EXPECT_VALUE("fmt.si(999999, \"B\")", "1.00" NBSP "MB");
	EXPECT_VALUE("fmt.si(12, \"B\")", "12" NBSP "B");
	EXPECT_VALUE("fmt.si(0.00125, \"s\")", "1.25" NBSP "ms");
	EXPECT_VALUE("fmt.bytes(49152)", "48" NBSP "KiB");
	EXPECT_VALUE("fmt.bytes(1.5 * 1024 * 1024)", "1.50" NBSP "MiB");
	EXPECT_VALUE("fmt.percent(0.12)", "12" NBSP "%");
	EXPECT_VALUE("fmt.times(8.23)", "8.2×");
	EXPECT_VALUE("fmt.sci(-1.26e20)", MINUS "1.3" NBSP "×" NBSP "10²⁰");
	EXPECT_VALUE("fmt.sig(1/0) .. fmt.sig(-1/0) .. fmt.sig(0/0)", "∞" MINUS "∞NaN");
	EXPECT_VALUE("fmt.si(traffic.io.t[2])", "error: fmt.si wants a number, not nil (a missing cell?)");
}

TEST(statistics_are_right)
{
	EXPECT_VALUE("stat.sum(traffic.io.M)", "2048");
	EXPECT_VALUE("math.type(stat.sum(traffic.io.M))", "integer");
	EXPECT_VALUE("stat.sum({1e16, 1, -1e16})", "1");
	EXPECT_VALUE("stat.mean({1, 2, 6})", "3");
	EXPECT_VALUE("stat.median({9, 1, 5}) .. stat.median({4, 1, 3, 2})", "52.5");
	EXPECT_VALUE("stat.min({3, 1, 2}) .. stat.max({3, 1, 2})", "13");
	EXPECT_VALUE("fmt.sig((stat.slope({0, 1, 2}, {1, 3, 5})))", "2.00");
	EXPECT_VALUE("fmt.sig((select(2, stat.slope({0, 1, 2}, {1, 3, 5}))))", "1.00");
	EXPECT_VALUE("fmt.sig((stat.loglog(where(traffic.io, {kind=\"flash\"}).M, where(traffic.io, {kind=\"flash\"}).loads)))",
	             MINUS "1.00");
	EXPECT_VALUE("fmt.sig(stat.slope({0, 1, 2}, {1, 3, 5}))",
	             "error: fmt.sig wants 1 to 17 digits, not 1.0 (a second result? put the call in brackets)");
	EXPECT_VALUE("stat.sum(traffic.io.t)", "error: stat.sum wants numbers; row 2 is missing");
	EXPECT_VALUE("stat.mean({})", "error: stat.mean wants 1 number at least, not 0");
	EXPECT_VALUE("stat.slope({1, 1}, {1, 2})", "error: stat.slope wants two different x at least");
}

TEST(tables_are_read_by_name)
{
	EXPECT_VALUE("#traffic.io", "4");
	EXPECT_VALUE("#where(traffic.io, function(r) return r.M > 256 end)", "2");
	EXPECT_VALUE("pick(traffic.io, {kind=\"flash\", M=256}).loads", "4000");
	EXPECT_VALUE("on_line.values.err[3]", "0.400");
	EXPECT_VALUE("program(\"other:train\").loss.loss[1]", "2.50");
	EXPECT_VALUE("program(\"on-line\").values.n[2]", "2");
	EXPECT_STR(value_of("function f() local s = 0 for r in rows(traffic.io) do s = s + r.M end return s end", "f()"), "2048");
	EXPECT_STR(value_of("function f() local n = 0 for i in ipairs(traffic.io.t) do n = i end return n end", "f()"), "4");
	EXPECT_STR(value_of("function f() local s = '' for k in pairs(traffic.io) do s = s .. k end return s end", "f()"),
	           "Mloadskindt");
	EXPECT_VALUE("traffic.io.t[3] ~= traffic.io.t[3] and traffic.io.t[4]", MINUS "∞");
}

TEST(what_is_not_there_is_an_error_that_names_what_is)
{
	EXPECT_VALUE("trafic.io", "error: there is no 'trafic'; did you mean 'traffic'?");
	EXPECT_VALUE("traffic.ios", "error: program 'traffic' has no table 'ios'; did you mean 'io'?");
	EXPECT_VALUE("traffic.io.lods", "error: table 'traffic.io' has no column 'lods'; did you mean 'loads'?");
	EXPECT_VALUE("traffic.values.byts", "error: program 'traffic' has no value 'byts'; did you mean 'bytes'?");
	EXPECT_VALUE("traffic.io.M[5]", "error: column 'traffic.io.M' has rows 1 to 4, not '5'");
	EXPECT_VALUE("traffic.io.t[2]", "error: the expression is nil (a missing cell?), not a number or a text");
	EXPECT_VALUE("traffic.io.M", "error: the expression is a column, not a number or a text");
	EXPECT_VALUE("where(traffic.io, {kin=1})", "error: table 'traffic.io' has no column 'kin'; did you mean 'kind'?");
	EXPECT_VALUE("pick(traffic.io, {M=256})", "error: pick wants exactly one row; 2 of 'traffic.io' match { M = 256 }");
	EXPECT_VALUE("fmt.byte(1)", "error: there is no fmt.byte; did you mean 'bytes'?");
	EXPECT_VALUE("program(\"other:trai\")", "error: there is no program 'other:trai'; did you mean 'other:train'?");
}

TEST(results_cannot_be_changed)
{
	EXPECT_STR(value_of("function f() traffic.io.M[1] = 2 end", "f()"),
	           "error: a program's result cannot be changed (called by expression 1)");
	EXPECT_STR(value_of("function f() table.sort(traffic.io.M) end", "f()"),
	           "error: a program's result cannot be changed (called by expression 1)");
	EXPECT_STR(value_of("function f() fmt.int = nil end", "f()"),
	           "error: the library cannot be changed (called by expression 1)");
	EXPECT_VALUE("setmetatable(traffic, {})", "error: cannot change a protected metatable");
	EXPECT_VALUE("tostring(getmetatable(\"\"))", "false");
	EXPECT_STR(value_of("fmt = 1", "1"), "error: 'fmt' has a meaning already");
}

TEST(sources_are_noted_through_helpers)
{
	struct evaluation *ev = evaluated(
		"```lua {.helpers}\n"
		"local cache\n"
		"function cached() cache = cache or on_line.values.err[1] return cache end\n"
		"function twice(x) return 2 * x end\n"
		"```\n\n"
		"```lua {.helpers}\n"
		"total = stat.sum(traffic.io.loads)\n"
		"function through() return total end\n"
		"```\n\n"
		"`{lua} cached()` `{lua} cached()` `{lua} twice(2)` `{lua} total` `{lua} through()`\n"
		"`{lua} twice(traffic.values.n) + cached()` `{lua} #program(\"other:train\").loss`\n\n"
		"```lua {#claim-x .claim}\nsays \"x\"\nholds(total, \">\", cached())\n```\n");
	const char *want[] = {"on-line", "on-line", "", "traffic", "traffic", "on-line traffic", "other:train"};
	EXPECT(ev->problems == NULL);
	EXPECT_INT(ev->nvalues, 7);
	for (int i = 0; i < 7; i++)
		EXPECT_STR(sources_of(ev->value[i].from), want[i]);
	EXPECT_STR(sources_of(evaluation_claim(ev, S("claim-x"))->from), "on-line traffic");
}

TEST(pieces_do_not_see_each_other)
{
	struct evaluation *ev = evaluated(
		"```lua {.helpers}\nn = 0\nfunction count() n = n + 1 return n end\n```\n\n"
		"`{lua} count() + count()` `{lua} count()`\n\n"
		"```lua {#claim-x .claim}\nhidden_number = 1\nsays \"x\"\nholds(1, \"==\", 1)\n```\n\n"
		"```lua {#claim-y .claim}\nsays \"x\"\nholds(hidden_number, \"==\", 1)\n```\n");
	EXPECT_STR(ev->value[0].text, "3");
	EXPECT_STR(ev->value[1].text, "1");
	EXPECT_STR(ev->problems->chunk, "claim-y");
	EXPECT_STR(ev->problems->message, "there is no 'hidden_number'");
}

TEST(what_reads_a_program_that_is_not_recorded_is_not_recorded)
{
	struct evaluation *ev = evaluated(
		"```lua {.helpers}\nspeed = gpu.values.t\n```\n\n"
		"`{lua} gpu.values.t` `{lua} traffic.values.n` `{lua} speed`\n\n"
		"```lua {#claim-x .claim}\nsays \"The GPU is fast.\"\nholds(traffic.values.n / gpu.values.t, \">\", 1)\n```\n");
	EXPECT(ev->problems == NULL);
	EXPECT_STR(ev->value[0].text, "not recorded");
	EXPECT_STR(sources_of(ev->value[0].from), "gpu");
	EXPECT_STR(ev->value[1].text, "4096");
	EXPECT_STR(ev->value[2].text, "not recorded");
	EXPECT_STR(sources_of(ev->value[2].from), "gpu");
	struct eval_claim *c = evaluation_claim(ev, S("claim-x"));
	EXPECT_STR(c->says, "The GPU is fast.");
	EXPECT_STR(sources_of(c->from), "gpu traffic");
	EXPECT(!c->holds && c->nchecks == 0);
}

TEST(claims_compare)
{
	EXPECT_STR(checks_of("says 'x' holds(1, '<', 2) holds(2, '<=', 2) holds(3, '>', 2) holds(2, '>=', 2)"),
	           "holds 1 < 2; holds 2 <= 2; holds 3 > 2; holds 2 >= 2");
	EXPECT_STR(checks_of("says 'x' holds(2, '==', 2) holds('a', '~=', 'b') holds(1, '~=', 1)"),
	           "holds 2 == 2; holds a ~= b; not 1 ~= 1");
	EXPECT_STR(checks_of("says 'x' holds(0/0, '==', 0/0) holds(8.0001, '<', 8)"), "not NaN == NaN; not 8.0001 < 8");
	EXPECT_STR(checks_of("says 'x'\nagrees(40.26, published { 40.3, 'GB', cite = 'dao' }, { rel = 0.1 })"),
	           "holds 40.26" NBSP "GB against 40.3" NBSP "GB, 0.0993" NBSP "% off, 10" NBSP "% allowed");
	EXPECT_STR(checks_of("says 'x'\nagrees(41, published { 40.3, 'GB', cite = 'dao' }, { abs = 0.5 })"),
	           "not 41" NBSP "GB against 40.3" NBSP "GB, 0.700" NBSP "GB off, 0.500" NBSP "GB allowed");
}

TEST(claims_want_all_checks_and_note_their_citations)
{
	struct evaluation *ev = evaluated(
		"```lua {#claim-a .claim}\nsays [[A sentence\n  over two lines.]]\nholds(1, '<', 2)\nholds(2, '<', 1)\n```\n\n"
		"```lua {#claim-b .claim}\nsays 'b'\nlocal p = published { 4, cite = 'k', where = 'Table 1' }\n"
		"agrees(5, p, { rel = 0.01 })\nagrees(4, p, { abs = 0 })\nfails 'the original was never released'\n```\n");
	struct eval_claim *c = evaluation_claim(ev, S("claim-a"));
	EXPECT(!c->holds);
	EXPECT_STR(c->says, "A sentence over two lines.");
	EXPECT_STR(c->fails, "");
	c = evaluation_claim(ev, S("claim-b"));
	EXPECT(!c->holds);
	EXPECT_STR(c->fails, "the original was never released");
	EXPECT_INT(c->ncites, 1);
	EXPECT_STR(c->cite[0], "k");
	EXPECT_STR(c->where[0], "Table 1");
}

TEST(claims_that_check_nothing_are_mistakes)
{
	EXPECT_STR(checks_of("says 'x'"), "error: 0: the claim checks nothing: it wants holds(…) or agrees(…)");
	EXPECT_STR(checks_of("holds(1, '<', 2)"), "error: 0: the claim says nothing: begin with says \"…\"");
	EXPECT_STR(checks_of("says 'x'\nsays 'y'"), "error: 2: a claim says one sentence");
	EXPECT_STR(checks_of("says 'x'\n\nholds(1, '=', 2)"),
	           "error: 3: holds(a, op, b) wants < <= > >= == or ~= for op, not \"=\"");
	EXPECT_STR(checks_of("says 'x'\nholds(traffic.io.t[2], '<', 2)"),
	           "error: 2: the left side of '<' is nil (a missing cell?), not a number");
	EXPECT_STR(checks_of("says 'x'\nagrees(1, 1, { rel = 0 })"),
	           "error: 2: agrees(x, published { … }, tolerance) wants what published { … } gives");
	EXPECT_STR(checks_of("says 'x'\npublished { 1 }"),
	           "error: 2: published's cite wants a text, not nil (a missing cell?)");
	EXPECT_STR(checks_of("says 'x'\nagrees(1, published { 0, cite = 'k' }, { rel = 1 })"),
	           "error: 2: nothing agrees with 0 by a share of it: give { abs = … }");
	EXPECT_STR(checks_of("says 'x'\nagrees(1, published { 1, cite = 'k' }, { rel = -1 })"),
	           "error: 2: the tolerance rel is to be a number from 0 on, not -1");
	EXPECT_STR(checks_of("says '$\\f$'\nholds(1, '<', 2)"),
	           "error: 1: says has a control character: write TeX in [[…]], where a backslash is one");
	EXPECT_VALUE("says(\"x\")", "error: says belongs in a claim chunk");
}

TEST(tables_are_made_of_columns)
{
	EXPECT_STR(table_text("return { columns = { {'M', head='Memory', unit='KiF', scale=1/1024, digits=2}, 'kind',\n"
	                      " {'loads', best='min'}, {head='x2', value=function(r) return 2 * r.M end, decimals=1} } }"),
	           "Memory[KiF]|kind[]<|loads[]|x2[]|\n"
	           "0.25|flash|4000|512.0|\n0.50|flash|2000|1024.0|\n1.0|flash|1000*|2048.0|\n"
	           "0.25|std|12" NNBSP "345|512.0|");
	EXPECT_STR(table_text("return { rows = where(traffic.io, {M=512}) }"),
	           "M[floats]|loads[]|kind[]<|t[s]|\n512|2000|flash|–|");
	EXPECT_STR(table_text("return { rows = {{a=1, b='x'}, {a=2}}, columns = {{'a', format=fmt.times, best='max'}, 'b'} }"),
	           "a[]|b[]<|\n1.0×|x|\n2.0×*|–|");
	EXPECT_STR(table_text("return 3"), "error: 0: a table chunk returns { rows = …, columns = { … } }, not a number");
	EXPECT_STR(table_text("return { column = {} }"), "error: 0: a table has no 'column'; did you mean 'columns'?");
	EXPECT_STR(table_text("return { columns = { {'M', digit=3} } }"),
	           "error: 0: column 1 has no 'digit'; did you mean 'digits'?");
	EXPECT_STR(table_text("return { columns = { {'M', scale=2} } }"), "error: 0: column 1 is scaled: say its unit");
	EXPECT_STR(table_text("return { columns = { {'load'} } }"),
	           "error: 0: table 'traffic.io' has no column 'load'; did you mean 'loads'?");
	EXPECT_STR(table_text("return { columns = { {head='x',\n value=function(r)\n  return r.nope end} } }"),
	           "error: 3: table 'traffic.io' has no column 'nope'; there is: M, loads, kind, t");
	EXPECT_STR(table_text("return { rows = {{a=1}}, columns = {'b'} }"), "error: 0: no row has a 'b'");
	EXPECT_STR(table_text("return { columns = { {'M', format=function() end} } }"),
	           "error: 0: the format of column 'M' gives nil (a missing cell?), not a text");
}

/* The place of an essay's only problem, as "line:col". */
static Str place_of_problem(const char *body)
{
	struct doc *doc = parse(body);
	struct buf records = buf_new(a, 4096);
	run(doc, &records, a);
	struct evaluation *ev = evaluation_parse(buf_str(&records), a);
	const struct eval_problem *p = ev->problems;
	EXPECT(p && !p->next);
	Span at = lua_place(doc, CHUNK_HELPERS | CHUNK_TABLE | CHUNK_CLAIM, p->chunk, p->block, p->inline_index, p->line);
	int before = diag_errors;
	EXPECT_INT(evaluation_report(ev, doc), 1);
	EXPECT_INT(diag_errors, before + 1);
	doc_close(doc);
	return str_fmt(a, "%d:%d", at.line - HEAD_LINES, at.col);
}

TEST(errors_have_the_line_of_the_essay)
{
	EXPECT_STR(place_of_problem("text `{lua} nope` text\n"), "1:13");
	EXPECT_STR(place_of_problem("\n```lua {#claim-x .claim}\nsays 'x'\n  holds(nope, '<', 1)\n```\n"), "4:3");
	EXPECT_STR(place_of_problem("\n```lua {#claim-x .claim}\nsays 'x\nholds(1, '<', 2)\n```\n"), "3:1");
	EXPECT_STR(place_of_problem("```lua {#claim-x .claim}\nsays 'x'\n```\n\nand\n\n```lua {#claim-x}\n\nholds(1, 2, 3)\n```\n"), "9:1");
	EXPECT_STR(place_of_problem("```lua {.helpers}\nx = 1\n```\n\n```lua {.helpers}\ny = 2\nz = nope\n```\n"), "7:1");
	/* A helper's own line, and that of the caller whom error(…, 2) means. */
	EXPECT_STR(place_of_problem("```lua {.helpers}\nfunction f()\n\terror('no')\nend\n```\n\n`{lua} f()`\n"), "3:2");
	EXPECT_STR(place_of_problem("```lua {.helpers}\nfunction f()\n\terror('no', 2)\nend\n```\n\n`{lua} 1 + f()`\n"), "7:8");
	/* After a helper that failed, what it would have defined is not reported again. */
	EXPECT_STR(place_of_problem("```lua {.helpers}\nx = nope\n```\n\n`{lua} x`\n"), "2:1");
}

TEST(evaluation_goes_on_after_an_error)
{
	struct evaluation *ev = evaluated(
		"`{lua} nope` `{lua} 1` `{lua} ('x'):rep(1 << 40)` `{lua} 2`\n\n"
		"```lua {#claim-a .claim}\nwhile true do end\n```\n\n"
		"```lua {#claim-b .claim}\nsays 'b' holds(1, '<', 2)\n```\n");
	EXPECT_STR(ev->value[1].text, "1");
	EXPECT_STR(ev->value[3].text, "2");
	EXPECT(evaluation_claim(ev, S("claim-a")) == NULL);
	EXPECT(evaluation_claim(ev, S("claim-b"))->holds);
	int n = 0;
	for (const struct eval_problem *p = ev->problems; p; p = p->next)
		n++;
	EXPECT_INT(n, 3);
}

TEST(the_same_text_gives_the_same_records)
{
	EXPECT_STR(value_of("function f() local t, s = {}, '' for _, k in ipairs{'b', 3, 'a', -1, 2.5, true, 'aa', 10, false} do t[k] = 1 end "
	                    "for k in pairs(t) do s = s .. tostring(k) .. ' ' end return s end", "f()"),
	           "-1 2.5 3 10 a aa b false true ");
	EXPECT_STR(value_of("function f() local t, s = {}, 0 for i = 1, 500 do t[i] = {k = i % 3, i = i} end "
	                    "table.sort(t, function(x, y) return x.k < y.k end) "
	                    "for i = 2, 500 do if t[i].k < t[i-1].k or t[i].k == t[i-1].k and t[i].i < t[i-1].i then s = s + 1 end end "
	                    "return s end", "f()"), "0");
	EXPECT_VALUE("tostring({}) .. tostring(pairs)", "tablefunction");
	EXPECT_VALUE("(\"%5.1p\"):format(1)", "error: '%p' prints an address, which differs from run to run");
	EXPECT_VALUE("(\"%s\"):format({})", "error: a table cannot be printed (argument 2 of format)");
	EXPECT_VALUE("(\"%%p %s\"):format(1)", "%p 1");
	EXPECT_STR(value_of("function f() local t = {[{}] = 1} for k in pairs(t) do end return 1 end", "f()"),
	           "1");
	EXPECT_STR(value_of("function f() local t = {[{}] = 1, [f] = 2} for k in pairs(t) do end end", "f()"),
	           "error: pairs: only numbers, strings and booleans have an order as keys (called by expression 1)");
}

TEST(the_world_is_out_of_reach)
{
	const char *const names[] = {
		"os", "io", "debug", "package", "require", "load", "loadstring", "loadfile", "dofile", "collectgarbage", "coroutine",
		"next", "rawset", "xpcall", "_G",
	};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		Str text = value_of("", names[i]);
		EXPECT(str_starts(text, S("error: there is no '")));
	}
	EXPECT(str_starts(value_of("", "math.random()"), S("error: there is no math.random")));
	EXPECT(str_starts(value_of("", "string.dump(pairs)"), S("error: there is no string.dump")));
	EXPECT_VALUE("setmetatable({}, {__gc = 1})", "error: a metatable may not have __gc");
	EXPECT_VALUE("\"\\255\"", "error: a text with a NUL byte or invalid UTF-8 cannot be printed");
}

/* Scripts that try not to end, or to take the process with them. */
static const struct hostile {
	const char *lua;
	enum { FAILS, STOPPED, ENDS } how;      /* STOPPED: by the CPU limit alone */
} corpus[] = {
	{"while true do end", FAILS},
	{"while true do pcall(function() while true do end end) end", FAILS},
	{"while true do pcall(error) end", FAILS},
	{"local function f() return pcall(f) end f()", ENDS},
	{"xpcall(function() while true do end end, function() while true do end end)", FAILS},
	{"local function f() return f() + 1 end f()", FAILS},
	{"local s = 'x' while true do s = s .. s end", FAILS},
	{"local t = {} while true do t[#t + 1] = {} end", FAILS},
	{"while true do local s = ('x'):rep(60e6) end", FAILS},
	{"while true do pcall(string.rep, 'x', 1e9) end", FAILS},
	{"local s = string.format('%99999d', 1)", FAILS},
	{"local s = ('x'):rep(1e5) while true do s:gsub('.', '%0%0') end", FAILS},
	{"local function f(x) return ('x'):gsub('x', f) end f()", FAILS},
	{"local t = setmetatable({}, {}) getmetatable(t).__index = t local x = t.y", FAILS},
	{"local t = setmetatable({}, {__index = function(t, k) return t[k + 1] end}) local x = t[1]", FAILS},
	{"local m = {} m.__close = function() while true do end end local x <close> = setmetatable({}, m)", FAILS},
	{"local m = {} local t = setmetatable({}, m) m.__close = function() while true do end end local x <close> = t error('e')", FAILS},
	{"local t = {} for i = 1, 1e5 do t[i] = -i end while true do for k in pairs(t) do break end end", FAILS},
	{"table.sort({3, 2, 1, 5, 4, 9, 8}, function() return true end) error('ended')", FAILS},
	{"table.unpack({}, 1, 1e8)", FAILS},
	{"table.concat({}, 'x', 1, 1 << 53)", FAILS},
	{"local t = {} for i = 1, 1e6 do t[i] = i end while true do table.sort(t, function(x, y) return x > y end) end", FAILS},
	{"local x = utf8.char(table.unpack({}, 1, 250))", FAILS},
	{"error(setmetatable({}, {__tostring = function() while true do end end}))", FAILS},
	{"goto a ::a:: goto a", FAILS},
	{"local i = ('x'):rep(40):find(('.-'):rep(40) .. 'b')", STOPPED},
	{"table.move({}, 1, 1 << 53, 1)", STOPPED},
};

/* Run one script in a child whose CPU time is limited to a second; its records are in memory shared with it. */
static void survive(const struct hostile *h)
{
	struct arena shared = {0};
	enum { SHARED = 64 << 20 };
	shared.at = mmap(NULL, SHARED, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	EXPECT(shared.at != MAP_FAILED);
	char *start = shared.at;
	shared.end = shared.at + SHARED;
	struct buf *records = NEW(&shared, struct buf);
	*records = buf_new(&shared, 1 << 16);
	struct doc *doc = parse(str_z(a, str_fmt(a, "```lua {#claim-x .claim}\nsays 'x' holds(1, '<', 2)\n%s\n```\n", h->lua)));
	pid_t child = fork();
	if (!child) {
		rlim_t seconds = h->how == STOPPED ? 1 : 6;
		struct rlimit limit = {seconds, seconds};
		setrlimit(RLIMIT_CPU, &limit);
		setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
		run(doc, records, a);
		_exit(0);
	}
	int status;
	waitpid(child, &status, 0);
	doc_close(doc);
	struct evaluation *ev = evaluation_parse(buf_str(records), a);
	EXPECT(ev != NULL);
	bool killed = WIFSIGNALED(status) && (WTERMSIG(status) == SIGKILL || WTERMSIG(status) == SIGXCPU);
	bool ended = WIFEXITED(status) && WEXITSTATUS(status) == 0;
	bool one_problem = ev->problems && !ev->problems->next && str_eq(ev->problems->chunk, S("claim-x"));
	bool as_wanted = h->how == STOPPED ? killed && one_problem : h->how == FAILS ? ended && one_problem :
	                                                             ended && !ev->problems;
	if (!as_wanted)
		print_error("status %x, %s: %s\n", (unsigned)status, one_problem ? "reported" : "not reported", h->lua);
	EXPECT(as_wanted);
	munmap(start, SHARED);
}

TEST(hostile_scripts_end)
{
	for (size_t i = 0; i < sizeof corpus / sizeof *corpus; i++)
		survive(&corpus[i]);
}

TEST(nesting_is_an_error)
{
	struct buf expr = buf_new(a, 100000);
	for (int i = 0; i < 100000; i++)
		buf_char(&expr, '(');
	Str text = value_of("", str_z(a, buf_str(&expr)));
	EXPECT(str_starts(text, S("error: C stack overflow")));
}

TEST(records_that_are_none_are_refused)
{
	const char *const bad[] = {
		"", "x\n", "evaluation\t2\t0\nend\n", "evaluation\t1\t-1\nend\n", "evaluation\t1\t0\nvalue\t0\tx\nend\n",
		"evaluation\t1\t0\ntable\tt\t1\t1\nend\n", "evaluation\t1\t0\ntable\tt\t200\t1000000\nend\n",
		"evaluation\t1\t0\ncheck\tholds\tx\nend\n", "evaluation\t1\t0\nfrom\tp\nend\n", "evaluation\t1\t0\nend\nend\n",
		"evaluation\t1\t0\nend\nx", "evaluation\t1\t0\nwhat\nend\n",
	};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		EXPECT(evaluation_parse(str_of(bad[i]), a) == NULL);
	struct evaluation *ev = evaluation_parse(S("evaluation\t1\t0\nat\tclaim-x\t-1\t-1\nclai"), a);
	EXPECT_STR(ev->problems->chunk, "claim-x");
	EXPECT_STR(ev->problems->message, "it was stopped: it takes too long");
}

static struct config *configured(const char *site)
{
	struct file *file = NEW(a, struct file);
	*file = (struct file){S("essays/site.lua"), str_of(site)};
	struct buf records = buf_new(a, 4096);
	config_evaluate(slurp("runtime/lua/recipes.lua"), *site ? file : NULL, &records, a);
	return config_read(buf_str(&records), file, a);
}

static const struct recipe *recipe(const struct config *config, const char *language)
{
	const struct recipe *r = config->recipes;
	while (r && !str_eq(r->language, str_of(language)))
		r = r->next;
	return r;
}

TEST(recipes_are_data)
{
	const struct config *config = configured("");
	const struct recipe *c = recipe(config, "c");
	EXPECT_STR(c->extension, "c");
	EXPECT_STR(c->line, "#line %d \"%s\"");
	EXPECT_STR(c->compile[0], "cc");
	EXPECT_STR(c->tools[0], "cc");
	EXPECT_STR(c->parts[0], "cc1");
	EXPECT(c->libm && !c->nrun);
	EXPECT_INT(recipe(config, "lua")->ncompile, 0);
	EXPECT_STR(recipe(config, "lua")->run[1], "$SOURCE");
	EXPECT_STR(config->site.language, "en");
}

TEST(a_site_adds_to_recipes_and_changes_them)
{
	const struct config *config = configured(
		"return { name = 'N', section = { title = 'Writing' }, order = { 'a', 'b' }, recipes = {\n"
		"  sh = { extension = 'sh', run = {'sh', '$SOURCE'}, tools = {'sh'} },\n"
		"  c = { compile = {'clang', '-o', '$OUT', '$SOURCE'}, libm = false } } }");
	EXPECT_STR(config->site.name, "N");
	EXPECT_STR(config->site.section_title, "Writing");
	EXPECT_INT(config->site.norder, 2);
	EXPECT_STR(config->site.order[1], "b");
	EXPECT_STR(recipe(config, "sh")->run[0], "sh");
	EXPECT_STR(recipe(config, "c")->compile[0], "clang");
	EXPECT_STR(recipe(config, "c")->extension, "c");
	EXPECT(!recipe(config, "c")->libm);
}

TEST(mistakes_in_site_lua_are_reported)
{
	const struct {
		const char *lua;
		int errors;
	} cases[] = {
		{"return { nam = 'N', url = 7 }", 2},
		{"return { section = 1 }", 1},
		{"return { order = { 'a', 2 } }", 1},
		{"return { recipes = { sh = { extension = 'sh' } } }", 1},
		{"return { recipes = { c = { line = '#line' } } }", 1},
		{"return { recipes = { c = { compile = { 'cc', '$SOURC', '$OUT', '$SOURCE' } } } }", 1},
		{"return { recipes = { c = { compile = { 'cc', '-o$OUT', '$SOURCE' } } } }", 1},
		{"return { name = Mani }", 1},
		{"return {", 1},
		{"return 1", 1},
		{"while true do end", 1},
		{"local s = 'x' while true do s = s .. s end", 1},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		int before = diag_errors;
		EXPECT(configured(cases[i].lua) == NULL);
		EXPECT_INT(diag_errors - before, cases[i].errors);
	}
}

static bool set_up(const char *lua, struct doc **doc)
{
	*doc = parse(str_z(a, str_fmt(a, "```c {#p .program}\nint main(void) { return 0; }\n```\n\n```lua {.setup}\n%s\n```\n", lua)));
	struct buf records = buf_new(a, 4096);
	setup_evaluate(*doc, &records, a);
	return setup_apply(*doc, buf_str(&records), a);
}

TEST(setup_chunks_set_options)
{
	struct doc *doc;
	EXPECT(set_up("local ns = {}\nfor i = 1, 3 do ns[i] = 1 << i end\n"
	              "chunk 'p' { sweep = 'n=' .. table.concat(ns, ','), measured = true, timeout = 5 }", &doc));
	struct chunk *p = doc_chunk(doc, S("p"));
	EXPECT_INT(p->sweep->npoints, 3);
	EXPECT_STR(p->sweep->value[2][0], "8");
	EXPECT(p->opt.value[OPT_MEASURED].given);
	EXPECT_INT(p->opt.value[OPT_TIMEOUT].number, 5);
	EXPECT_INT(p->opt.value[OPT_SWEEP].at.line, HEAD_LINES + 8);
	doc_close(doc);
}

TEST(mistakes_in_setup_chunks_are_reported)
{
	const char *const bad[] = {
		"chunk 'q' { args = 'x' }", "chunk 'p' { arg = 'x' }", "chunk 'p' { args = false }", "chunk 'p' { 'args' }", "chunk 'p'",
		"chunk 'p' { sweep = 'n=' }", "chunk 'p' { args = 'a' } chunk 'p' { args = 'b' }", "chunk()", "x = y", "x =",
		"while true do end", "chunk 'p' { args = '\\0' }", "chunk '' { args = 'x' }",
	};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct doc *doc;
		int before = diag_errors;
		EXPECT(!set_up(bad[i], &doc));
		EXPECT_INT(diag_errors - before, 1);
		doc_close(doc);
	}
}

int main(void)
{
	whole = arena = arena_map((size_t)4 << 30);
	const struct CMUnitTest tests[] = {
		CASE(numbers_print_for_people), CASE(statistics_are_right), CASE(tables_are_read_by_name),
		CASE(what_is_not_there_is_an_error_that_names_what_is), CASE(results_cannot_be_changed),
		CASE(sources_are_noted_through_helpers), CASE(pieces_do_not_see_each_other),
		CASE(what_reads_a_program_that_is_not_recorded_is_not_recorded), CASE(claims_compare),
		CASE(claims_want_all_checks_and_note_their_citations), CASE(claims_that_check_nothing_are_mistakes),
		CASE(tables_are_made_of_columns), CASE(errors_have_the_line_of_the_essay), CASE(evaluation_goes_on_after_an_error),
		CASE(the_same_text_gives_the_same_records), CASE(the_world_is_out_of_reach), CASE(hostile_scripts_end),
		CASE(nesting_is_an_error), CASE(records_that_are_none_are_refused), CASE(recipes_are_data),
		CASE(a_site_adds_to_recipes_and_changes_them), CASE(mistakes_in_site_lua_are_reported),
		CASE(setup_chunks_set_options), CASE(mistakes_in_setup_chunks_are_reported),
	};
	int failed = RUN(tests);
	arena_unmap(whole);
	return failed;
}
