/* Colours of listings, and that they change nothing but colours. */
#include "test.h"

#include <ftw.h>
#include <stdio.h>
#include <time.h>

#include "../../tangle/arena.h"
#include "../../tangle/highlight.h"
#include "../../tangle/html.h"

static const char *const languages[] = {
	"c", "cuda", "lua", "gnuplot", "sh", "make", "tex", "bibtex", "diff", "json", "", "unknown",
};

enum { NLANGUAGES = sizeof languages / sizeof *languages };

static struct arena whole;

/* The text's lines as they are printed, each with its newline. */
static Str shown(const char *language, Str text, struct arena *a)
{
	struct highlighter h;
	struct buf out = buf_new(a, text.len * 2);
	highlight_begin(&h, str_of(language));
	while (text.len) {
		highlight_line(&h, str_cut(&text, '\n'), &out);
		buf_char(&out, '\n');
	}
	return buf_str(&out);
}

/* With the class in brackets, [k:if], which is easier to read. */
static Str marked(const char *language, const char *text)
{
	struct arena a = whole;
	struct buf out = buf_new(&a, 4096);
	Str html = shown(language, str_of(text), &a);
	for (size_t i = 0; i < html.len; ) {
		if (str_starts(str_sub(html, i, html.len), S("<i class=\""))) {
			buf_fmt(&out, "[%c:", html.at[i + 10]);
			i += 13;
		} else if (str_starts(str_sub(html, i, html.len), S("</i>"))) {
			buf_char(&out, ']');
			i += 4;
		} else {
			buf_char(&out, html.at[i++]);
		}
	}
	return buf_str(&out);
}

/* The HTML without what is known to be a tag of ours, one open at a time, closed in its line; else a complaint. */
static Str without_tags(Str html, struct arena *a)
{
	struct buf out = buf_new(a, html.len);
	bool is_open = false;
	for (size_t i = 0; i < html.len; ) {
		Str rest = str_sub(html, i, html.len);
		bool opens = str_starts(rest, S("<i class=\"")) && rest.len > 14 && strchr("ktgscnpfad", rest.at[10]) &&
		             str_starts(str_sub(rest, 11, rest.len), S("\">")) && rest.at[13] != '<';
		bool closes = str_starts(rest, S("</i>"));
		if ((opens && is_open) || (closes && !is_open))
			return S("tags do not pair");
		if (is_open && rest.at[0] == '\n')
			return S("a tag crosses a line");
		if (opens || closes)
			is_open = opens;
		else
			buf_char(&out, rest.at[0]);
		i += opens ? 13 : closes ? 4 : 1;
	}
	return is_open ? S("a tag stays open") : buf_str(&out);
}

/* In every language, the printed text is the source's. */
static void expect_same_text(Str text, struct arena a)
{
	struct buf plain = buf_new(&a, text.len * 2);
	for (Str rest = text; rest.len; buf_char(&plain, '\n'))
		html_text(&plain, str_cut(&rest, '\n'));
	for (int i = 0; i < NLANGUAGES; i++) {
		struct arena scratch = a;
		Str got = without_tags(shown(languages[i], text, &scratch), &scratch);
		if (!str_eq(got, buf_str(&plain)))
			print_error("as '%s':\n", languages[i]);
		EXPECT_STR(got, buf_str(&plain));
	}
}

TEST(c_has_its_classes)
{
	EXPECT_STR(marked("c", "static int f(size_t n) // sum\n{\n\treturn g(n) + 0x1p-3f + 1.5e+3 + 'a';\n}\n"),
	           "[k:static] [t:int] [f:f]([t:size_t] n) [c:// sum]\n{\n"
	           "\t[k:return] g(n) + [n:0x1p-3f] + [n:1.5e+3] + [s:&#39;a&#39;];\n}\n");
	EXPECT_STR(marked("c", "#include <math.h>\n#  define N 10'000\nif (a <b> c) puts(\"a\\\"b\");\n"),
	           "[p:#include] [s:&lt;math.h&gt;]\n[p:#  define] [f:N] [n:10&#39;000]\n"
	           "[k:if] (a &lt;b&gt; c) puts([s:&quot;a\\&quot;b&quot;]);\n");
	EXPECT_STR(marked("c", "return f(x);\nx = y * f(x);\nf(x);\n\tint g(x);\n"),
	           "[k:return] f(x);\nx = y * f(x);\nf(x);\n\t[t:int] g(x);\n");
}

TEST(cuda_knows_launches_and_what_the_system_gives)
{
	EXPECT_STR(marked("cuda", "__global__ static void k(float4 *x)\nk<<<grid, 32>>>(threadIdx.x, __shfl_sync(m, v, 0));\n"),
	           "[g:__global__] [k:static] [t:void] [f:k]([t:float4] *x)\n"
	           "k[g:&lt;&lt;&lt;]grid, [n:32][g:&gt;&gt;&gt;]([g:threadIdx].x, [g:__shfl_sync](m, v, [n:0]));\n");
}

TEST(lua_has_long_brackets_of_any_level)
{
	EXPECT_STR(marked("lua", "local s = [==[\n]] ]=]\n]==] .. a[b[1]] --[[ c\nd]] return nil\n-- e\n"),
	           "[k:local] s = [s:[==[]\n[s:]] ]=]]\n[s:]==]] .. a[b[[n:1]]] [c:--[[ c]\n[c:d]]] [k:return] [n:nil]\n[c:-- e]\n");
	EXPECT_STR(marked("lua", "function a.b:c(x) return x..2 end\nlocal f = function(x) end\n"),
	           "[k:function] [f:a].[f:b]:[f:c](x) [k:return] x..[n:2] [k:end]\n[k:local] f = [k:function](x) [k:end]\n");
}

TEST(members_are_in_no_list)
{
	EXPECT_STR(marked("lua", "a.io = io.read(s:type()) ..type(b)\n"), "a.io = [g:io].read(s:type()) ..[g:type](b)\n");
	EXPECT_STR(marked("cuda", "a.half = p->half >half\n"), "a.half = p-&gt;half &gt;[t:half]\n");
}

TEST(gnuplot_has_columns_and_data)
{
	EXPECT_STR(marked("gnuplot", "plot 'a.tsv' using 1:($2/1e9) with lines lc rgb \"#abc\" # b\n"),
	           "[k:plot] [s:&#39;a.tsv&#39;] [t:using] [n:1]:([g:$2]/[n:1e9]) [t:with] [t:lines] [t:lc] [t:rgb] [s:&quot;#abc&quot;] [c:# b]\n");
	EXPECT_STR(marked("gnuplot", "$d << EOD\nif 1\nEOD\nif (1 << n) {}\n"),
	           "[g:$d] [s:&lt;&lt; EOD]\n[s:if 1]\n[s:EOD]\n[k:if] ([n:1] &lt;&lt; n) {}\n");
}

TEST(sh_colours_commands_where_they_stand)
{
	EXPECT_STR(marked("sh", "for f in *.c; do echo if \"$f\" $f; done # all\nrun() { cd a#b; }\n"),
	           "[k:for] f [k:in] *.c; [k:do] [g:echo] if [s:&quot;$f&quot;] [g:$f]; [k:done] [c:# all]\n[f:run]() { [g:cd] a#b; }\n");
	EXPECT_STR(marked("sh", "cat <<-'E'; x $((a<<b)) <<<c\nif\n\tE\nif a; then b; fi\n"),
	           "cat [s:&lt;&lt;-&#39;E&#39;]; x $((a&lt;&lt;b)) &lt;&lt;&lt;c\n[s:if]\n[s:\tE]\n[k:if] a; [k:then] b; [k:fi]\n");
	EXPECT_STR(marked("sh", "echo 'a\nif' don\\'t ${x:-'}'} fi\n"),
	           "[g:echo] [s:&#39;a]\n[s:if&#39;] don\\&#39;t [g:${x:-&#39;}][s:&#39;} fi]\n");
}

TEST(make_tells_targets_from_variables)
{
	EXPECT_STR(marked("make", "SRC := $(wildcard $(D)/*.c) # all\na.o b.o: %.o: x\n\tcc -o $@ if $<\nifdef A\nX += y:z\nendif\n"),
	           "[t:SRC] := [g:$(wildcard $(D)/*.c)] [c:# all]\n[f:a.o] [f:b.o]: %.o: x\n\tcc -o [g:$@] if [g:$&lt;]\n"
	           "[k:ifdef] A\n[t:X] += y:z\n[k:endif]\n");
}

TEST(tex_has_commands_and_comments)
{
	EXPECT_STR(marked("tex", "\\frac{a}{\\b1} 5\\% $x$ \\\\ % c\n"),
	           "[k:\\frac]{a}{[k:\\b]1} 5[k:\\%] [g:$]x[g:$] [k:\\\\] [c:% c]\n");
}

TEST(bibtex_has_kinds_keys_and_fields)
{
	EXPECT_STR(marked("bibtex", "@book{dao22,\n  title = {A {B}\n 3},\n  note = \"x\" # jan,\n  year = 2022 }\n"),
	           "[k:@book]{[f:dao22],\n  [t:title] = [s:{A {B}]\n[s: 3}],\n  [t:note] = [s:&quot;x&quot;] # jan,\n  [t:year] = [n:2022] }\n");
}

TEST(diff_is_by_lines)
{
	EXPECT_STR(marked("diff", "@@ -1 +1 @@\n-- a\n+if\n if\n\n"), "[p:@@ -1 +1 @@]\n[d:-- a]\n[a:+if]\n if\n\n");
}

TEST(json_tells_keys_from_strings)
{
	EXPECT_STR(marked("json", "{\"a\\\"\" : [\"b\", -1.5e3, true]}\n"),
	           "{[t:&quot;a\\&quot;&quot;] : [[s:&quot;b&quot;], -[n:1.5e3], [n:true]]}\n");
}

TEST(unknown_languages_are_plain)
{
	EXPECT_STR(marked("cobol", "if 1 < \"a\"\n"), "if 1 &lt; &quot;a&quot;\n");
	EXPECT_STR(marked("", "if\n"), "if\n");
}

TEST(what_is_not_closed_ends_with_its_line_or_the_listing)
{
	EXPECT_STR(marked("c", "\"a\nif\n\"b\\\nif\nif /* c\n\nif */ if\n"),
	           "[s:&quot;a]\n[k:if]\n[s:&quot;b\\]\n[s:if]\n[k:if] [c:/* c]\n\n[c:if */] [k:if]\n");
	EXPECT_STR(marked("c", "// a \\\nb\nc\n"), "[c:// a \\]\n[c:b]\nc\n");
	EXPECT_STR(marked("lua", "--[[ if\nif"), "[c:--[[ if]\n[c:if]\n");
}

TEST(words_end_where_words_end)
{
	EXPECT_STR(marked("c", "iff if_ int2 éif if x1\n"), "iff if_ int2 éif [k:if] x1\n");
	EXPECT_STR(marked("sh", "if-not a; ./if\n"), "if-not a; ./if\n");
}

/* A generator of our own: the same bytes on every machine. */
static uint32_t random_below(uint64_t *seed, uint32_t n)
{
	*seed = *seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(*seed >> 33) % n;
}

TEST(random_bytes_keep_their_text)
{
	uint64_t seed = 1;
	char bytes[300];
	for (int round = 0; round < 2000; round++) {
		size_t n = random_below(&seed, sizeof bytes);
		for (size_t i = 0; i < n; i++)
			bytes[i] = (char)random_below(&seed, 256);
		expect_same_text((Str){bytes, n}, whole);
	}
}

/* Pieces that open, close and cut something in some language. */
TEST(random_pieces_keep_their_text)
{
	static const char *const pieces[] = {
		"\"", "'", "`", "/*", "*/", "//", "--", "[[", "]]", "[=[", "]=]", "--[", "#", "\n", "\n", "\\", "\\\n", "<<", "<<-",
		"<<<", ">>>", "E", "\nE\n", "$", "${", "$(", "((", "}", ")", "{", "@", "@@", "%", "&", "=", ":", " ", "\t", "\r", "+", "-", ".",
		"..", "1", "0x", "e+", "p-", "if", "for", "in", "define", "include", "#include <", ">", "function", "int f(", "_t", "__", "\xc3\xa9",
		"\xc3", "\xe2\x80", "\xae", "\xff", "\xf0\x9f", "", "<i class=\"k\">", "</i>", "\x1b[0m", "&lt;",
	};
	uint64_t seed = 2;
	for (int round = 0; round < 4000; round++) {
		struct arena a = whole;
		struct buf text = buf_new(&a, 400);
		for (uint32_t n = random_below(&seed, 60); n; n--)
			buf_z(&text, pieces[random_below(&seed, sizeof pieces / sizeof *pieces)]);
		expect_same_text(buf_str(&text), a);
	}
}

static int nfiles;

static int check_file(const char *path, const struct stat *info, int kind, struct FTW *level)
{
	(void)level;
	if (kind != FTW_F || info->st_size > 1 << 18)
		return 0;
	struct arena a = whole;
	FILE *file = fopen(path, "rb");
	assert_non_null(file);
	size_t size = (size_t)info->st_size;
	char *bytes = NEWS(&a, char, size);
	size_t n = fread(bytes, 1, size, file);
	fclose(file);
	expect_same_text((Str){bytes, n}, a);
	nfiles++;
	return 0;
}

TEST(the_tree_keeps_its_text_in_every_language)
{
	static const char *const rooms[] = {"essays", "kernels", "runtime/include", "runtime/lua", "tests/golden"};
	for (size_t i = 0; i < sizeof rooms / sizeof *rooms; i++)
		nftw(rooms[i], check_file, 8, FTW_PHYS);
	EXPECT(nfiles > 20);
}

/* A second is a hundred times what a megabyte takes; time that grows with the square would be hours. */
TEST(long_lines_take_linear_time)
{
	static const char *const pieces[] = {
		"<", "<<", "<<a", "#", " #", "(", "((", "[", "[=", "]=", "--[", "\"", "\\", "$", "${", "$(", "a", "a ", "a:", "*", "\"a\"",
		"{", "=", "={", ".", "1", "1e", "@", "%", "in ", "for ", "'", "/*", "*/", " <", "\xff",
	};
	enum { SIZE = 1 << 18 };
	for (size_t p = 0; p < sizeof pieces / sizeof *pieces; p++) {
		struct arena a = whole;
		struct buf text = buf_new(&a, SIZE + 8);
		for (int i = 0; i < SIZE / 2; i++)
			buf_char(&text, ' ');
		while (text.len < SIZE)
			buf_z(&text, pieces[p]);
		for (int i = 0; i < NLANGUAGES; i++) {
			struct arena scratch = a;
			clock_t begin = clock();
			shown(languages[i], buf_str(&text), &scratch);
			EXPECT((double)(clock() - begin) / CLOCKS_PER_SEC < 1);
		}
	}
}

int main(void)
{
	whole = arena_map((size_t)1 << 30);
	const struct CMUnitTest tests[] = {
		CASE(c_has_its_classes),
		CASE(cuda_knows_launches_and_what_the_system_gives),
		CASE(lua_has_long_brackets_of_any_level),
		CASE(members_are_in_no_list),
		CASE(gnuplot_has_columns_and_data),
		CASE(sh_colours_commands_where_they_stand),
		CASE(make_tells_targets_from_variables),
		CASE(tex_has_commands_and_comments),
		CASE(bibtex_has_kinds_keys_and_fields),
		CASE(diff_is_by_lines),
		CASE(json_tells_keys_from_strings),
		CASE(unknown_languages_are_plain),
		CASE(what_is_not_closed_ends_with_its_line_or_the_listing),
		CASE(words_end_where_words_end),
		CASE(random_bytes_keep_their_text),
		CASE(random_pieces_keep_their_text),
		CASE(the_tree_keeps_its_text_in_every_language),
		CASE(long_lines_take_linear_time),
	};
	return RUN(tests);
}
