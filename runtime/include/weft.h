/* weft.h: what a program in an essay needs to say what it found.
 *
 * Tables, values, parameters, a seeded generator, timings, and mathematics
 * whose bits do not depend on the machine. One header, nothing to link, not
 * even -lm. C11 or C++17, by gcc, clang or nvcc, on Linux.
 *
 *     #include "weft.h"
 *
 *     int main(int argc, char **argv)
 *     {
 *             long n = weft_param_int(argc, argv, "n", 4096);
 *             weft_table t = weft_table_open("traffic", "M[floats] loads stores kind");
 *             weft_row(&t, n, 3.5, 7, "naive");
 *             weft_table_close(&t);
 *             weft_value("bytes", 8.0 * n, "B");
 *     }
 *
 * The protocol underneath is plain files in the working directory. A file
 * NAME.tsv is a table: UTF-8, a header row of `name[unit]`, then the rows,
 * cells parted by tabs, without quoting; an empty cell is a missing value.
 * values.tsv is the table of single values, with columns name, value, unit.
 *
 * Two kinds of trouble. A mistake in the program (a row of the wrong length, a
 * name used twice) says where and aborts. The world's (a full disk, a malformed
 * parameter) is one line on stderr and exit status 2.
 *
 * The mathematics is the same on every machine as long as the compiler computes
 * what is written: no -ffast-math, no contraction of a * b + c
 * (-ffp-contract=off, nvcc: -fmad=false), rounding to nearest. It runs on the
 * device as well; the rest is for the host, for one thread. Names that end in
 * an underscore are the header's own. */
#ifndef WEFT_H
#define WEFT_H

/* Raised when any output a program can get from this header changes. */
#define WEFT_H_VERSION 1

#if defined(__FAST_MATH__)
#error "weft.h: -ffast-math breaks the promise of equal bits"
#endif

#include <errno.h>
#include <float.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#if FLT_EVAL_METHOD != 0
#error "weft.h: needs float and double arithmetic without extra precision (x86: -mfpmath=sse)"
#endif

#ifdef __CUDACC__
#define WEFT_FN static inline __host__ __device__
#else
#define WEFT_FN static inline
#endif

/* --- Trouble --- */

#define WEFT_HERE_ __FILE__, __LINE__

/* The program is wrong at file:line. */
__attribute__((noreturn, format(printf, 3, 4)))
static inline void weft_bug_(const char *file, int line, const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	fprintf(stderr, "%s:%d: error: ", file, line);
	vfprintf(stderr, fmt, args);
	fputc('\n', stderr);
	va_end(args);
	fflush(stdout);         /* what was said before the mistake helps to find it */
	abort();
}

/* The world, or whoever typed the arguments, is at fault. */
__attribute__((noreturn, format(printf, 1, 2)))
static inline void weft_quit_(const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	fputs("error: ", stderr);
	vfprintf(stderr, fmt, args);
	fputc('\n', stderr);
	va_end(args);
	exit(2);
}

/* Bytes of `s` that form a name, [A-Za-z_][A-Za-z0-9_]*; 0 if it does not begin with one. */
static inline size_t weft_name_len_(const char *s)
{
	size_t n = 0;
	for (;; n++) {
		char c = s[n];
		int letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
		if (!letter && !(n && c >= '0' && c <= '9'))
			return n;
	}
}

static inline int weft_is_name_(const char *s)
{
	return *s && !s[weft_name_len_(s)];
}

/* --- Parameters ---
 *
 * A parameter is an argument name=value; the last of several wins, so a sweep
 * appends its point. Without one the program runs on what it says otherwise.
 * A value that is not a number of the kind, or does not fit, is one line on
 * stderr and exit status 2. */

static inline const char *weft_param_text(int argc, char **argv, const char *name,
                                          const char *otherwise)
{
	size_t len = strlen(name);
	for (int i = argc - 1; i > 0; i--)
		if (!strncmp(argv[i], name, len) && argv[i][len] == '=')
			return argv[i] + len + 1;
	return otherwise;
}

/* Decimal, with an optional sign. */
static inline long weft_param_int(int argc, char **argv, const char *name, long otherwise)
{
	const char *text = weft_param_text(argc, argv, name, NULL);
	if (!text)
		return otherwise;
	char *end;
	errno = 0;
	long x = strtol(text, &end, 10);
	if (!*text || strchr(" \t\n\v\f\r", *text) || *end || errno)
		weft_quit_("parameter '%s' wants an integer, found '%s'", name, text);
	return x;
}

/* What strtod() reads: decimal or hexadecimal, inf, nan. */
static inline double weft_param_real(int argc, char **argv, const char *name, double otherwise)
{
	const char *text = weft_param_text(argc, argv, name, NULL);
	if (!text)
		return otherwise;
	char *end;
	errno = 0;
	double x = strtod(text, &end);
	int overflow = errno && (x > 1 || x < -1);
	if (!*text || strchr(" \t\n\v\f\r", *text) || *end || overflow)
		weft_quit_("parameter '%s' wants a number, found '%s'", name, text);
	return x;
}

/* --- Cells --- */

enum weft_kind_ { WEFT_INT_, WEFT_UNSIGNED_, WEFT_REAL_, WEFT_TEXT_ };

typedef struct {
	enum weft_kind_ kind;
	union {
		long long i;
		unsigned long long u;
		double x;
		const char *text;
	} is;
} weft_cell_;

static inline weft_cell_ weft_int_(long long i)
{
	weft_cell_ c;
	c.kind = WEFT_INT_;
	c.is.i = i;
	return c;
}

static inline weft_cell_ weft_unsigned_(unsigned long long u)
{
	weft_cell_ c;
	c.kind = WEFT_UNSIGNED_;
	c.is.u = u;
	return c;
}

static inline weft_cell_ weft_real_(double x)
{
	weft_cell_ c;
	c.kind = WEFT_REAL_;
	c.is.x = x;
	return c;
}

static inline weft_cell_ weft_text_(const char *text)
{
	weft_cell_ c;
	c.kind = WEFT_TEXT_;
	c.is.text = text;
	return c;
}

/* The sign of a nan is the compiler's or the processor's whim and is not written. */
static inline void weft_put_(FILE *out, weft_cell_ c)
{
	switch (c.kind) {
	case WEFT_INT_:
		fprintf(out, "%lld", c.is.i);
		break;
	case WEFT_UNSIGNED_:
		fprintf(out, "%llu", c.is.u);
		break;
	case WEFT_REAL_:
		if (c.is.x != c.is.x)
			fputs("nan", out);
		else
			fprintf(out, "%.17g", c.is.x);
		break;
	case WEFT_TEXT_:
		fputs(c.is.text, out);
		break;
	}
}

#ifdef __cplusplus

#include <type_traits>

template <class T> static inline weft_cell_ weft_number_(T x)
{
	if constexpr (std::is_same_v<T, float> || std::is_same_v<T, double>)
		return weft_real_(x);
	else if constexpr (std::is_enum_v<T>)
		return weft_number_(static_cast<std::underlying_type_t<T>>(x));
	else if constexpr (std::is_unsigned_v<T>)
		return weft_unsigned_(x);
	else {
		static_assert(std::is_integral_v<T>, "a cell is an integer, a float, a double or text");
		return weft_int_(x);
	}
}

template <class T> static inline weft_cell_ weft_any_(T x)
{
	return weft_number_(x);
}

static inline weft_cell_ weft_any_(const char *text)
{
	return weft_text_(text);
}

static inline weft_cell_ weft_any_(char *text)
{
	return weft_text_(text);
}

#else

#define WEFT_NUMBERS_                                                                              \
	_Bool : weft_unsigned_, char : weft_int_, signed char : weft_int_, short : weft_int_,      \
	int : weft_int_, long : weft_int_, long long : weft_int_,                                  \
	unsigned char : weft_unsigned_, unsigned short : weft_unsigned_,                           \
	unsigned int : weft_unsigned_, unsigned long : weft_unsigned_,                             \
	unsigned long long : weft_unsigned_, float : weft_real_, double : weft_real_
#define weft_number_(x) _Generic((x), WEFT_NUMBERS_)(x)
#define weft_any_(x)    _Generic((x), WEFT_NUMBERS_, char * : weft_text_, const char * : weft_text_)(x)

/* WEFT_CELLS_(a, b, c) is weft_any_(a), weft_any_(b), weft_any_(c). */
#define WEFT_1_(a)       weft_any_(a)
#define WEFT_2_(a, ...)  weft_any_(a), WEFT_1_(__VA_ARGS__)
#define WEFT_3_(a, ...)  weft_any_(a), WEFT_2_(__VA_ARGS__)
#define WEFT_4_(a, ...)  weft_any_(a), WEFT_3_(__VA_ARGS__)
#define WEFT_5_(a, ...)  weft_any_(a), WEFT_4_(__VA_ARGS__)
#define WEFT_6_(a, ...)  weft_any_(a), WEFT_5_(__VA_ARGS__)
#define WEFT_7_(a, ...)  weft_any_(a), WEFT_6_(__VA_ARGS__)
#define WEFT_8_(a, ...)  weft_any_(a), WEFT_7_(__VA_ARGS__)
#define WEFT_9_(a, ...)  weft_any_(a), WEFT_8_(__VA_ARGS__)
#define WEFT_10_(a, ...) weft_any_(a), WEFT_9_(__VA_ARGS__)
#define WEFT_11_(a, ...) weft_any_(a), WEFT_10_(__VA_ARGS__)
#define WEFT_12_(a, ...) weft_any_(a), WEFT_11_(__VA_ARGS__)
#define WEFT_13_(a, ...) weft_any_(a), WEFT_12_(__VA_ARGS__)
#define WEFT_14_(a, ...) weft_any_(a), WEFT_13_(__VA_ARGS__)
#define WEFT_15_(a, ...) weft_any_(a), WEFT_14_(__VA_ARGS__)
#define WEFT_16_(a, ...) weft_any_(a), WEFT_15_(__VA_ARGS__)
#define WEFT_17_(a, ...) weft_any_(a), WEFT_16_(__VA_ARGS__)
#define WEFT_18_(a, ...) weft_any_(a), WEFT_17_(__VA_ARGS__)
#define WEFT_19_(a, ...) weft_any_(a), WEFT_18_(__VA_ARGS__)
#define WEFT_20_(a, ...) weft_any_(a), WEFT_19_(__VA_ARGS__)
#define WEFT_21_(a, ...) weft_any_(a), WEFT_20_(__VA_ARGS__)
#define WEFT_22_(a, ...) weft_any_(a), WEFT_21_(__VA_ARGS__)
#define WEFT_23_(a, ...) weft_any_(a), WEFT_22_(__VA_ARGS__)
#define WEFT_24_(a, ...) weft_any_(a), WEFT_23_(__VA_ARGS__)

#define WEFT_25TH_(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y, ...) y
#define WEFT_COUNT_(...)                                                                           \
	WEFT_25TH_(__VA_ARGS__, 24, 23, 22, 21, 20, 19, 18, 17, 16, 15, 14, 13, 12, 11, 10, 9, 8,  \
	           7, 6, 5, 4, 3, 2, 1, 0)
#define WEFT_PASTE_(a, b)    a##b##_
#define WEFT_CELLS_N_(n)     WEFT_PASTE_(WEFT_, n)
#define WEFT_CELLS_(...)     WEFT_CELLS_N_(WEFT_COUNT_(__VA_ARGS__))(__VA_ARGS__)

#endif

/* --- Tables --- */

#define WEFT_MAX_COLUMNS 24
#define WEFT_MAX_NAME    63

typedef struct {
	FILE *file;             /* NULL once closed */
	char name[WEFT_MAX_NAME + 1];
	int columns;
	long rows;
} weft_table;

/* What must be known once a process: the open values.tsv, and the names taken. Weak, so that sources
 * compiled apart and linked together share it. */
struct weft_taken_ {
	struct weft_taken_ *next;
	char name[WEFT_MAX_NAME + 1];
};

struct weft_process_ {
	FILE *values;
	struct weft_taken_ *value_names, *table_names;
};

__attribute__((weak)) struct weft_process_ weft_process_state_;

/* Put a name on the list; 0 if it was there. */
static inline int weft_take_(struct weft_taken_ **list, const char *name)
{
	for (struct weft_taken_ *t = *list; t; t = t->next)
		if (!strcmp(t->name, name))
			return 0;
	struct weft_taken_ *t = (struct weft_taken_ *)malloc(sizeof *t);
	if (!t)
		weft_quit_("out of memory");
	snprintf(t->name, sizeof t->name, "%s", name);
	t->next = *list;
	*list = t;
	return 1;
}

static inline FILE *weft_create_(const char *path)
{
	FILE *f = fopen(path, "w");
	if (!f)
		weft_quit_("create '%s': %s", path, strerror(errno));
	return f;
}

/* Check and write the header row; returns the number of columns. */
static inline int weft_header_(const char *file, int line, const char *table,
                               const char *columns, FILE *out)
{
	int n = 0;
	struct weft_taken_ *taken = NULL;
	for (const char *at = columns; *(at += strspn(at, " \t\n")); ) {
		size_t len  = strcspn(at, " \t\n");
		size_t name = weft_name_len_(at);
		size_t unit = len - name;
		int bare    = unit == 0;
		int bracketed = unit > 2 && at[name] == '[' && at[len - 1] == ']' &&
		                strcspn(at + name + 1, "[]") == unit - 2;
		if (!name || name > WEFT_MAX_NAME || !(bare || bracketed))
			weft_bug_(file, line, "table '%s': column '%.*s' is not name or name[unit], "
			          "name = [A-Za-z_][A-Za-z0-9_]*", table, (int)len, at);
		char column[WEFT_MAX_NAME + 1];
		snprintf(column, sizeof column, "%.*s", (int)name, at);
		if (!weft_take_(&taken, column))
			weft_bug_(file, line, "table '%s': two columns are named '%s'", table, column);
		if (++n > WEFT_MAX_COLUMNS)
			weft_bug_(file, line, "table '%s' has more than %d columns", table, WEFT_MAX_COLUMNS);
		fprintf(out, "%s%.*s", n > 1 ? "\t" : "", (int)len, at);
		at += len;
	}
	fputc('\n', out);
	if (!n)
		weft_bug_(file, line, "table '%s' has no columns", table);
	while (taken) {
		struct weft_taken_ *next = taken->next;
		free(taken);
		taken = next;
	}
	return n;
}

static inline weft_table weft_table_open_(const char *file, int line, const char *name,
                                          const char *columns)
{
	if (!weft_is_name_(name) || strlen(name) > WEFT_MAX_NAME)
		weft_bug_(file, line, "table name '%s' is not [A-Za-z_][A-Za-z0-9_]* "
		          "of at most %d bytes", name, WEFT_MAX_NAME);
	if (!strcmp(name, "values"))
		weft_bug_(file, line, "table 'values' is what weft_value() writes");
	if (!weft_take_(&weft_process_state_.table_names, name))
		weft_bug_(file, line, "table '%s' is opened twice", name);
	char path[WEFT_MAX_NAME + 5];
	snprintf(path, sizeof path, "%s.tsv", name);
	weft_table t;
	memset(&t, 0, sizeof t);
	snprintf(t.name, sizeof t.name, "%s", name);
	t.file = weft_create_(path);
	t.columns = weft_header_(file, line, name, columns, t.file);
	return t;
}

/* Tabs and newlines part cells and rows, and there is no quoting. */
static inline void weft_check_text_(const char *file, int line, const char *what,
                                    const char *name, const char *text)
{
	if (!text)
		weft_bug_(file, line, "%s '%s': the text is NULL", what, name);
	if (text[strcspn(text, "\t\n\r")])
		weft_bug_(file, line, "%s '%s': the text '%s' has a tab or the end of a line", what,
		          name, text);
}

static inline void weft_row_(const char *file, int line, weft_table *t,
                             const weft_cell_ *cells, int n)
{
	if (!t->file)
		weft_bug_(file, line, "table '%s' is not open", t->name);
	if (n != t->columns)
		weft_bug_(file, line, "table '%s' has %d columns, row %ld has %d cells", t->name,
		          t->columns, t->rows + 1, n);
	for (int i = 0; i < n; i++) {
		if (cells[i].kind == WEFT_TEXT_)
			weft_check_text_(file, line, "table", t->name, cells[i].is.text);
		if (i)
			fputc('\t', t->file);
		weft_put_(t->file, cells[i]);
	}
	fputc('\n', t->file);
	t->rows++;
}

#ifdef __cplusplus
template <class... T>
static inline void weft_row_of_(const char *file, int line, weft_table *t, T... x)
{
	const weft_cell_ cells[] = {weft_any_(x)...};
	weft_row_(file, line, t, cells, (int)sizeof...(x));
}
#endif

/* weft_table weft_table_open(const char *name, const char *columns)
 *
 * Creates NAME.tsv. `columns` is the header, column names parted by blanks,
 * each name or name[unit]; a unit has no blanks and no brackets. Names are
 * [A-Za-z_][A-Za-z0-9_]*, at most WEFT_MAX_NAME bytes; at most
 * WEFT_MAX_COLUMNS columns. A table is opened once a run. */
#define weft_table_open(name, columns) weft_table_open_(WEFT_HERE_, name, columns)

/* void weft_row(weft_table *t, ...)
 *
 * Appends a row; one argument a column, each of any integer type, float,
 * double, or text. Reals are written so that they read back as the same double
 * (%.17g). Text holds no tab and no end of line; "" is a missing value. */
#ifdef __cplusplus
#define weft_row(...) weft_row_of_(WEFT_HERE_, __VA_ARGS__)
#else
#define weft_row(t, ...)                                                                           \
	weft_row_(WEFT_HERE_, t, (const weft_cell_[]){WEFT_CELLS_(__VA_ARGS__)},                   \
	          WEFT_COUNT_(__VA_ARGS__))
#endif

/* Every table is closed, for that is where a failed write is noticed (exit status 2). */
static inline void weft_table_close(weft_table *t)
{
	if (!t->file)
		return;
	int failed = ferror(t->file);
	errno = failed ? 0 : errno;
	if (fclose(t->file) || failed)
		weft_quit_("write '%s.tsv': %s", t->name, errno ? strerror(errno) : "failed");
	t->file = NULL;
}

static inline void weft_value_(const char *file, int line, const char *name, weft_cell_ number,
                               const char *unit)
{
	struct weft_process_ *all = &weft_process_state_;
	if (!weft_is_name_(name) || strlen(name) > WEFT_MAX_NAME)
		weft_bug_(file, line, "value name '%s' is not [A-Za-z_][A-Za-z0-9_]* "
		          "of at most %d bytes", name, WEFT_MAX_NAME);
	weft_check_text_(file, line, "unit of value", name, unit);
	if (unit[strcspn(unit, "[]")])
		weft_bug_(file, line, "unit of value '%s': '%s' has brackets", name, unit);
	if (!weft_take_(&all->value_names, name))
		weft_bug_(file, line, "value '%s' is given twice", name);
	if (!all->values) {
		all->values = weft_create_("values.tsv");
		fputs("name\tvalue\tunit\n", all->values);
	}
	fprintf(all->values, "%s\t", name);
	weft_put_(all->values, number);
	fprintf(all->values, "\t%s\n", unit);
	if (fflush(all->values) || ferror(all->values))
		weft_quit_("write 'values.tsv': %s", strerror(errno));
}

/* void weft_value(const char *name, x, const char *unit)
 *
 * Reports one number, of any integer type, float or double, as a row of
 * values.tsv. A name is given once a run; `unit` may be "". */
#define weft_value(name, x, unit) weft_value_(WEFT_HERE_, name, weft_number_(x), unit)

/* --- Mathematics: the same bits everywhere ---
 *
 * Only +, -, *, / on doubles and integer operations, in a fixed order. Errors
 * are in units in the last place of the result, against the true value; the
 * bounds are what the unit test holds them to. Specials are those of C's Annex
 * F; a nan is always the same quiet, positive one. */

WEFT_FN double weft_from_bits_(uint64_t bits)
{
	double x;
	memcpy(&x, &bits, sizeof x);
	return x;
}

WEFT_FN uint64_t weft_bits_(double x)
{
	uint64_t bits;
	memcpy(&bits, &x, sizeof bits);
	return bits;
}

#define WEFT_INFINITE_ weft_from_bits_(0x7ff0000000000000u)
#define WEFT_NAN_      weft_from_bits_(0x7ff8000000000000u)

/* ln 2 in two parts. The first is a multiple of 2^-42, so its product with an exponent is exact. */
#define WEFT_LN2_HI_   0.6931471805598903      /* 0x1.62e42fefa38p-1 */
#define WEFT_LN2_LO_   5.497923018708371e-14
#define WEFT_LOG2_E_   1.4426950408889634

/* x * 2^k, rounded once; |k| <= 2000. In two steps, as 2^k alone may not be a double. */
WEFT_FN double weft_scale_(double x, int k)
{
	int half = k / 2;
	double a = weft_from_bits_((uint64_t)(1023 + half) << 52);
	double b = weft_from_bits_((uint64_t)(1023 + k - half) << 52);
	return x * a * b;
}

/* The integer nearest to x / ln 2, for |x| < 1000. */
WEFT_FN int weft_octaves_(double x)
{
	return (int)(x * WEFT_LOG2_E_ + (x < 0 ? -0.5 : 0.5));
}

/* e to the x, within 0.75 ulp (1 ulp where the result is subnormal).
 *
 * x = k ln 2 + r + c, where |r| < 0.347 and c is what r lost in rounding. Then
 * e^r is its Taylor series to r^14, whose remainder is below 2^-63; the large
 * terms 1 + r are added last, together with the error of that addition. */
WEFT_FN double weft_exp(double x)
{
	if (x != x)
		return WEFT_NAN_;
	if (x > 710)
		return WEFT_INFINITE_;
	if (x < -746)
		return 0;
	int k = weft_octaves_(x);
	double high = x - k * WEFT_LN2_HI_;
	double low  = k * WEFT_LN2_LO_;
	double r = high - low;
	double c = (high - r) - low;
	double q = r * r;
	double even = 1 / 2.0 + q * (1 / 24.0 + q * (1 / 720.0 + q * (1 / 40320.0 +
	              q * (1 / 3628800.0 + q * (1 / 479001600.0 + q * (1 / 87178291200.0))))));
	double odd  = 1 / 6.0 + q * (1 / 120.0 + q * (1 / 5040.0 + q * (1 / 362880.0 +
	              q * (1 / 39916800.0 + q * (1 / 6227020800.0)))));
	double sum  = 1 + r;
	double lost = r - (sum - 1);
	return weft_scale_(sum + (lost + (q * (even + r * odd) + c * sum)), k);
}

/* e to the x, within 0.501 ulp, also where the result is subnormal: the series
 * to r^9 in double has a relative error below 2^-36, then one rounding. */
WEFT_FN float weft_expf(float x)
{
	if (x != x)
		return (float)WEFT_NAN_;
	if (x > 89)
		return (float)WEFT_INFINITE_;
	if (x < -104)
		return 0;
	int k = weft_octaves_(x);
	double r = (x - k * WEFT_LN2_HI_) - k * WEFT_LN2_LO_;
	double q = r * r;
	double even = 1 + q * (1 / 2.0 + q * (1 / 24.0 + q * (1 / 720.0 + q * (1 / 40320.0))));
	double odd  = 1 + q * (1 / 6.0 + q * (1 / 120.0 + q * (1 / 5040.0 + q * (1 / 362880.0))));
	return (float)weft_scale_(even + r * odd, k);
}

/* x = 2^k (1 + f) with 1 + f in [sqrt(1/2), sqrt(2)); f is exact. For finite x > 0. */
WEFT_FN double weft_split_(double x, int *k)
{
	int e = 0;
	if (x < DBL_MIN) {
		x *= 18014398509481984.0;       /* 2^54 */
		e = -54;
	}
	uint64_t bits = weft_bits_(x);
	e += (int)(bits >> 52) - 1023;
	double m = weft_from_bits_((bits & 0xfffffffffffffu) | 0x3ff0000000000000u);
	if (m > 1.4142135623730951) {
		m /= 2;
		e++;
	}
	*k = e;
	return m - 1;
}

/* Natural logarithm, within 0.75 ulp; -inf at zero, nan below.
 *
 * With s = f / (2 + f), ln(1 + f) = 2 atanh(s) = f - f^2/2 + s (f^2/2 + R),
 * where R = 2/3 s^2 + 2/5 s^4 + ..., here to s^20, the remainder below 2^-60 of
 * the sum. The large terms k ln 2, f and f^2/2 are added without loss: f^2/2 as
 * an exact square of f's leading bits plus a small rest, each sum with its error. */
WEFT_FN double weft_log(double x)
{
	if (x != x || x < 0)
		return WEFT_NAN_;
	if (x == 0)
		return -WEFT_INFINITE_;
	if (x > DBL_MAX)
		return x;
	int k;
	double f = weft_split_(x, &k);
	double s = f / (2 + f);
	double z = s * s;
	double R = z * (2 / 3.0 + z * (2 / 5.0 + z * (2 / 7.0 + z * (2 / 9.0 + z * (2 / 11.0 +
	           z * (2 / 13.0 + z * (2 / 15.0 + z * (2 / 17.0 + z * (2 / 19.0 + z * (2 / 21.0))))))))));
	double lead = weft_from_bits_(weft_bits_(f) & 0xffffffff00000000u);
	double square = 0.5 * lead * lead;
	double rest   = 0.5 * (f - lead) * (f + lead);
	double octaves = k * WEFT_LN2_HI_;
	double sum  = octaves + f;
	double lost = f - (sum - octaves);
	double high = sum - square;
	double lost_too = (sum - high) - square;
	return high + (lost + lost_too + k * WEFT_LN2_LO_ - rest + s * (0.5 * f * f + R));
}

/* Natural logarithm, within 0.501 ulp: 2 atanh(s) to s^13 in double, then one rounding. */
WEFT_FN float weft_logf(float x)
{
	if (x != x || x < 0)
		return (float)WEFT_NAN_;
	if (x == 0)
		return (float)-WEFT_INFINITE_;
	if (x > FLT_MAX)
		return x;
	int k;
	double f = weft_split_(x, &k);
	double s = f / (2 + f);
	double z = s * s;
	double R = z * (2 / 3.0 + z * (2 / 5.0 + z * (2 / 7.0 + z * (2 / 9.0 + z * (2 / 11.0 +
	           z * (2 / 13.0))))));
	return (float)(k * WEFT_LN2_HI_ + (2 * s + s * R));
}

/* --- Sums in a fixed order ---
 *
 * Halves are summed apart and added; pieces of up to 128 are summed in eight
 * lanes, which a compiler may keep in vector registers without changing a bit.
 * The longest chain of additions is d = 19 + log2(n / 64), so the error is
 * below d 2^-53 times the sum of magnitudes; a product adds one to d. An empty
 * sum is 0. */

#define WEFT_PIECE_ 128

static inline double weft_fold_(const double lane[8])
{
	return ((lane[0] + lane[1]) + (lane[2] + lane[3])) +
	       ((lane[4] + lane[5]) + (lane[6] + lane[7]));
}

static inline double weft_sum(const double *x, size_t n)
{
	if (n > WEFT_PIECE_) {
		size_t half = n / 16 * 8;
		return weft_sum(x, half) + weft_sum(x + half, n - half);
	}
	double lane[8] = {0};
	for (size_t i = 0; i < n; i++)
		lane[i % 8] += x[i];
	return weft_fold_(lane);
}

/* Sum of x[i] * y[i], each product rounded. */
static inline double weft_dot(const double *x, const double *y, size_t n)
{
	if (n > WEFT_PIECE_) {
		size_t half = n / 16 * 8;
		return weft_dot(x, y, half) + weft_dot(x + half, y + half, n - half);
	}
	double lane[8] = {0};
	for (size_t i = 0; i < n; i++)
		lane[i % 8] += x[i] * y[i];
	return weft_fold_(lane);
}

static inline double weft_sum_floats_(const float *x, size_t n)
{
	if (n > WEFT_PIECE_) {
		size_t half = n / 16 * 8;
		return weft_sum_floats_(x, half) + weft_sum_floats_(x + half, n - half);
	}
	double lane[8] = {0};
	for (size_t i = 0; i < n; i++)
		lane[i % 8] += x[i];
	return weft_fold_(lane);
}

/* Sum of floats, carried in double and rounded to float once. */
static inline float weft_sumf(const float *x, size_t n)
{
	return (float)weft_sum_floats_(x, n);
}

/* --- Random numbers ---
 *
 * xoshiro256** 1.0 (Blackman and Vigna, 2018), its state filled by splitmix64
 * from the seed. The same seed gives the same stream everywhere. */

typedef struct {
	uint64_t s[4];
	double spare;           /* the second of a pair of normal deviates */
	int has_spare;
} weft_rng;

static inline weft_rng weft_seed(uint64_t seed)
{
	weft_rng r;
	for (int i = 0; i < 4; i++) {
		uint64_t z = seed += 0x9e3779b97f4a7c15u;
		z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
		z = (z ^ z >> 27) * 0x94d049bb133111ebu;
		r.s[i] = z ^ z >> 31;
	}
	r.spare = 0;
	r.has_spare = 0;
	return r;
}

static inline uint64_t weft_rotate_(uint64_t x, int by)
{
	return x << by | x >> (64 - by);
}

/* 64 random bits. */
static inline uint64_t weft_next(weft_rng *r)
{
	uint64_t *s = r->s;
	uint64_t result = weft_rotate_(s[1] * 5, 7) * 9;
	uint64_t t = s[1] << 17;
	s[2] ^= s[0];
	s[3] ^= s[1];
	s[1] ^= s[2];
	s[0] ^= s[3];
	s[2] ^= t;
	s[3] = weft_rotate_(s[3], 45);
	return result;
}

/* Uniform on the multiples of 2^-53 in [0, 1). */
static inline double weft_uniform(weft_rng *r)
{
	return (double)(weft_next(r) >> 11) * (1.0 / 9007199254740992.0);
}

/* Uniform on 0 .. n-1, n > 0. Without bias: of the 2^64 draws the first 2^64 mod n are thrown away. */
static inline uint64_t weft_below(weft_rng *r, uint64_t n)
{
	if (!n)
		weft_bug_(WEFT_HERE_, "weft_below() wants n > 0");
	uint64_t first = -n % n;
	uint64_t x;
	do
		x = weft_next(r);
	while (x < first);
	return x % n;
}

/* IEEE's square root as an instruction: sqrt() may call libm to set errno. */
static inline double weft_sqrt_(double x)
{
#if defined(__x86_64__)
	double root;
	__asm__("sqrtsd %1, %0" : "=x"(root) : "x"(x));
	return root;
#elif defined(__aarch64__)
	double root;
	__asm__("fsqrt %d0, %d1" : "=w"(root) : "w"(x));
	return root;
#else
	return __builtin_sqrt(x);
#endif
}

/* Standard normal, by Marsaglia's polar method: two deviates from a point in the unit disc. */
static inline double weft_normal(weft_rng *r)
{
	if (r->has_spare) {
		r->has_spare = 0;
		return r->spare;
	}
	double x, y, square;
	do {
		x = 2 * weft_uniform(r) - 1;
		y = 2 * weft_uniform(r) - 1;
		square = x * x + y * y;
	} while (square >= 1 || square == 0);
	double scale = weft_sqrt_(-2 * weft_log(square) / square);
	r->spare = y * scale;
	r->has_spare = 1;
	return x * scale;
}

/* --- Time --- */

/* POSIX, and so not declared under a strict -std=c11. */
#ifndef CLOCK_MONOTONIC
#define CLOCK_MONOTONIC 1
int clock_gettime(int clock, struct timespec *now);
#endif

/* Seconds since some fixed moment; never goes back. */
static inline double weft_now(void)
{
	struct timespec now;
	if (clock_gettime(CLOCK_MONOTONIC, &now))
		weft_quit_("read the clock: %s", strerror(errno));
	return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

#define WEFT_MAX_REPEATS 1001

typedef struct {
	int n;                  /* runs that were timed */
	double median_s, min_s, max_s;
	double lo_s, hi_s;      /* quartiles */
} weft_timing;

typedef struct {
	weft_timing *timing;
	int warmup, repeats, done;      /* done counts the warm-up, too; -1 before the first run */
	double start_s;
	double run_s[WEFT_MAX_REPEATS];
} weft_stopwatch_;

static inline int weft_by_size_(const void *a, const void *b)
{
	double x = *(const double *)a;
	double y = *(const double *)b;
	return (x > y) - (x < y);
}

/* The value a fraction `at` of the way up n sorted ones, interpolated between neighbours. */
static inline double weft_quantile_(const double *sorted, int n, double at)
{
	double place = at * (n - 1);
	int i = (int)place;
	if (i + 1 >= n)
		return sorted[n - 1];
	return sorted[i] + (place - i) * (sorted[i + 1] - sorted[i]);
}

static inline weft_stopwatch_ weft_stopwatch_new_(const char *file, int line, weft_timing *timing,
                                                  int warmup, int repeats)
{
	if (warmup < 0 || repeats < 1 || repeats > WEFT_MAX_REPEATS)
		weft_bug_(file, line, "WEFT_TIME wants warmup >= 0 and repeats from 1 to %d, "
		          "found %d and %d", WEFT_MAX_REPEATS, warmup, repeats);
	weft_stopwatch_ w;
	memset(timing, 0, sizeof *timing);
	w.timing = timing;
	w.warmup = warmup;
	w.repeats = repeats;
	w.done = -1;
	return w;
}

/* Between two runs. The clobber keeps the work of a run from moving past the clock. */
static inline int weft_stopwatch_next_(weft_stopwatch_ *w)
{
	__asm__ volatile("" ::: "memory");
	double now_s = weft_now();
	if (w->done >= w->warmup)
		w->run_s[w->done - w->warmup] = now_s - w->start_s;
	w->done++;
	if (w->done < w->warmup + w->repeats) {
		w->start_s = weft_now();
		__asm__ volatile("" ::: "memory");
		return 1;
	}
	qsort(w->run_s, (size_t)w->repeats, sizeof w->run_s[0], weft_by_size_);
	w->timing->n = w->repeats;
	w->timing->median_s = weft_quantile_(w->run_s, w->repeats, 0.5);
	w->timing->min_s = w->run_s[0];
	w->timing->max_s = w->run_s[w->repeats - 1];
	w->timing->lo_s = weft_quantile_(w->run_s, w->repeats, 0.25);
	w->timing->hi_s = weft_quantile_(w->run_s, w->repeats, 0.75);
	return 0;
}

/* WEFT_TIME(weft_timing *timing, int warmup, int repeats) { body }
 *
 * Runs the body warmup times untimed, then repeats times (1 .. WEFT_MAX_REPEATS)
 * timed, and fills in *timing. `continue` ends a run; after `break` the timing
 * is all zero. A body whose results are never used may be compiled away: store
 * them where someone looks. */
#define WEFT_TIME(timing, warmup, repeats)                                                         \
	WEFT_TIME_(WEFT_PASTE2_(weft_stopwatch_, __LINE__), timing, warmup, repeats)
#define WEFT_PASTE2_(a, b)  WEFT_PASTE2B_(a, b)
#define WEFT_PASTE2B_(a, b) a##b
#define WEFT_TIME_(watch, timing, warmup, repeats)                                                 \
	for (weft_stopwatch_ watch = weft_stopwatch_new_(WEFT_HERE_, timing, warmup, repeats);     \
	     weft_stopwatch_next_(&watch);)

#endif
