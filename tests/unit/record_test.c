/* Recordings, and what their recipes and static facts are read from: C tokens, ptxas's report, launches. */
#include "test.h"

#include "../../tangle/arena.h"
#include "../../tangle/ctoken.h"
#include "../../tangle/ptxas.h"
#include "../../tangle/recording.h"

static struct arena arena;

static Digest tokens(const char *text)
{
	struct hash h = {0};
	ctoken_hash(&h, str_of(text));
	return hash_done(&h);
}

#define SAME(a, b)   EXPECT(digest_eq(tokens(a), tokens(b)))
#define DIFFER(a, b) EXPECT(!digest_eq(tokens(a), tokens(b)))

TEST(comments_blanks_and_places_do_not_count)
{
	SAME("int x = 1;", "int /* the */ x\n\t= 1 ; // end\n");
	SAME("a\n#line 7 \"e.md#t\"\nb", "a b");
	SAME("a\n# 7 \"e.md\"\nb", "a\n  #  line 8\nb");
	SAME("x // a \\\n still a comment\ny", "x y");
	SAME("#define A 1 /* one */\nA", "#define  A  1\n\nA");
	SAME("#define A \\\n  1\n", "#define A 1\n");
	SAME("a /* unclosed", "a");
	SAME("'\"'/*'*/", "'\"'");
}

TEST(everything_else_counts)
{
	DIFFER("ab", "a b");
	DIFFER("a+ +b", "a++b");
	DIFFER("a> >b", "a>>b");
	DIFFER("\"a b\"", "\"a  b\"");
	DIFFER("\"/* */\"", "\"\"");
	DIFFER("#define F(x) x\n", "#define F (x) x\n");
	DIFFER("#define A 1\n2", "#define A 1 2\n");
	DIFFER("R\"x(a\n  b)x\"", "R\"x(a\n b)x\"");
	DIFFER("R\"(a)\" // b", "R\"(a)\" \"// b\"");
	DIFFER("1'000", "1 '000'");
	DIFFER("1e+5", "1e +5");
	DIFFER("#pragma unroll 4\n", "#pragma unroll 8\n");
	DIFFER("ab", "a\\\nb");
}

TEST(any_bytes_are_read_to_their_end)
{
	static const char *const odd[] = {
		"\"", "'", "\"\\", "R\"", "R\"abcdefghijklmnopqrstuvwxyz(", "R\"(", "\\", "\\\n", "#", "#\\\n", "/", "1'", "\xff\x80", "`@",
	};
	for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
		struct ctokens in = {.text = str_of(odd[i])};
		struct ctoken token;
		int n = 0;
		while (ctoken_next(&in, &token))
			EXPECT(++n < 100);
		EXPECT(in.at <= in.text.len);
	}
}

TEST(ptxas_report_is_read)
{
	struct kernel_facts *k = ptxas_read(S(
		"ptxas info    : 24 bytes gmem, 8 bytes cmem[3]\n"
		"ptxas info    : Compiling entry function '_Z1aPf' for 'sm_90a'\n"
		"ptxas info    : Function properties for _Z1aPf\n"
		"    112 bytes stack frame, 128 bytes spill stores, 140 bytes spill loads\n"
		"ptxas info    : Used 255 registers, used 2 barriers, 112 bytes cumulative stack size, 33024 bytes smem, "
		"384 bytes cmem[0], 16 bytes cmem[2]\n"
		"ptxas info    : Compile time = 20.272 ms\n"
		"ptxas info    : Function properties for _Z6devicef\n"
		"    8 bytes stack frame, 4 bytes spill stores, 4 bytes spill loads\n"
		"x.cu(3): warning: nothing of interest\n"
		"ptxas info    : Compiling entry function '_Z1bPf' for 'sm_90a'\n"
		"ptxas info    : Function properties for _Z1bPf\n"
		"    0 bytes stack frame, 0 bytes spill stores, 0 bytes spill loads\n"
		"ptxas info    : Used 8 registers"), &arena);
	EXPECT(k && k->next && !k->next->next);
	EXPECT_STR(k->symbol, "_Z1aPf");
	EXPECT_INT(k->registers, 255);
	EXPECT_INT(k->barriers, 2);
	EXPECT_INT(k->stack, 112);
	EXPECT_INT(k->spill_stores, 128);
	EXPECT_INT(k->spill_loads, 140);
	EXPECT_INT(k->shared, 33024);
	EXPECT_INT(k->constant, 400);
	EXPECT_STR(k->next->symbol, "_Z1bPf");
	EXPECT_INT(k->next->registers, 8);
	EXPECT_INT(k->next->spill_loads, 0);
	EXPECT(!ptxas_read(S("Used 8 registers\n"), &arena));
}

/* "NAME BLOCK DYNAMIC;" of each launch. */
static Str launches(const char *text)
{
	struct launch *list = NULL;
	struct buf out = buf_new(&arena, 256);
	launches_read(str_of(text), &list, &arena);
	for (const struct launch *l = list; l; l = l->next)
		buf_fmt(&out, "%.*s %ld %ld;", STR_ARG(l->kernel), l->block, l->dynamic);
	return buf_str(&out);
}

TEST(constant_launches_are_found)
{
	EXPECT_STR(launches("f<<<n, 128>>>(x);"), "f 128 0;");
	EXPECT_STR(launches("k::f<float, g<2>><<<(n + 3) / 4, 16 * 16, 2 * sizeof(float) * 64, stream>>>(x);"), "f 256 512;");
	EXPECT_STR(launches("#define B 32\nenum { C = B * 2, D };\nf<<<1, C>>>(); f<<<1, B>>>(); f<<<2, C>>>();"), "f 64 0;f 32 0;");
	EXPECT_STR(launches("constexpr int W = 8; dim3 block(W, W / 2), b; f<<<grid, block>>>();"), "f 32 0;");
	EXPECT_STR(launches("f<<<dim3(1, 2), dim3(8, 8, 2), (size_t)66304>>>();"), "f 128 66304;");
}

TEST(other_launches_are_passed_over)
{
	EXPECT_STR(launches("int n = 4; f<<<1, n>>>();"), "");
	EXPECT_STR(launches("f<<<1, 128, bytes>>>();"), "");
	EXPECT_STR(launches("f<<<1, 2048>>>();"), "");
	EXPECT_STR(launches("f<<<1>>>();"), "");
	EXPECT_STR(launches("#define F(x) 3\nf<<<1, F>>>();"), "");
	EXPECT_STR(launches("f<<<1, 4 / 0>>>(); f<<<1, (((((>>>(); f<<<1, 64"), "");
	EXPECT_STR(launches("x << 3; // f<<<1, 64>>>()\n\"f<<<1, 64>>>()\""), "");
}

TEST(a_recording_reads_as_it_was_written)
{
	struct circumstance date = {NULL, S("date"), S("2026-01-20")}, clocks = {&date, S("clocks"), S("a\tb\nc")};
	struct recorded_file files[] = {
		{S("a.tsv"), digest_of(S("x")), 1, false},
		{S("log-ncu.csv"), digest_of(S("yy")), 2, true},
	};
	struct recording r = {
		.essay = S("e"), .program = S("p"), .point = S("n=1"), .recipe = digest_of(S("r")), .device = S("NVIDIA H200"),
		.environment = &clocks, .status = 3, .wall_s = 0.25, .out_omitted = 4, .err_omitted = 5, .repeats = 6, .files = files, .nfiles = 2,
	};
	struct buf out = buf_new(&arena, 1024);
	Str problem;
	recording_write(&r, &out);
	struct recording *got = recording_read(buf_str(&out), &arena, &problem);
	EXPECT(got);
	EXPECT_STR(got->point, "n=1");
	EXPECT(digest_eq(got->recipe, r.recipe));
	EXPECT_STR(recording_circumstance(got, "clocks"), "a\tb\nc");
	EXPECT_STR(recording_circumstance(got, "none"), "");
	EXPECT_INT(got->status, 3);
	EXPECT(got->wall_s == 0.25);
	EXPECT_INT(got->repeats, 6);
	EXPECT_INT(got->nfiles, 2);
	EXPECT(got->files[1].log && !got->files[0].log);
}

/* Every byte of a record counts, and so does where it ends. */
TEST(an_altered_recording_is_refused)
{
	struct recorded_file file = {S("a.tsv"), digest_of(S("x")), 1, false};
	struct recording r = {.essay = S("e"), .program = S("p"), .device = S("d"), .files = &file, .nfiles = 1};
	struct buf out = buf_new(&arena, 1024);
	Str problem;
	recording_write(&r, &out);
	for (size_t i = 0; i < out.len; i++) {
		struct arena scratch = arena;
		Str copy = str_copy(&scratch, buf_str(&out));
		((char *)copy.at)[i] ^= 1;
		EXPECT(!recording_read(copy, &scratch, &problem));
		EXPECT(problem.len > 0);
		EXPECT(!recording_read(str_sub(buf_str(&out), 0, i), &scratch, &problem));
	}
}

TEST(files_of_a_recording_stay_beside_it)
{
	static const char *const bad[] = {"../x", "a/b", "", ".hidden", "record"};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct recorded_file file = {str_of(bad[i]), digest_of(S("x")), 1, false};
		struct recording r = {.files = &file, .nfiles = 1};
		struct buf out = buf_new(&arena, 1024);
		Str problem;
		recording_write(&r, &out);
		EXPECT(!recording_read(buf_str(&out), &arena, &problem));
	}
}

TEST(points_have_directories_of_their_own)
{
	EXPECT_STR(point_dir(S("n=256 seed=1"), &arena), "n=256,seed=1");
	EXPECT_STR(point_dir(S("f=../a,b_c"), &arena), "f=.._2fa_2cb_5fc");
	EXPECT_STR(recording_dir(S("e"), S("p"), (Str){0}, &arena), "essays/e/recorded/p");
	EXPECT_STR(recording_dir(S("e"), S("p"), POINT_STATIC, &arena), "essays/e/recorded/p/static");
}

int main(void)
{
	arena = arena_map(1 << 26);
	const struct CMUnitTest tests[] = {
		CASE(comments_blanks_and_places_do_not_count), CASE(everything_else_counts), CASE(any_bytes_are_read_to_their_end),
		CASE(ptxas_report_is_read), CASE(constant_launches_are_found), CASE(other_launches_are_passed_over),
		CASE(a_recording_reads_as_it_was_written), CASE(an_altered_recording_is_refused),
		CASE(files_of_a_recording_stay_beside_it), CASE(points_have_directories_of_their_own),
	};
	return RUN(tests);
}
