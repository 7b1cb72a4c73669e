/* weft.h: its files byte by byte, its mathematics against long double, and one
 * program built by every compiler at hand, which must say the same everywhere.
 *
 * Runs from the root of the tree. What needs a fresh process (an abort, an exit
 * status) runs in a child. */
#include "../../runtime/include/weft.h"

#include <fcntl.h>
#include <float.h>
#include <limits.h>
#include <math.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test.h"

static char root[PATH_MAX];     /* of the tree */
static char scratch[64];        /* our working directory */

static int set_up(void **state)
{
	(void)state;
	if (!getcwd(root, sizeof root))
		return -1;
	snprintf(scratch, sizeof scratch, "%s/weft_h_test.XXXXXX", P_tmpdir);
	if (!mkdtemp(scratch) || chdir(scratch))
		return -1;
	struct rlimit no_core = {0, 0};
	return setrlimit(RLIMIT_CORE, &no_core);
}

static int tear_down(void **state)
{
	(void)state;
	char command[128];
	snprintf(command, sizeof command, "rm -rf '%s'", scratch);
	return chdir(root) || system(command);
}

/* The file's text, valid until the next call; "" without the file. */
static const char *text_of(const char *path)
{
	static char text[65536];
	FILE *f = fopen(path, "r");
	text[f ? fread(text, 1, sizeof text - 1, f) : 0] = '\0';
	if (f)
		fclose(f);
	return text;
}

static void write_text(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");
	EXPECT(f && fputs(text, f) >= 0 && !fclose(f));
}

/* Run f in a child and return its wait status; what it says on stderr goes to the file "said". */
static int status_of(void (*f)(void))
{
	fflush(NULL);
	pid_t child = fork();
	if (!child) {
		int said = open("said", O_WRONLY | O_CREAT | O_TRUNC, 0666);
		if (said < 0 || dup2(said, STDERR_FILENO) < 0)
			_exit(99);
		f();
		_exit(0);
	}
	int status = -1;
	waitpid(child, &status, 0);
	return status;
}

static void expect_abort(void (*f)(void), const char *said)
{
	int status = status_of(f);
	EXPECT(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
	const char *text = text_of("said");
	EXPECT(!strncmp(text, __FILE__ ":", strlen(__FILE__ ":")));
	const char *message = strstr(text, ": error: ");
	EXPECT_STR(message ? message + 9 : text, said);
}

static void expect_exit_2(void (*f)(void), const char *said)
{
	int status = status_of(f);
	EXPECT(WIFEXITED(status) && WEXITSTATUS(status) == 2);
	EXPECT_STR(text_of("said"), said);
}

/* --- Parameters --- */

/* Part a command line, in place, into argv; returns argc. */
static int part(char *line, char **argv)
{
	int argc = 0;
	for (char *word = strtok(line, " "); word; word = strtok(NULL, " "))
		argv[argc++] = word;
	return argc;
}

TEST(last_parameter_of_a_name_wins)
{
	char line[] = "n=1 n=5 nn=6 x=1e-3 n=-7 kind=a=b empty= m";
	char *argv[16];
	EXPECT_INT(part(line, argv), 8);
	EXPECT_INT(weft_param_int(8, argv, "n", 4), -7);
	EXPECT_INT(weft_param_int(8, argv, "nn", 4), 6);
	EXPECT_INT(weft_param_int(8, argv, "m", 4), 4);
	EXPECT_INT(weft_param_int(1, argv, "n", 4), 4);
	EXPECT(weft_param_real(8, argv, "x", 2) == 1e-3);
	EXPECT(weft_param_real(8, argv, "y", 2.5) == 2.5);
	EXPECT_STR(weft_param_text(8, argv, "kind", "?"), "a=b");
	EXPECT_STR(weft_param_text(8, argv, "empty", "?"), "");
	EXPECT_STR(weft_param_text(8, argv, "absent", "?"), "?");
}

static const char *wrong;

static void read_wrong_int(void)
{
	char text[64];
	snprintf(text, sizeof text, "n=%s", wrong);
	char *argv[] = {text, text};
	weft_param_int(2, argv, "n", 1);
}

static void read_wrong_real(void)
{
	char text[64];
	snprintf(text, sizeof text, "x=%s", wrong);
	char *argv[] = {text, text};
	weft_param_real(2, argv, "x", 1);
}

TEST(malformed_parameter_is_one_line_and_exit_2)
{
	const char *ints[] = {"", "12x", " 12", "1e3", "0x10", "1.5", "99999999999999999999"};
	for (size_t i = 0; i < sizeof ints / sizeof *ints; i++) {
		char said[128];
		snprintf(said, sizeof said, "error: parameter 'n' wants an integer, found '%s'\n", ints[i]);
		wrong = ints[i];
		expect_exit_2(read_wrong_int, said);
	}
	const char *reals[] = {"", "1.5f", "\t1", "1e999", "x"};
	for (size_t i = 0; i < sizeof reals / sizeof *reals; i++) {
		char said[128];
		snprintf(said, sizeof said, "error: parameter 'x' wants a number, found '%s'\n", reals[i]);
		wrong = reals[i];
		expect_exit_2(read_wrong_real, said);
	}
}

/* --- Tables and values --- */

TEST(table_holds_every_type_of_cell)
{
	enum { BLUE = 3 };
	weft_table t = weft_table_open("types", "a[B]\tb c[ms/step] d\ne f g h");
	weft_row(&t, (char)65, (signed char)-1, (short)-2, -3, -4L, LLONG_MIN, (_Bool)1, BLUE);
	weft_row(&t, (unsigned char)1, (unsigned short)2, 3u, 4ul, ULLONG_MAX, 1.5f, 0.1, "text");
	char local[] = "é";
	const char *borrowed = "b";
	weft_row(&t, local, borrowed, "", 1e300, 3.0, (double)NAN, -(double)NAN, -(double)INFINITY);
	weft_table_close(&t);
	weft_table_close(&t);
	EXPECT_STR(text_of("types.tsv"), "a[B]\tb\tc[ms/step]\td\te\tf\tg\th\n"
	           "65\t-1\t-2\t-3\t-4\t-9223372036854775808\t1\t3\n"
	           "1\t2\t3\t4\t18446744073709551615\t1.5\t0.10000000000000001\ttext\n"
	           "é\tb\t\t1.0000000000000001e+300\t3\tnan\tnan\t-inf\n");
}

TEST(row_has_up_to_24_cells)
{
	weft_table t = weft_table_open("wide", "a b c d e f g h i j k l m n o p q r s t u v w x");
	weft_row(&t, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22,
	         23, 24);
	weft_table_close(&t);
	EXPECT_STR(text_of("wide.tsv"),
	           "a\tb\tc\td\te\tf\tg\th\ti\tj\tk\tl\tm\tn\to\tp\tq\tr\ts\tt\tu\tv\tw\tx\n"
	           "1\t2\t3\t4\t5\t6\t7\t8\t9\t10\t11\t12\t13\t14\t15\t16\t17\t18\t19\t20\t21\t22"
	           "\t23\t24\n");
}

static const char *columns;

static void open_wrong_columns(void)
{
	weft_table_open("t", columns);
}

TEST(wrong_header_aborts)
{
	static const struct {
		const char *columns, *said;
	} cases[] = {
		{"", "table 't' has no columns\n"},
		{"a 1b", "table 't': column '1b' is not name or name[unit], name = [A-Za-z_][A-Za-z0-9_]*\n"},
		{"a[]", "table 't': column 'a[]' is not name or name[unit], name = [A-Za-z_][A-Za-z0-9_]*\n"},
		{"a[b", "table 't': column 'a[b' is not name or name[unit], name = [A-Za-z_][A-Za-z0-9_]*\n"},
		{"a[b]]", "table 't': column 'a[b]]' is not name or name[unit], name = [A-Za-z_][A-Za-z0-9_]*\n"},
		{"a-b", "table 't': column 'a-b' is not name or name[unit], name = [A-Za-z_][A-Za-z0-9_]*\n"},
		{"a b a[s]", "table 't': two columns are named 'a'\n"},
		{"a b c d e f g h i j k l m n o p q r s t u v w x y", "table 't' has more than 24 columns\n"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		columns = cases[i].columns;
		expect_abort(open_wrong_columns, cases[i].said);
	}
}

static const char *table_name;

static void open_wrong_name(void)
{
	weft_table_open(table_name, "a");
}

static void open_twice(void)
{
	weft_table t = weft_table_open("twice", "a");
	weft_table_close(&t);
	weft_table_open("twice", "a");
}

TEST(wrong_table_name_aborts)
{
	table_name = "../t";
	expect_abort(open_wrong_name,
	             "table name '../t' is not [A-Za-z_][A-Za-z0-9_]* of at most 63 bytes\n");
	table_name = "values";
	expect_abort(open_wrong_name, "table 'values' is what weft_value() writes\n");
	expect_abort(open_twice, "table 'twice' is opened twice\n");
}

static void add_short_row(void)
{
	weft_table t = weft_table_open("arity", "a b c");
	weft_row(&t, 1, 2, 3);
	weft_row(&t, 1, 2);
}

static void add_tab(void)
{
	weft_table t = weft_table_open("tab", "a b");
	weft_row(&t, 1, "x\ty");
}

static void add_null(void)
{
	const char *nothing = NULL;
	weft_table t = weft_table_open("null", "a");
	weft_row(&t, nothing);
}

static void add_to_closed(void)
{
	weft_table t = weft_table_open("closed", "a");
	weft_table_close(&t);
	weft_row(&t, 1);
}

TEST(wrong_row_aborts)
{
	expect_abort(add_short_row, "table 'arity' has 3 columns, row 2 has 2 cells\n");
	expect_abort(add_tab, "table 'tab': the text 'x\ty' has a tab or the end of a line\n");
	expect_abort(add_null, "table 'null': the text is NULL\n");
	expect_abort(add_to_closed, "table 'closed' is not open\n");
}

TEST(values_are_rows_of_one_table)
{
	weft_value("bytes", 4096u, "B");
	weft_value("ratio", 0.25f, "");
	weft_value("rate", 1e-5, "tokens per s");
	EXPECT_STR(text_of("values.tsv"), "name\tvalue\tunit\n"
	           "bytes\t4096\tB\n"
	           "ratio\t0.25\t\n"
	           "rate\t1.0000000000000001e-05\ttokens per s\n");
}

static void give_twice(void)
{
	weft_value("x", 1, "");
	weft_value("x", 1, "");
}

static void give_unnameable(void)
{
	weft_value("a-b", 1, "");
}

static void give_bracketed_unit(void)
{
	weft_value("a", 1, "[B]");
}

TEST(wrong_value_aborts)
{
	expect_abort(give_twice, "value 'x' is given twice\n");
	expect_abort(give_unnameable,
	             "value name 'a-b' is not [A-Za-z_][A-Za-z0-9_]* of at most 63 bytes\n");
	expect_abort(give_bracketed_unit, "unit of value 'a': '[B]' has brackets\n");
}

static void fill_disk_with_rows(void)
{
	if (symlink("/dev/full", "full.tsv"))
		_exit(98);
	weft_table t = weft_table_open("full", "a");
	weft_row(&t, 1);
	weft_table_close(&t);
}

static void fill_disk_with_values(void)
{
	if (mkdir("full", 0777) || chdir("full") || symlink("/dev/full", "values.tsv"))
		_exit(98);
	weft_process_state_.values = NULL;      /* as in a fresh process */
	weft_value("a", 1, "");
}

static void open_in_no_directory(void)
{
	if (mkdir("gone", 0777) || chdir("gone") || rmdir("../gone"))
		_exit(98);
	weft_table_open("t", "a");
}

TEST(failed_write_is_exit_2)
{
	expect_exit_2(fill_disk_with_rows, "error: write 'full.tsv': No space left on device\n");
	expect_exit_2(fill_disk_with_values, "error: write 'values.tsv': No space left on device\n");
	expect_exit_2(open_in_no_directory, "error: create 't.tsv': No such file or directory\n");
}

/* --- Random numbers --- */

/* The first outputs of the authors' programs. */
TEST(generator_is_the_published_one)
{
	weft_rng seeded = weft_seed(1234567);
	EXPECT(seeded.s[0] == 6457827717110365317u);
	EXPECT(seeded.s[1] == 3203168211198807973u);
	EXPECT(seeded.s[2] == 9817491932198370423u);
	EXPECT(seeded.s[3] == 4593380528125082431u);
	weft_rng r = {.s = {1, 2, 3, 4}};
	const uint64_t first[] = {
		11520u, 0u, 1509978240u, 1215971899390074240u, 1216172134540287360u,
		607988272756665600u, 16172922978634559625u, 8476171486693032832u,
		10595114339597558777u, 2904607092377533576u,
	};
	for (size_t i = 0; i < sizeof first / sizeof *first; i++)
		EXPECT(weft_next(&r) == first[i]);
}

TEST(below_stays_below_and_is_even)
{
	weft_rng r = weft_seed(3);
	const uint64_t limits[] = {1, 2, 3, 1000, (1ull << 63) + 1, UINT64_MAX};
	for (size_t i = 0; i < sizeof limits / sizeof *limits; i++)
		for (int j = 0; j < 1000; j++)
			EXPECT(weft_below(&r, limits[i]) < limits[i]);
	/* Of 3 * 2^62, a plain remainder would make the lower third twice as likely. */
	double thirds[3] = {0};
	for (int j = 0; j < 60000; j++)
		thirds[weft_below(&r, 3ull << 62) >> 62]++;
	double chi_square = 0;
	for (int i = 0; i < 3; i++)
		chi_square += (thirds[i] - 20000) * (thirds[i] - 20000) / 20000;
	EXPECT(chi_square < 13.8);      /* exceeded once in a thousand seeds */
}

static void draw_below_nothing(void)
{
	weft_rng r = weft_seed(1);
	weft_below(&r, 0);
}

TEST(below_nothing_aborts)
{
	int status = status_of(draw_below_nothing);
	EXPECT(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
	EXPECT(strstr(text_of("said"), "weft_below() wants n > 0") != NULL);
}

/* Four standard errors each; the moments of N(0,1) are 0, 1, 0, 3. */
TEST(normal_has_the_moments_of_a_normal)
{
	enum { N = 1000000 };
	weft_rng r = weft_seed(2);
	double moment[5] = {0};
	for (int i = 0; i < N; i++) {
		double x = weft_normal(&r);
		for (int p = 1; p < 5; p++) {
			double power = x;
			for (int j = 1; j < p; j++)
				power *= x;
			moment[p] += power / N;
		}
	}
	EXPECT(fabs(moment[1] - 0) < 4 * sqrt(1.0 / N));
	EXPECT(fabs(moment[2] - 1) < 4 * sqrt(2.0 / N));
	EXPECT(fabs(moment[3] - 0) < 4 * sqrt(15.0 / N));
	EXPECT(fabs(moment[4] - 3) < 4 * sqrt(96.0 / N));
}

TEST(uniform_is_in_the_half_open_unit_interval)
{
	weft_rng low = {.s = {0, 0, 0, 0}};
	EXPECT(weft_uniform(&low) == 0);
	weft_rng r = weft_seed(9);
	double sum = 0;
	for (int i = 0; i < 100000; i++) {
		double u = weft_uniform(&r);
		EXPECT(u >= 0 && u < 1);
		sum += u;
	}
	EXPECT(fabs(sum / 100000 - 0.5) < 4 * sqrt(1 / 12.0 / 100000));
}

/* --- Time --- */

TEST(timing_counts_runs_and_orders_quantiles)
{
	int runs = 0;
	weft_timing t;
	WEFT_TIME(&t, 2, 5) {
		runs++;
		if (runs == 3)
			continue;
		weft_timing inner;
		WEFT_TIME(&inner, 0, 1)
			usleep(100);
		EXPECT(inner.n == 1 && inner.min_s == inner.max_s && inner.min_s >= 100e-6);
	}
	EXPECT_INT(runs, 7);
	EXPECT_INT(t.n, 5);
	EXPECT(t.min_s >= 0 && t.min_s <= t.lo_s && t.lo_s <= t.median_s);
	EXPECT(t.median_s >= 100e-6 && t.median_s <= t.hi_s && t.hi_s <= t.max_s);
}

TEST(timing_broken_off_is_zero)
{
	weft_timing t = {.n = 7};
	WEFT_TIME(&t, 0, 3)
		break;
	EXPECT(t.n == 0 && t.median_s == 0);
}

TEST(quartiles_interpolate)
{
	const double x[] = {1, 2, 4, 8};
	EXPECT(weft_quantile_(x, 4, 0.5) == 3);
	EXPECT(weft_quantile_(x, 4, 0.25) == 1.75);
	EXPECT(weft_quantile_(x, 4, 0.75) == 5);
	EXPECT(weft_quantile_(x, 1, 0.75) == 1);
}

static void time_nothing(void)
{
	weft_timing t;
	WEFT_TIME(&t, 0, 0) {
	}
}

TEST(timing_wants_repeats)
{
	expect_abort(time_nothing, "WEFT_TIME wants warmup >= 0 and repeats from 1 to 1001, "
	             "found 0 and 0\n");
}

/* --- Mathematics --- */

/* Distance from the truth in units of the last of `digits` binary places, the smallest unit being 2^least. */
static double ulps(double got, long double want, int digits, int least)
{
	int e;
	frexpl(want, &e);
	int unit = e - digits < least ? least : e - digits;
	return (double)fabsl(ldexpl((long double)got - want, -unit));
}

static double worse(double a, double b)
{
	return a > b ? a : b;
}

static double exp_error(double x)
{
	return ulps(weft_exp(x), expl(x), 53, -1074);
}

static double log_error(double x)
{
	return ulps(weft_log(x), logl(x), 53, -1074);
}

static const double LARGEST_EXP  = 709.782712893384;    /* the last double whose exponential is finite */
static const double SMALLEST_EXP = -708.3964185322641;  /* the last whose exponential is normal */

TEST(exp_is_within_its_bound)
{
	weft_rng r = weft_seed(11);
	double normal = 0, subnormal = 0;
	for (int i = 0; i < 500000; i++) {
		double wide = SMALLEST_EXP + (LARGEST_EXP - SMALLEST_EXP) * weft_uniform(&r);
		double near = 2 * weft_uniform(&r) - 1;
		/* The far end of a reduced argument, where the error is largest. */
		double edge = (0.5 + (double)weft_below(&r, 1400) - 700) * 0.6931471805599453 +
		              0.01 * near;
		double tiny = SMALLEST_EXP - 37 * weft_uniform(&r);
		normal = worse(normal, exp_error(wide));
		normal = worse(normal, exp_error(near));
		normal = worse(normal, exp_error(edge));
		subnormal = worse(subnormal, exp_error(tiny));
	}
	const double points[] = {0, -0.0, DBL_MIN, -DBL_MIN, DBL_EPSILON, 1, -1, LARGEST_EXP,
	                         SMALLEST_EXP, 0.34657359027997264, 1e-300, 88.72, 700};
	for (size_t i = 0; i < sizeof points / sizeof *points; i++)
		normal = worse(normal, exp_error(points[i]));
	print_message("exp: %.3f ulp, subnormal results %.3f ulp\n", normal, subnormal);
	EXPECT(normal < 0.75);
	EXPECT(subnormal < 1);
}

TEST(log_is_within_its_bound)
{
	weft_rng r = weft_seed(12);
	double worst = 0;
	for (int i = 0; i < 500000; i++) {
		uint64_t bits = weft_below(&r, weft_bits_(INFINITY) - 1) + 1;
		double near_one = 1 + 0.01 * (weft_uniform(&r) - 0.5);
		double octave = 0.5 + 1.5 * weft_uniform(&r);
		double edge = 1.4142135623730951 + 0.01 * (weft_uniform(&r) - 0.5);
		worst = worse(worst, log_error(weft_from_bits_(bits)));
		worst = worse(worst, log_error(near_one));
		worst = worse(worst, log_error(octave));
		worst = worse(worst, log_error(ldexp(edge, (int)weft_below(&r, 2000) - 1000)));
	}
	const double points[] = {DBL_MIN, 4.9406564584124654e-324, DBL_MAX, 1 + DBL_EPSILON,
	                         1 - DBL_EPSILON / 2, 2, 0.5, 10, 0.70710678118654757};
	for (size_t i = 0; i < sizeof points / sizeof *points; i++)
		worst = worse(worst, log_error(points[i]));
	print_message("log: %.3f ulp\n", worst);
	EXPECT(worst < 0.75);
}

/* A stride over all floats; over each of them one by one the errors are 0.50011 and 0.50001. */
TEST(float_versions_are_within_their_bounds)
{
	double exp_worst = 0, log_worst = 0;
	for (uint64_t at = 0; at < 1ull << 32; at += 1499) {
		uint32_t bits = (uint32_t)at;
		float x;
		memcpy(&x, &bits, sizeof x);
		if (x > -104 && x < 88.7228f)
			exp_worst = worse(exp_worst, ulps(weft_expf(x), expl(x), 24, -149));
		if (x > 0 && x <= FLT_MAX)
			log_worst = worse(log_worst, ulps(weft_logf(x), logl(x), 24, -149));
	}
	print_message("expf: %.5f ulp, logf: %.5f ulp\n", exp_worst, log_worst);
	EXPECT(exp_worst < 0.501);
	EXPECT(log_worst < 0.501);
}

TEST(specials_are_those_of_annex_f)
{
	const double inf = INFINITY;
	EXPECT(weft_exp(inf) == inf && weft_exp(-inf) == 0 && weft_exp(0) == 1 && weft_exp(-0.0) == 1);
	EXPECT(weft_exp(LARGEST_EXP) < inf && weft_exp(nextafter(LARGEST_EXP, inf)) == inf);
	EXPECT(weft_exp(DBL_MAX) == inf && weft_exp(-DBL_MAX) == 0 && !signbit(weft_exp(-inf)));
	EXPECT(weft_exp(-745.1332191019411) == 4.9406564584124654e-324);
	EXPECT(weft_exp(-745.1332191019412) == 0);
	EXPECT(weft_log(0) == -inf && weft_log(-0.0) == -inf && weft_log(inf) == inf);
	EXPECT(weft_log(1) == 0 && !signbit(weft_log(1)));
	EXPECT(weft_expf(INFINITY) == inf && weft_expf(-INFINITY) == 0 && weft_expf(-0.0f) == 1);
	EXPECT(weft_expf(88.7228317f) <= FLT_MAX && weft_expf(88.7228394f) == inf);
	EXPECT(weft_expf(-103.972076f) == 1.40129846e-45f && weft_expf(-103.972084f) == 0);
	EXPECT(weft_logf(0) == -inf && weft_logf(-0.0f) == -inf && weft_logf(INFINITY) == inf);
	EXPECT(weft_logf(1) == 0 && !signbit(weft_logf(1)));
	const double nans[] = {weft_exp(NAN), weft_exp(-NAN), weft_log(NAN), weft_log(-1), weft_log(-inf)};
	for (size_t i = 0; i < sizeof nans / sizeof *nans; i++)
		EXPECT(weft_bits_(nans[i]) == 0x7ff8000000000000u);
	EXPECT(isnan(weft_expf(NAN)) && isnan(weft_logf(NAN)) && isnan(weft_logf(-1)));
}

TEST(short_sums_of_integers_are_exact)
{
	double x[600];
	float f[600];
	for (int i = 0; i < 600; i++)
		x[i] = f[i] = (float)(i + 1);
	for (size_t n = 0; n <= 600; n++) {
		double want = (double)n * (double)(n + 1) / 2;
		EXPECT(weft_sum(x, n) == want);
		EXPECT(weft_sumf(f, n) == (float)want);
		EXPECT(weft_dot(x, x, n) == want * (2 * (double)n + 1) / 3);
	}
}

TEST(long_sums_are_within_their_bound)
{
	enum { N = 1000003 };
	double *x = malloc(N * sizeof *x);
	float *f = malloc(N * sizeof *f);
	weft_rng r = weft_seed(4);
	long double sum = 0, size = 0, dot = 0, dot_size = 0, sumf = 0;
	for (int i = 0; i < N; i++) {
		x[i] = weft_normal(&r) * weft_exp(10 * weft_uniform(&r));
		f[i] = 0.1f;
		sum += x[i];
		size += fabs(x[i]);
		sumf += f[i];
	}
	for (int i = 0; i < N; i++) {
		dot += (long double)x[i] * x[N - 1 - i];
		dot_size += fabsl((long double)x[i] * x[N - 1 - i]);
	}
	double *backwards = malloc(N * sizeof *backwards);
	for (int i = 0; i < N; i++)
		backwards[i] = x[N - 1 - i];
	long double chain = (19 + log2l(N / 64.0L)) * 0x1p-53L;
	EXPECT(fabsl(weft_sum(x, N) - sum) <= chain * size);
	EXPECT(fabsl(weft_dot(x, backwards, N) - dot) <= (chain + 0x1p-53L) * dot_size);
	EXPECT(ulps(weft_sumf(f, N), sumf, 24, -149) <= 0.501);
	free(x);
	free(f);
	free(backwards);
}

/* --- One program, every compiler --- */

/* C and C++; says a digest of the bits of all it computes, and leaves a table and values. */
static const char PROBE[] =
"#include \"weft.h\"\n"
"static uint64_t digest = 0xcbf29ce484222325u;\n"
"static void add(double x)\n"
"{\n"
"	uint64_t bits;\n"
"	memcpy(&bits, &x, sizeof bits);\n"
"	digest = (digest ^ bits) * 0x100000001b3u;\n"
"	digest ^= digest >> 29;\n"
"}\n"
"int main(int argc, char **argv)\n"
"{\n"
"	static double x[20000];\n"
"	static float f[20000];\n"
"	weft_rng r = weft_seed((uint64_t)weft_param_int(argc, argv, \"seed\", 1));\n"
"	for (int i = 0; i < 20000; i++) {\n"
"		x[i] = weft_normal(&r) * 100;\n"
"		f[i] = (float)weft_uniform(&r);\n"
"		add(x[i]);\n"
"		add(weft_exp(x[i]));\n"
"		add(weft_exp(x[i] * 7));\n"
"		add(weft_log(x[i] * x[i]));\n"
"		add(weft_log(weft_exp(x[i])));\n"
"		add(weft_expf((float)x[i]));\n"
"		add(weft_logf(f[i]));\n"
"		add((double)weft_below(&r, 1000));\n"
"		add(weft_sum(x, (size_t)i % 500));\n"
"	}\n"
"	add(weft_sum(x, 20000));\n"
"	add(weft_dot(x, x, 20000));\n"
"	add(weft_sumf(f, 20000));\n"
"	add(weft_exp(-1 / weft_exp(-1e3)));\n"
"	weft_table t = weft_table_open(\"probe\", \"n[1] x y kind\");\n"
"	weft_row(&t, 1u, 0.1f, x[0], \"first\");\n"
"	weft_row(&t, -1L, weft_log(-1.0), 1e22, \"\");\n"
"	weft_table_close(&t);\n"
"	weft_value(\"sum\", weft_sum(x, 20000), \"B\");\n"
"	weft_value(\"count\", (size_t)20000, \"\");\n"
"	printf(\"%016llx\\n\", (unsigned long long)digest);\n"
"	return 0;\n"
"}\n";

static const struct {
	const char *compiler, *flags, *env;
} builds[] = {
	{"gcc", "-std=c11 -O0 -x c", ""},
	{"gcc", "-std=c11 -O2 -x c", ""},
	{"gcc", "-std=c11 -O2 -x c", "GLIBC_TUNABLES=glibc.cpu.hwcaps=-FMA,-AVX2"},
	{"gcc", "-std=gnu17 -O3 -march=native -x c", ""},
	{"clang", "-std=c11 -O0 -x c", ""},
	{"clang", "-std=c11 -O3 -march=native -x c", ""},
	{"g++", "-std=c++17 -O2 -x c++", ""},
	{"clang++", "-std=c++17 -O2 -x c++", ""},
	{"nvcc", "-std=c++17 -O2 -fmad=false -x cu -Xcompiler", ""},
};

static bool is_installed(const char *program)
{
	char command[128];
	snprintf(command, sizeof command, "command -v %s >/dev/null", program);
	return system(command) == 0;
}

/* Without -lm: C programs that link show that the header does not need it. */
TEST(bits_and_files_are_the_same_from_every_compiler)
{
	write_text("probe.src", PROBE);
	for (size_t i = 0; i < sizeof builds / sizeof *builds; i++) {
		if (!is_installed(builds[i].compiler)) {
			print_message("skipped: no %s\n", builds[i].compiler);
			continue;
		}
		char command[PATH_MAX + 512];
		snprintf(command, sizeof command,
		         "rm -f probe probe.tsv values.tsv && "
		         "%s -I '%s/runtime/include' %s -ffp-contract=off probe.src -o probe && "
		         "%s ./probe seed=5 >out", builds[i].compiler, root, builds[i].flags, builds[i].env);
		EXPECT_INT(system(command), 0);
		EXPECT_STR(text_of("out"), "b6f522b7cb57bab8\n");
		EXPECT_STR(text_of("probe.tsv"), "n[1]\tx\ty\tkind\n"
		           "1\t0.10000000149011612\t-156.55233109987009\tfirst\n"
		           "-1\tnan\t1e+22\t\n");
		EXPECT_STR(text_of("values.tsv"), "name\tvalue\tunit\n"
		           "sum\t8080.6167465945091\tB\n"
		           "count\t20000\t\n");
	}
}

TEST(sources_linked_together_share_the_values)
{
	write_text("one.c", "#include \"weft.h\"\n"
	           "void two(void);\n"
	           "int main(void) { weft_value(\"one\", 1, \"\"); two(); return 0; }\n");
	write_text("two.c", "#include \"weft.h\"\n"
	           "void two(void) { weft_value(\"two\", 2, \"\"); }\n");
	char command[PATH_MAX + 128];
	snprintf(command, sizeof command,
	         "cc -std=c11 -I '%s/runtime/include' one.c two.c -o both && ./both", root);
	EXPECT_INT(system(command), 0);
	EXPECT_STR(text_of("values.tsv"), "name\tvalue\tunit\none\t1\t\ntwo\t2\t\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(last_parameter_of_a_name_wins),
		CASE(malformed_parameter_is_one_line_and_exit_2),
		CASE(table_holds_every_type_of_cell),
		CASE(row_has_up_to_24_cells),
		CASE(wrong_header_aborts),
		CASE(wrong_table_name_aborts),
		CASE(wrong_row_aborts),
		CASE(values_are_rows_of_one_table),
		CASE(wrong_value_aborts),
		CASE(failed_write_is_exit_2),
		CASE(generator_is_the_published_one),
		CASE(below_stays_below_and_is_even),
		CASE(below_nothing_aborts),
		CASE(normal_has_the_moments_of_a_normal),
		CASE(uniform_is_in_the_half_open_unit_interval),
		CASE(timing_counts_runs_and_orders_quantiles),
		CASE(timing_broken_off_is_zero),
		CASE(quartiles_interpolate),
		CASE(timing_wants_repeats),
		CASE(exp_is_within_its_bound),
		CASE(log_is_within_its_bound),
		CASE(float_versions_are_within_their_bounds),
		CASE(specials_are_those_of_annex_f),
		CASE(short_sums_of_integers_are_exact),
		CASE(long_sums_are_within_their_bound),
		CASE(bits_and_files_are_the_same_from_every_compiler),
		CASE(sources_linked_together_share_the_values),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
