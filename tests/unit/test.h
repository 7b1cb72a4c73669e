/* What unit tests are written in: a few words over cmocka.
 *
 *     TEST(blanks_are_trimmed)
 *     {
 *             EXPECT_STR(str_trim(S(" a ")), "a");
 *     }
 *
 *     int main(void)
 *     {
 *             const struct CMUnitTest tests[] = {CASE(blanks_are_trimmed)};
 *             return RUN(tests);
 *     }
 */
#ifndef WEFT_TEST_H
#define WEFT_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../../tangle/str.h"

#define TEST(name) static void name(void **state __attribute__((unused)))
#define CASE(name) cmocka_unit_test(name)
#define RUN(tests) cmocka_run_group_tests(tests, NULL, NULL)

#define EXPECT(what)          _assert_true((what) ? 1 : 0, #what, __FILE__, __LINE__)
/* Any integers, as signed ones. */
#define EXPECT_INT(got, want) expect_int((long long)(got), (long long)(want), __FILE__, __LINE__)
/* Each a Str or a C string. */
#define EXPECT_STR(got, want) expect_str(AS_STR(got), AS_STR(want), __FILE__, __LINE__)

#define AS_STR(x) _Generic((x), Str: as_is, char *: as_view, const char *: as_view)(x)

static inline Str as_is(Str s)
{
	return s;
}

static inline Str as_view(const char *z)
{
	return (Str){z, z ? strlen(z) : 0};
}

static inline void expect_int(long long got, long long want, const char *file, int line)
{
	if (got == want)
		return;
	print_error("wanted %lld, found %lld\n", want, got);
	_fail(file, line);
}

static inline void expect_str(Str got, Str want, const char *file, int line)
{
	if (got.len == want.len && (!got.len || !memcmp(got.at, want.at, got.len)))
		return;
	print_error("wanted '%.*s'\nfound  '%.*s'\n", STR_ARG(want), STR_ARG(got));
	_fail(file, line);
}

#endif
