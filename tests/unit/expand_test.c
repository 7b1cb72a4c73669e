/* Tangling: what is written, what the directives say, and noweb's own tangler as the reference. */
#include "../../tangle/expand.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "../../tangle/arena.h"
#include "test.h"

#define HEAD "---\ntitle: T\ncategory: C\nsummary: S\ndate: 2026-01-20\n---\n"

static struct arena whole, arena;

static int set_up(void **state)
{
	(void)state;
	whole = arena = arena_map((size_t)4 << 30);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	arena_unmap(whole);
	return 0;
}

static struct doc *parse(Str body)
{
	struct file *file = NEW(&arena, struct file);
	*file = (struct file){S("t.md"), str_join(&arena, S(HEAD), body)};
	return doc_parse(file, &arena);
}

/* Tangle `root` of an essay made of chunks (name, text). */
static Str tangle(Str pair[][2], int n, Str root, const char *directive, enum places places)
{
	struct buf body = buf_new(&arena, 1000);
	for (int i = 0; i < n; i++)
		buf_fmt(&body, "```c {#%.*s%s}\n%.*s```\n", STR_ARG(pair[i][0]), i ? "" : " .program", STR_ARG(pair[i][1]));
	int before = diag_errors;
	struct doc *doc = parse(buf_str(&body));
	struct buf out = buf_new(&arena, 1000);
	EXPECT(expand(doc, doc_chunk(doc, root), places, str_of(directive), &out));
	EXPECT_INT(diag_errors, before);
	doc_close(doc);
	return buf_str(&out);
}

#define LINES "#line %d \"%s\""

TEST(reference_is_indented_to_its_column)
{
	Str pair[][2] = {
		{S("main"), S("{\n  <<body>>\n}\n")},
		{S("body"), S("x();\ny();\n")},
	};
	EXPECT_STR(tangle(pair, 2, S("main"), LINES, PLACES_CHUNK),
	           "#line 1 \"t.md#main\"\n{\n"
	           "#line 1 \"t.md#body\"\n  x();\n  y();\n"
	           "#line 3 \"t.md#main\"\n}\n");
}

TEST(places_can_be_the_essays)
{
	Str pair[][2] = {
		{S("main"), S("{\n<<body>>\n}\n")},
		{S("body"), S("x();\n")},
		{S("body"), S("y();\n")},
	};
	EXPECT_STR(tangle(pair, 3, S("main"), LINES, PLACES_REAL),
	           "#line 8 \"t.md\"\n{\n#line 13 \"t.md\"\nx();\n#line 16 \"t.md\"\ny();\n#line 10 \"t.md\"\n}\n");
}

TEST(blocks_of_one_name_follow_one_another)
{
	Str pair[][2] = {
		{S("main"), S("<<a>>\n")},
		{S("a"), S("1\n")},
		{S("a"), S("2\n")},
	};
	EXPECT_STR(tangle(pair, 3, S("main"), LINES, PLACES_CHUNK),
	           "#line 1 \"t.md#a\"\n1\n#line 1 \"t.md#a.2\"\n2\n");
}

TEST(indentation_adds_up_and_spares_empty_lines)
{
	Str pair[][2] = {
		{S("main"), S("\t<<a>>\n")},
		{S("a"), S("1\n\n  <<b>>\n   \n")},
		{S("b"), S("x\n\ny\n")},
	};
	EXPECT_STR(tangle(pair, 3, S("main"), NULL, PLACES_NONE), "\t1\n\n\t  x\n\n\t  y\n\t   \n");
}

TEST(no_directive_stands_behind_a_backslash)
{
	Str pair[][2] = {
		{S("main"), S("#define X \\\n<<a>>\nend\n")},
		{S("a"), S("1 \\\n2\n")},
	};
	EXPECT_STR(tangle(pair, 2, S("main"), LINES, PLACES_CHUNK),
	           "#line 1 \"t.md#main\"\n#define X \\\n1 \\\n2\n#line 3 \"t.md#main\"\nend\n");
}

TEST(reference_stands_alone_on_its_line)
{
	Str pair[][2] = {
		{S("main"), S("<<a>>;\nk<<a>>\n<<<a>>>\n1 << 2\n<<a>> \n@<<a>>\n <<>>\n<< a>>\n")},
		{S("a"), S("x\n")},
	};
	EXPECT_STR(tangle(pair, 2, S("main"), NULL, PLACES_NONE),
	           "<<a>>;\nk<<a>>\n<<<a>>>\n1 << 2\nx\n<<a>>\n <<>>\n<< a>>\n");
}

TEST(other_languages_have_their_own_directive)
{
	Str pair[][2] = {{S("main"), S("x\n")}};
	EXPECT_STR(tangle(pair, 1, S("main"), "// %s, %d%%", PLACES_CHUNK), "// t.md#main, 1%%\nx\n");
	EXPECT_STR(tangle(pair, 1, S("main"), "", PLACES_CHUNK), "x\n");
}

/* Keep stderr quiet; the value gives it back. */
static int mute(void)
{
	int keep = dup(2);
	EXPECT(freopen("/dev/null", "w", stderr) != NULL);
	return keep;
}

static void unmute(int keep)
{
	fflush(stderr);
	dup2(keep, 2);
	close(keep);
}

/* False, with nothing left busy. */
static void refuses(const char *body)
{
	int keep = mute();
	struct doc *doc = parse(str_of(body));
	struct buf out = buf_new(&arena, 1000);
	int before = diag_errors;
	bool fine = expand(doc, doc->chunks, PLACES_CHUNK, S(LINES), &out);
	unmute(keep);
	EXPECT(!fine);
	EXPECT_INT(diag_errors, before + 1);
	for (const struct chunk *c = doc->chunks; c; c = c->next)
		EXPECT(!c->busy);
	doc_close(doc);
}

TEST(cycles_and_unknown_chunks_are_refused)
{
	refuses("```c {#a .program}\n<<a>>\n```\n");
	refuses("```c {#a .program}\n<<b>>\n```\n```c {#b}\n<<c>>\n```\n```c {#c}\n\n<<b>>\n```\n");
	refuses("```c {#a .program}\n<<b>>\n```\n```c {#b}\n<<c>>\n```\n");
}

TEST(doubling_without_end_is_refused)
{
	struct buf body = buf_new(&arena, 10000);
	buf_z(&body, "```c {#a .program}\n<<b0>>\n```\n");
	for (int i = 0; i < 60; i++)
		buf_fmt(&body, "```c {#b%d}\n<<b%d>>\n<<b%d>>\n```\n", i, i + 1, i + 1);
	buf_z(&body, "```c {#b60}\n```\n");
	buf_char(&body, '\0');
	refuses(body.at);
}

TEST(a_chain_may_be_long)
{
	enum { LENGTH = 200000 };
	struct buf body = buf_new(&arena, LENGTH * 32);
	buf_z(&body, "```c {#a .program}\n<<b0>>\n```\n");
	for (int i = 0; i < LENGTH; i++)
		buf_fmt(&body, "```c {#b%d}\n<<b%d>>\n```\n", i, i + 1);
	buf_fmt(&body, "```c {#b%d}\nx\n```\n", LENGTH);
	struct doc *doc = parse(buf_str(&body));
	struct buf out = buf_new(&arena, 1000);
	EXPECT(expand(doc, doc->chunks, PLACES_NONE, S(""), &out));
	EXPECT_STR(buf_str(&out), "x\n");
	doc_close(doc);
}

TEST(many_references_take_linear_time)
{
	enum { CHUNKS = 10000 };
	struct buf body = buf_new(&arena, CHUNKS * 64);
	buf_z(&body, "```c {#a .program}\n");
	for (int i = 0; i < CHUNKS; i++)
		buf_fmt(&body, "\t<<b%d>>\n", i);
	buf_z(&body, "```\n");
	for (int i = 0; i < CHUNKS; i++)
		buf_fmt(&body, "```c {#b%d}\nx%d();\n```\n", i, i);
	struct doc *doc = parse(buf_str(&body));
	struct buf out = buf_new(&arena, 1000);
	clock_t start = clock();
	EXPECT(expand(doc, doc->chunks, PLACES_CHUNK, S(LINES), &out));
	/* Takes a hundredth of this; a search through all chunks for each reference takes longer. */
	EXPECT(clock() - start < CLOCKS_PER_SEC / 2);
	doc_close(doc);
}

/* ---- against notangle ---- */

static const char *const lines[] = {
	"x();", "\ty();", "", "  z", "a << 1;", "f();", "@<<c9>>", "  @<<c9>>", "   ", "\\", "\xc3\xa9",
};

static unsigned random_below(unsigned *seed, unsigned n)
{
	*seed = *seed * 1103515245 + 12345;
	return (*seed >> 16) % n;
}

/* Chunks c0 … c9, each using later ones only, as an essay and as a noweb file. */
static void invent(unsigned seed, struct buf *essay, struct buf *noweb)
{
	static const char *const indents[] = {"", "  ", "\t", "    ", "  \t"};
	for (unsigned i = 0; i < 14; i++) {
		unsigned chunk = i < 10 ? i : random_below(&seed, 10);
		buf_fmt(essay, "```c {#c%u%s}\n", chunk, i ? "" : " .program");
		buf_fmt(noweb, "<<c%u>>=\n", chunk);
		/* The root has text: of an empty one noweb makes an empty line. */
		for (unsigned n = random_below(&seed, 6) + !i; n; n--) {
			Str line = str_of(lines[random_below(&seed, sizeof lines / sizeof *lines)]);
			if (chunk < 9 && random_below(&seed, 2))
				line = str_fmt(&arena, "%s<<c%u>>", indents[random_below(&seed, 5)],
				               chunk + 1 + random_below(&seed, 9 - chunk));
			buf_fmt(essay, "%.*s\n", STR_ARG(line));
			buf_fmt(noweb, "%.*s\n", STR_ARG(line));
		}
		buf_z(essay, "```\n");
		buf_z(noweb, "@\n");
	}
}

/* What a command prints; `in` is its input. Both through files, so that neither side waits for the other. */
static Str filter(const char *command, Str in)
{
	char from[] = P_tmpdir "/expand_test.XXXXXX";
	int fd = mkstemp(from);
	EXPECT(fd >= 0 && write(fd, in.at, in.len) == (ssize_t)in.len);
	close(fd);
	FILE *pipe = popen(str_z(&arena, str_fmt(&arena, command, from)), "r");
	EXPECT(pipe != NULL);
	struct buf out = buf_new(&arena, 10000);
	for (int c; (c = fgetc(pipe)) != EOF; )
		buf_char(&out, (char)c);
	pclose(pipe);
	unlink(from);
	return buf_str(&out);
}

/* Blanks at the ends of lines apart, which noweb leaves where a reference's first line is empty. */
static Str comparable(Str text)
{
	Str rest = filter("expand -t8 %s", text);
	struct buf out = buf_new(&arena, rest.len);
	while (rest.len) {
		Str line = str_cut(&rest, '\n');
		while (line.len && line.at[line.len - 1] == ' ')
			line.len--;
		buf_add(&out, line);
		buf_char(&out, '\n');
	}
	return buf_str(&out);
}

TEST(notangle_writes_the_same)
{
	if (system("command -v notangle > /dev/null")) {
		print_message("notangle is not here\n");
		skip();
	}
	for (unsigned seed = 1; seed <= 60; seed++) {
		struct buf essay = buf_new(&arena, 10000), noweb = buf_new(&arena, 10000);
		invent(seed, &essay, &noweb);
		int keep = mute();
		struct doc *doc = parse(buf_str(&essay));
		unmute(keep);
		struct buf out = buf_new(&arena, 10000);
		EXPECT(expand(doc, doc->chunks, PLACES_NONE, S(""), &out));
		Str theirs = filter("notangle -t8 -Rc0 %s", buf_str(&noweb));
		EXPECT_STR(comparable(buf_str(&out)), comparable(theirs));
		doc_close(doc);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(reference_is_indented_to_its_column),
		CASE(places_can_be_the_essays),
		CASE(blocks_of_one_name_follow_one_another),
		CASE(indentation_adds_up_and_spares_empty_lines),
		CASE(no_directive_stands_behind_a_backslash),
		CASE(reference_stands_alone_on_its_line),
		CASE(other_languages_have_their_own_directive),
		CASE(cycles_and_unknown_chunks_are_refused),
		CASE(doubling_without_end_is_refused),
		CASE(a_chain_may_be_long),
		CASE(many_references_take_linear_time),
		CASE(notangle_writes_the_same),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
