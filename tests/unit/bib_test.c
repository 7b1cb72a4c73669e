/* BibTeX in, references out: formatting by type, names, TeX's markup, and mistakes where they are. */
#include "../../tangle/bib.h"

#include <stdio.h>
#include <unistd.h>

#include "../../tangle/arena.h"
#include "../../tangle/bibtex.h"
#include "../../tangle/textext.h"
#include "test.h"

static struct arena arena;

static int make_arena(void **state)
{
	(void)state;
	arena = arena_map((size_t)1 << 30);
	return 0;
}

/* Parse, and give what went to stderr meanwhile. */
static struct bib *parse(const char *text, struct arena *a, Str *said)
{
	struct file *file = NEW(a, struct file);
	*file = (struct file){S("t.bib"), str_of(text)};
	FILE *caught = tmpfile();
	int before = dup(2);
	dup2(fileno(caught), 2);
	struct bib *bib = bib_parse(file, a);
	dup2(before, 2);
	close(before);
	rewind(caught);
	struct buf all = buf_new(a, 1024);
	char piece[1024];
	for (size_t n; (n = fread(piece, 1, sizeof piece, caught)); )
		buf_add(&all, (Str){piece, n});
	fclose(caught);
	*said = buf_str(&all);
	return bib;
}

/* Each line of what was said that is a report, without its excerpt. */
static Str reports(Str said, struct arena *a)
{
	struct buf out = buf_new(a, said.len);
	while (said.len) {
		Str line = str_cut(&said, '\n');
		if (str_starts(line, S("t.bib")))
			buf_fmt(&out, "%.*s\n", STR_ARG(line));
	}
	return buf_str(&out);
}

/* HTML of the one entry of a text without mistakes. */
static Str reference(const char *text, struct arena *a)
{
	Str said;
	struct bib *bib = parse(text, a, &said);
	EXPECT_STR(said, "");
	EXPECT(bib->entries && !bib->entries->next);
	return bib->entries->html;
}

static Str text_of(const char *tex, struct arena *a)
{
	Str unknown, text = textext(str_of(tex), a, &unknown);
	EXPECT_STR(unknown, "");
	return text;
}

TEST(accents_become_letters)
{
	static const char *const pairs[][2] = {
		{"R{\\'e} R\\'{e} R\\'e R{\\'{e}}", "Ré Ré Ré Ré"},
		{"Erd{\\H o}s Erd\\H{o}s Erd{\\H{o}}s", "Erdős Erdős Erdős"},
		{"Fran{\\c c}ois \\c{C}elik \\k{a} \\v{S}{\\'\\i}ma {\\'{\\i}}", "François Çelik ą Šíma í"},
		{"{\\~n} {\\\"u} \\^o \\`a \\=a \\.z \\u{g} \\r{u} \\d{s} \\b{h}", "ñ ü ô à ā ż ğ ů ṣ ẖ"},
		{"{\\L}ukasz {\\O}re {\\AA}se Stra{\\ss}e \\ae\\oe \\o x {\\th}", "Łukasz Øre Åse Straße æœøx þ"},
		/* A letter that Unicode has no composed form for, and one with two accents. */
		{"\\'{x} {\\'{\\^e}}", "x\xcc\x81 ê\xcc\x81"},
		{"\\'{abc} \\'{} \\'", "ábc \xc2\xa0\xcc\x81 \xc2\xa0\xcc\x81"},
	};
	for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
		struct arena a = arena;
		EXPECT_STR(text_of(pairs[i][0], &a), pairs[i][1]);
	}
}

TEST(markup_becomes_text)
{
	static const char *const pairs[][2] = {
		{"a--b---c-d", "a–b—c-d"},
		{"``q'' `r' it's \"s\"", "“q” ‘r’ it’s \"s\""},
		{"50\\% \\& \\$5 \\#1 a\\_b \\{x\\}", "50% & $5 #1 a_b {x}"},
		{"A~B  \n\t C\\ D\\,E", "A\xc2\xa0" "B C D\xe2\x80\x89" "E"},
		{"{GPT}: the {{logit}} \\emph{lens} {\\it old} \\textbf{\\textit{x}}", "GPT: the logit lens old x"},
		{"$O(n^2)$ $x_{10}$ $\\alpha$-$\\beta$ $n \\log n$ $k^{-1}$", "O(n²) x₁₀ α-β n log n k⁻¹"},
		{"$\\sum_i x_i$ $a^{b^c}$ $$ $ 5", "$\\sum_i x_i$ $a^{b^c}$ $$ $ 5"},
		{"\\url{http://x/~a_b--c} \\href{http://x}{the \\emph{x}}", "http://x/~a_b--c the x"},
		{"\\LaTeX{} and \\TeX", "LaTeX and TeX"},
		{"}{{", ""}, {"\\", "\\"}, {"{", ""}, {"", ""},
	};
	for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
		struct arena a = arena;
		Str unknown;
		EXPECT_STR(textext(str_of(pairs[i][0]), &a, &unknown), pairs[i][1]);
	}
}

TEST(an_unknown_command_is_named_and_shown)
{
	struct arena a = arena;
	Str unknown;
	EXPECT_STR(textext(S("a \\foo{b} {\\bar} c"), &a, &unknown), "a \\foob \\bar c");
	EXPECT_STR(unknown, "\\foo");
}

TEST(keys_sort_without_case_and_accents)
{
	struct arena a = arena;
	EXPECT_STR(textext_fold(S("Erdős, Łukasz Ößu — ḫ O’Neil (ÆØ)"), &a), "erdos lukasz ossu ḫ o neil aeo");
}

static void expect_name(const char *tex, const char *first, const char *von, const char *last, const char *jr)
{
	struct arena a = arena;
	struct bibtex_names names = bibtex_names(str_of(tex), (Span){0}, &a);
	EXPECT_INT(names.n, 1);
	EXPECT_STR(names.name[0].first, first);
	EXPECT_STR(names.name[0].von, von);
	EXPECT_STR(names.name[0].last, last);
	EXPECT_STR(names.name[0].jr, jr);
}

TEST(names_have_four_parts)
{
	expect_name("Tri Dao", "Tri", "", "Dao", "");
	expect_name("Dao, Tri", "Tri", "", "Dao", "");
	expect_name("nostalgebraist", "", "", "nostalgebraist", "");
	expect_name("Charles de la Vall{\\'e}e Poussin", "Charles", "de la", "Vall{\\'e}e Poussin", "");
	expect_name("de la Vall{\\'e}e Poussin, Charles", "Charles", "de la", "Vall{\\'e}e Poussin", "");
	expect_name("van der Waerden, B. L.", "B. L.", "van der", "Waerden", "");
	expect_name("King, Jr., Martin Luther", "Martin Luther", "", "King", "Jr.");
	expect_name("{NVIDIA Corporation, Inc.}", "", "", "{NVIDIA Corporation, Inc.}", "");
	expect_name("{\\'E}tienne {\\O}re", "{\\'E}tienne", "", "{\\O}re", "");
	expect_name("Jean {\\'e}x Y", "Jean", "{\\'e}x", "Y", "");
	expect_name("Jean {de} Y", "Jean {de}", "", "Y", "");
	expect_name("Jos\xc3\xa9 \xc3\xa9x Y", "José", "éx", "Y", "");
	expect_name("Donald~E.~Knuth", "Donald E.", "", "Knuth", "");
	expect_name("A,,B", "B", "", "A", "");
	expect_name(", A", "A", "", "", "");
	expect_name("von", "", "", "von", "");
	expect_name("de, X", "X", "", "de", "");
	expect_name("\xe5\xb1\xb1\xe7\x94\xb0, \xe5\xa4\xaa\xe9\x83\x8e", "\xe5\xa4\xaa\xe9\x83\x8e", "", "\xe5\xb1\xb1\xe7\x94\xb0", "");
}

TEST(names_are_split_at_and_outside_of_braces)
{
	struct arena a = arena;
	struct bibtex_names names = bibtex_names(S("Alexander Sand and {Barnes and Noble} AND\nC. Andy and others"), (Span){0}, &a);
	EXPECT_INT(names.n, 3);
	EXPECT(names.others);
	EXPECT_STR(names.name[0].last, "Sand");
	EXPECT_STR(names.name[1].last, "{Barnes and Noble}");
	EXPECT_STR(names.name[2].last, "Andy");
	names = bibtex_names(S("others and {others}"), (Span){0}, &a);
	EXPECT_INT(names.n, 2);
	EXPECT(!names.others);
}

/* An entry and what it becomes. */
static const char *const formatted[][2] = {
	{"@article{k, author={Aggarwal, Alok and Vitter, Jeffrey Scott}, title={Sorting and {I/O}}, journal={Commun. {ACM}},"
	 " volume={31}, number={9}, pages={1116--1127}, year={1988}, doi={10.1145/48529.48535}}",
	 "Aggarwal, Alok, and Jeffrey Scott Vitter. 1988. “Sorting and I/O.” <i>Commun. ACM</i> 31 (9): 1116–1127."
	 " <a href=\"https://doi.org/10.1145/48529.48535\">doi:10.1145/48529.48535</a>."},
	{"@inproceedings{k, author={Saha, Barna}, title={How Optimal?}, booktitle={Proceedings}, series={PMLR}, volume={235},"
	 " pages={1-9}, year=2024, eprint={2402.07443}, archivePrefix={arXiv}, publisher={P}, editor={A. Bee and C. Dee}}",
	 "Saha, Barna. 2024. “How Optimal?” In <i>Proceedings</i>, edited by A. Bee and C. Dee, PMLR 235, 1–9. P."
	 " <a href=\"https://arxiv.org/abs/2402.07443\">arXiv:2402.07443</a>."},
	{"@book{k, author={Serre, Jean-Pierre}, title={Linear Representations}, series={GTM}, volume={42}, publisher={Springer},"
	 " edition={Third}, year={1977}}",
	 "Serre, Jean-Pierre. 1977. <i>Linear Representations</i>. Third ed. GTM 42. Springer."},
	{"@book{k, editor={Erd{\\H o}s, P{\\'a}l and van der Waerden, B. L.}, title={Works}, year={1970}}",
	 "Erdős, Pál, and B. L. van der Waerden, eds. 1970. <i>Works</i>."},
	{"@techreport{k, author={Blelloch, Guy E.}, title={Prefix Sums}, institution={CMU}, number={CS-90}, year={1990}}",
	 "Blelloch, Guy E. 1990. “Prefix Sums.” Technical report CS-90, CMU."},
	{"@techreport{k, title={No author}, institution={RAND}, type={Memorandum}, number={RM-1}, year={1950}}",
	 "RAND. 1950. “No author.” Memorandum RM-1."},
	{"@phdthesis{k, author={Volkov, Vasily}, title={Latency}, school={UC Berkeley}, year={2016}, note={Also a report}}",
	 "Volkov, Vasily. 2016. “Latency.” PhD thesis, UC Berkeley. Also a report."},
	{"@mastersthesis{k, author={A. Bee}, title={T}, school={ETH}, year=2001}", "Bee, A. 2001. “T.” Master’s thesis, ETH."},
	{"@online{k, title={A page}, organization={Org}, url={https://www.example.org/a\\_b?c=d&e=f}, date={2020-03-04}}",
	 "Org. 2020. “A page.” <a href=\"https://www.example.org/a_b?c=d&amp;e=f\">example.org</a>."},
	{"@misc{k, author={{The GNU Project}}, title={GCC}, howpublished={\\url{https://gcc.gnu.org/~x/a--b}}}",
	 "The GNU Project. n.d. “GCC.” <a href=\"https://gcc.gnu.org/~x/a--b\">gcc.gnu.org</a>."},
	{"@misc{k, author={Witten, E.}, title={T}, eprint={hep-th/9503124}, archivePrefix={arXiv}, year=1995,"
	 " url={https://arxiv.org/abs/hep-th/9503124}}",
	 "Witten, E. 1995. “T.” <a href=\"https://arxiv.org/abs/hep-th/9503124\">arXiv:hep-th/9503124</a>."},
	{"@misc{k, author={D. Kingma}, title={Adam}, eprint={arXiv:1412.6980v9}, year=2014, doi={https://doi.org/10.1/a<b>c}}",
	 "Kingma, D. 2014. “Adam.” <a href=\"https://doi.org/10.1/a%3Cb%3Ec\">doi:10.1/a&lt;b&gt;c</a>."
	 " <a href=\"https://arxiv.org/abs/1412.6980v9\">arXiv:1412.6980v9</a>."},
	{"@misc{k, author={<b>, \"x\"}, title={<script>}, year={<i>}, note={a & b}}",
	 "&lt;b&gt;, &quot;x&quot;. &lt;i&gt;. “&lt;script&gt;.” a &amp; b."},
};

TEST(each_type_has_its_form)
{
	for (size_t i = 0; i < sizeof formatted / sizeof *formatted; i++) {
		struct arena a = arena;
		EXPECT_STR(reference(formatted[i][0], &a), formatted[i][1]);
	}
}

TEST(strings_and_months_are_put_in)
{
	struct arena a = arena;
	EXPECT_STR(reference("@string{J = \"The \" # {Journal}}\n@string(N = j # 2)\n@preamble{\"\\foo\" # j}\n@comment{@misc{x}}\n"
	                     "% @misc{y}\n@Article(K, Author=\"King, Jr., Martin Luther and others\", TITLE=\"A {\"}T{\"}\","
	                     " journal=n # { x} # 1, year=1963, note = MAR # \" 3\",)", &a),
	           "King, Martin Luther, Jr., et al. 1963. “A &quot;T&quot;.” <i>The Journal2 x1</i>. March 3.");
}

static Str authors_of(int n, bool others, struct arena *a)
{
	struct buf text = buf_new(a, 256);
	buf_z(&text, "@misc{k, title={T}, year=1, author={");
	for (int i = 0; i < n; i++)
		buf_fmt(&text, "%sL%c, F", i ? " and " : "", 'a' + i);
	buf_z(&text, others ? " and others}}" : "}}");
	return reference(str_z(a, buf_str(&text)), a);
}

TEST(a_long_list_of_authors_is_cut)
{
	struct arena a = arena;
	EXPECT_STR(authors_of(1, false, &a), "La, F. 1. “T.”");
	EXPECT_STR(authors_of(2, false, &a), "La, F, and F Lb. 1. “T.”");
	EXPECT_STR(authors_of(1, true, &a), "La, F, et al. 1. “T.”");
	EXPECT_STR(authors_of(10, false, &a),
	           "La, F, F Lb, F Lc, F Ld, F Le, F Lf, F Lg, F Lh, F Li, and F Lj. 1. “T.”");
	EXPECT_STR(authors_of(11, false, &a), "La, F, F Lb, F Lc, F Ld, F Le, F Lf, F Lg, F Lh, et al. 1. “T.”");
}

static void expect_short(const char *authors, const char *want)
{
	struct arena a = arena;
	Str said;
	Str text = str_fmt(&a, "@misc{k, title={T}, author={%s}}", authors);
	EXPECT_STR(parse(text.at, &a, &said)->entries->authors, want);
}

TEST(citations_name_one_two_or_more)
{
	expect_short("Dao, Tri", "Dao");
	expect_short("Dao, Tri and Gu, Albert", "Dao and Gu");
	expect_short("Dao, Tri and Gu, Albert and R{\\'e}, C.", "Dao et al.");
	expect_short("Dao, Tri and others", "Dao et al.");
	expect_short("van der Waerden, B. and {NVIDIA}", "van der Waerden and NVIDIA");
	expect_short("King, Jr., Martin", "King");
	expect_short("", "T");
}

TEST(entries_are_sorted_and_equal_years_told_apart)
{
	struct arena a = arena;
	Str said;
	struct bib *bib = parse("@misc{z, title={Zeta}, author={B, X and C, Y and D, Z}, year=2000}\n"
	                        "@misc{y, title={Alpha}, author={B, X and C, Y and E, Z}, year=2000}\n"
	                        "@misc{x, title={Two}, author={\\'A, X}, year=2001}\n"
	                        "@misc{w, title={The one}, author={A, X}, year=2001}\n"
	                        "@misc{v, title={One}, author={A, X}, year=1999}\n"
	                        "@misc{u, title={N}, author={a, X}}\n@misc{t, title={M}, author={a, X}}\n", &a, &said);
	EXPECT_STR(said, "");
	static const char *const want[][2] = {
		{"v", "1999"}, {"w", "2001"}, {"x", "2001"}, {"t", "n.d.-a"}, {"u", "n.d.-b"}, {"z", "2000a"}, {"y", "2000b"},
	};
	int i = 0;
	for (const struct bib_entry *e = bib->entries; e; e = e->next, i++) {
		EXPECT_STR(e->key, want[i][0]);
		EXPECT_STR(e->year, want[i][1]);
		EXPECT(str_search(e->html, e->year, 0) < e->html.len);
	}
	EXPECT_INT(i, 7);
	EXPECT_INT(bib_find(bib, S("x"))->line, 3);
	EXPECT(!bib_find(bib, S("X")));
}

/* A text and the reports it draws. */
static const char *const mistaken[][2] = {
	{"@misc{a, title={x}, author={A}\n\n@misc{b, title={y}}\n",
	 "t.bib:3:1: error: found '@', wanted ',' or the '}' that ends the entry\n"
	 "t.bib:1:1: note: in the entry that begins here\n"},
	{"@misc{a,\n title={x\n}\n@misc{b, title={y}}\n",
	 "t.bib:4:1: error: found '@', wanted ',' or the '}' that ends the entry\n"
	 "t.bib:1:1: note: in the entry that begins here\n"},
	{"@misc{a, title=\"un{b\"}\n@misc{b, title={y}}\n", "t.bib:1:16: error: '\"' is never closed\n"},
	{"@misc{a, title=\"b}\"}\n", "t.bib:1:18: error: found '}', wanted the '\"' that ends the value\n"},
	{"@misc{é𝐀, title={𝐀} year=1}\n", "t.bib:1:28: error: found 'year', wanted ',' or the '}' that ends the entry\n"},
	{"@misc{a title={x}}\n", "t.bib:1:9: error: found 'title', wanted ',' or the '}' that ends the entry\n"},
	{"@misc{title={x}}\n", "t.bib:1:7: error: found 'title', wanted the key of the entry before its fields\n"},
	{"@misc{, title={x}}\n", "t.bib:1:7: error: found ',', wanted the key of the entry\n"},
	{"@misc{a, ti tle={x}}\n", "t.bib:1:13: error: found 'tle', wanted '='\n"},
	{"@misc{a, 2={x}}\n", "t.bib:1:10: error: found '2', wanted the name of a field, which begins with no digit\n"},
	{"@misc{a, title={x}, year=19c}\n",
	 "t.bib:1:28: error: found 'c', wanted a number of digits only; put {} around other values\n"},
	{"@misc{a, title=}\n", "t.bib:1:16: error: found '}', wanted a value: {...}, \"...\", a number or the name of a @string\n"},
	{"@misc{a, title={x} # }\n",
	 "t.bib:1:22: error: found '}', wanted a value: {...}, \"...\", a number or the name of a @string\n"},
	{"@misc{a, title=foo # {x} # bar}\n", "t.bib:1:16: error: no @string defines 'foo'\nt.bib:1:28: error: no @string defines 'bar'\n"},
	{"@misc", "t.bib:1:6: error: found the end of the file, wanted '{'\n"},
	{"@", "t.bib:1:2: error: found the end of the file, wanted the type of an entry, as in @article\n"},
	{"@{x}\n", "t.bib:1:2: error: found '{', wanted the type of an entry, as in @article\n"},
	{"@string{a}\n", "t.bib:1:10: error: found '}', wanted '='\n"},
	{"@misc{a, year=1}\n", "t.bib:1:7: error: 'a' has no title\n"},
	{"@misc{a, title={x}}\n@misc{a, title={y}}\n",
	 "t.bib:2:7: error: a second entry has the key 'a'\nt.bib:1:7: note: the first is here\n"},
	{"@misc{a, title={x}, title={y}}\n", "t.bib:1:21: warning: a second field 'title' is not read\n"},
	{"@odd{a, title={x}}\n", "t.bib:1:1: warning: unknown type 'odd' is treated as misc\n"},
	{"@article{a, title={x}}\n", "t.bib:1:10: warning: article 'a' has no field 'journal'\n"},
	{"junk and more\njunk @misc{a, title={x}} }\n% fine\n@misc{b, title={y}} % fine\n",
	 "t.bib:1:1: warning: text between entries is not read\nt.bib:2:26: warning: text between entries is not read\n"},
	{"@misc{a, title={x}, author={A, B, C, D}}\n", "t.bib:1:28: error: more than two commas in the name 'A, B, C, D'\n"},
	{"@misc{a, title={x}, author={A and and B}}\n", "t.bib:1:28: warning: an empty name in 'A and and B'\n"},
	{"@misc{a, title={x}, author={, ,}}\n", "t.bib:1:28: warning: an empty name in ', ,'\n"},
	{"@misc{a, title={x \\foo y}}\n", "t.bib:1:19: warning: unknown TeX command '\\foo' is shown as it is\n"},
	{"@misc{a, title={x}, doi={foo}}\n", "t.bib:1:25: warning: 'foo' is not a DOI; one is as in 10.1145/48529.48535\n"},
	{"@misc{a, title={x}, url={javascript:alert(1)}}\n",
	 "t.bib:1:25: warning: 'javascript:alert(1)' begins with neither https:// nor http://\n"},
	{"@misc{a, title={x}, eprint={12.3}, archiveprefix={arXiv}}\n",
	 "t.bib:1:28: warning: '12.3' is not the number of an arXiv paper\n"},
	{"@misc{a, title={\xff}}\n", "t.bib:1:17: error: a bibliography is UTF-8 text; found the byte 0xff\n"},
};

TEST(mistakes_are_reported_where_they_are)
{
	for (size_t i = 0; i < sizeof mistaken / sizeof *mistaken; i++) {
		struct arena a = arena;
		Str said;
		parse(mistaken[i][0], &a, &said);
		EXPECT_STR(reports(said, &a), mistaken[i][1]);
	}
}

TEST(entries_after_a_mistake_are_read)
{
	struct arena a = arena;
	Str said;
	struct bib *bib = parse("@misc{a, title={x\n@misc{b, title={y}}\n@misc{c title={z}}\n  @misc{d, title={w}}\n", &a, &said);
	EXPECT_STR(reports(said, &a), "t.bib:1:16: error: '{' is never closed\n"
	                              "t.bib:3:9: error: found 'title', wanted ',' or the '}' that ends the entry\n");
	/* Those with mistakes too, so that citing them is no second one. */
	EXPECT(bib_find(bib, S("a")) && bib_find(bib, S("b")) && bib_find(bib, S("c")) && bib_find(bib, S("d")));
}

TEST(strings_that_double_are_refused)
{
	struct arena a = arena;
	struct buf text = buf_new(&a, 0);
	buf_z(&text, "@string{a0 = {0123456789}}\n");
	for (int i = 1; i < 40; i++)
		buf_fmt(&text, "@string{a%d = a%d # a%d}\n", i, i - 1, i - 1);
	Str said;
	parse(str_z(&a, buf_str(&text)), &a, &said);
	EXPECT(str_starts(said, S("t.bib:14:15: error: a value of more than 65536 bytes\n")));
}

TEST(many_unclosed_entries_take_no_time)
{
	struct arena a = arena;
	struct buf text = buf_new(&a, 0);
	for (int i = 0; i < 50000; i++)
		buf_fmt(&text, "@misc{k%d, title={x\n", i);
	Str said;
	parse(str_z(&a, buf_str(&text)), &a, &said);
	EXPECT(str_search(said, S("t.bib: note: the file is not read further"), 0) < said.len);
}

TEST(an_empty_file_has_no_entries)
{
	struct arena a = arena;
	Str said;
	EXPECT(!parse("", &a, &said)->entries);
	EXPECT(!parse("\xef\xbb\xbf% nothing\n", &a, &said)->entries);
	EXPECT_STR(said, "");
}

TEST(records_hold_a_bibliography)
{
	struct arena a = arena;
	Str said;
	struct bib *bib = parse("@misc{b, title={x\\\\y}, author={A, B}, year=1}\n@misc{a, title={y}, author={C}}\n", &a, &said);
	struct buf out = buf_new(&a, 0), again = buf_new(&a, 0);
	bib_write(bib, &out);
	struct bib *read = bib_read(buf_str(&out), &a);
	EXPECT(read);
	bib_write(read, &again);
	EXPECT_STR(buf_str(&again), buf_str(&out));
	EXPECT_STR(bib_find(read, S("b"))->html, bib_find(bib, S("b"))->html);
	EXPECT_INT(bib_find(read, S("a"))->line, 2);
	EXPECT(!bib_read(S(""), &a));
	EXPECT(!bib_read(S("bib\t2\n"), &a));
	EXPECT(!bib_read(S("bib\t1\nentry\ta\n"), &a));
	EXPECT(!bib_read(str_sub(buf_str(&out), 0, out.len - 1), &a));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(accents_become_letters),
		CASE(markup_becomes_text),
		CASE(an_unknown_command_is_named_and_shown),
		CASE(keys_sort_without_case_and_accents),
		CASE(names_have_four_parts),
		CASE(names_are_split_at_and_outside_of_braces),
		CASE(each_type_has_its_form),
		CASE(strings_and_months_are_put_in),
		CASE(a_long_list_of_authors_is_cut),
		CASE(citations_name_one_two_or_more),
		CASE(entries_are_sorted_and_equal_years_told_apart),
		CASE(mistakes_are_reported_where_they_are),
		CASE(entries_after_a_mistake_are_read),
		CASE(strings_that_double_are_refused),
		CASE(many_unclosed_entries_take_no_time),
		CASE(an_empty_file_has_no_entries),
		CASE(records_hold_a_bibliography),
	};
	return cmocka_run_group_tests(tests, make_arena, NULL);
}
