/* elf.h: a program compiled here, this machine's own libm, and broken files. */
#include "../../tangle/elf.h"

#include <elf.h>
#include <fcntl.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "test.h"

static char scratch[64];

static int set_up(void **state)
{
	(void)state;
	snprintf(scratch, sizeof scratch, "%s/elf_test.XXXXXX", P_tmpdir);
	return !mkdtemp(scratch) || chdir(scratch);
}

static int tear_down(void **state)
{
	(void)state;
	char command[128];
	snprintf(command, sizeof command, "rm -rf '%s'", scratch);
	return chdir("/") || system(command);
}

/* The file in memory of exactly its size, so that the sanitizer sees a read past the end. Freed by the caller. */
static Str load(const char *path)
{
	int fd = open(path, O_RDONLY);
	struct stat st;
	EXPECT(fd >= 0 && !fstat(fd, &st));
	char *at = malloc((size_t)st.st_size);
	EXPECT(read(fd, at, (size_t)st.st_size) == st.st_size);
	close(fd);
	return (Str){at, (size_t)st.st_size};
}

/* Compile a program that uses what `body` says of doubles x, y, z. */
static Str compiled(const char *body, const char *flags)
{
	FILE *f = fopen("program.c", "w");
	EXPECT(f != NULL);
	fprintf(f, "#include <math.h>\n#include <stdio.h>\n"
	        "int main(void)\n{\n"
	        "	volatile double x = 2, y = 3, z = 4;\n"
	        "	printf(\"%%g\\n\", %s);\n}\n", body);
	EXPECT(!fclose(f));
	char command[128];
	snprintf(command, sizeof command, "cc %s program.c -o program -lm", flags);
	EXPECT_INT(system(command), 0);
	return load("program");
}

/* The imported names between blanks, with their versions and without. */
struct imports {
	char names[4096], versioned[8192];
	int n, inexact;
};

static void note(void *ctx, Str name, Str version)
{
	struct imports *im = ctx;
	size_t at = strlen(im->names);
	snprintf(im->names + at, sizeof im->names - at, " %.*s ", STR_ARG(name));
	at = strlen(im->versioned);
	snprintf(im->versioned + at, sizeof im->versioned - at, " %.*s@%.*s", STR_ARG(name),
	         STR_ARG(version));
	im->n++;
	im->inexact += !libm_is_exact(name);
}

TEST(imports_are_found_with_their_versions)
{
	Str elf = compiled("exp(x) + sqrt(y) + fma(x, y, z)", "-O0");
	struct imports im = {0};
	EXPECT(elf_undefined(elf, note, &im));
	EXPECT(strstr(im.names, " exp ") != NULL);
	EXPECT(strstr(im.names, " sqrt ") != NULL);
	EXPECT(strstr(im.names, " fma ") != NULL);
	EXPECT(strstr(im.names, " printf ") != NULL);
	EXPECT(strstr(im.versioned, " printf@GLIBC_2.") != NULL);
	EXPECT(strstr(im.versioned, " exp@GLIBC_2.") != NULL);
	EXPECT_INT(im.inexact, 1);
	free((char *)elf.at);
}

TEST(stripped_program_is_read_as_well)
{
	Str elf = compiled("pow(x, y) + fma(x, y, z)", "-O2 -s");
	struct imports im = {0};
	EXPECT(elf_undefined(elf, note, &im));
	EXPECT(strstr(im.names, " pow ") != NULL);
	EXPECT_INT(im.inexact, 1);
	free((char *)elf.at);
}

TEST(exact_program_imports_nothing_inexact)
{
	Str elf = compiled("sqrt(x) + fabs(y) + floor(z) + fmod(x, y) + ldexp(x, 3) + rint(y)", "-O0");
	struct imports im = {0};
	EXPECT(elf_undefined(elf, note, &im));
	EXPECT(im.n > 0);
	EXPECT_INT(im.inexact, 0);
	free((char *)elf.at);
}

TEST(static_program_imports_nothing)
{
	Str elf = compiled("exp(x)", "-O0 -static");
	struct imports im = {0};
	EXPECT(elf_undefined(elf, note, &im));
	EXPECT_INT(im.n, 0);
	free((char *)elf.at);
}

TEST(what_is_no_program_is_refused)
{
	struct imports im = {0};
	EXPECT(!elf_undefined((Str){0}, note, &im));
	EXPECT(!elf_undefined(S("#!/bin/sh\n"), note, &im));
	EXPECT_INT(system("printf 'int x;' >o.c && cc -c o.c -o o.o"), 0);
	Str object = load("o.o");
	EXPECT(!elf_undefined(object, note, &im));
	free((char *)object.at);
	Str elf = compiled("exp(x)", "-O0");
	char *at = (char *)elf.at;
	at[EI_CLASS] = ELFCLASS32;
	EXPECT(!elf_undefined(elf, note, &im));
	at[EI_CLASS] = ELFCLASS64;
	at[EI_DATA] = ELFDATA2MSB;
	EXPECT(!elf_undefined(elf, note, &im));
	at[EI_DATA] = ELFDATA2LSB;
	((Elf64_Ehdr *)elf.at)->e_shnum = 0;
	EXPECT(!elf_undefined(elf, note, &im));
	free(at);
}

static void ignore(void *ctx, Str name, Str version)
{
	size_t *bytes = ctx;
	for (size_t i = 0; i < name.len; i++)
		*bytes += name.at[i] != 0;
	for (size_t i = 0; i < version.len; i++)
		*bytes += version.at[i] != 0;
}

/* Section headers stand last, so every cut is noticed. */
TEST(cut_file_is_refused)
{
	Str elf = compiled("exp(x) + sqrt(y)", "-O0");
	size_t bytes = 0;
	for (size_t len = 0; len < elf.len; len += 64) {
		char *cut = malloc(len);
		memcpy(cut, elf.at, len);
		EXPECT(!elf_undefined((Str){cut, len}, ignore, &bytes));
		free(cut);
	}
	free((char *)elf.at);
}

/* Half of the faults fall on the header and the table of sections, where the offsets are. */
TEST(damaged_file_is_read_safely)
{
	static const unsigned char values[] = {0x00, 0x01, 0x7f, 0x80, 0xff};
	Str elf = compiled("exp(x) + sqrt(y)", "-O0");
	char *at = (char *)elf.at;
	Elf64_Ehdr header;
	memcpy(&header, at, sizeof header);
	size_t bytes = 0;
	int accepted = 0;
	uint32_t random = 1;
	for (int i = 0; i < 40000; i++) {
		random = random * 1664525u + 1013904223u;
		size_t place = random >> 8;
		if (i % 4 == 0)
			place = place % sizeof header;
		else if (i % 4 == 1)
			place = header.e_shoff + place % (elf.len - header.e_shoff);
		else
			place = place % elf.len;
		char kept = at[place];
		at[place] = (char)values[random % sizeof values];
		accepted += elf_undefined(elf, ignore, &bytes);
		at[place] = kept;
	}
	EXPECT(accepted > 0 && accepted < 40000);
	free(at);
}

TEST(inexact_functions_are_known_in_every_type)
{
	const char *const names[] = {
		"exp", "expf", "expl", "expf32", "expf64x", "exp2f", "log", "logf", "log1pl", "sinf",
		"sincosf", "cosl", "pow", "powf", "tgamma", "tgammal", "lgamma_r", "lgammaf_r",
		"lgammaf128_r", "hypotf", "cbrt", "j0", "j0f", "yn", "ynl", "cexpf", "cabs", "erf",
		"erff", "erfc", "rsqrtf", "sinpi", "_ZGVdN4v_exp", "_ZGVbN4vv_powf",
	};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		EXPECT(!libm_is_exact(str_of(names[i])));
}

TEST(four_functions_have_substitutes)
{
	EXPECT_STR(libm_substitute(S("exp")), "weft_exp");
	EXPECT_STR(libm_substitute(S("expf")), "weft_expf");
	EXPECT_STR(libm_substitute(S("log")), "weft_log");
	EXPECT_STR(libm_substitute(S("logf")), "weft_logf");
	EXPECT(!libm_substitute(S("expl")) && !libm_substitute(S("sin")) && !libm_substitute(S("sqrt")));
}

/* What IEEE 754 and C fix in every bit: rounded operations, exact ones, tests, the environment. */
static const char EXACT[] =
	"^("
	"(__)?(fpclassify|signbit|finite|isinf|isnan|issignaling|iscanonical|iseqsig|signgam)|"
	"sqrt|fma|fmod|remainder|drem|remquo|fdim|fabs|copysign|nan|"
	"f(max|min)(imum(_mag)?(_num)?|mag)?|"
	"ceil|floor|trunc|round|roundeven|rint|nearbyint|l?l(rint|round)|u?fromfpx?|"
	"frexp|ldexp|scalb|scalbl?n|modf|logb|(il|ll)ogb|significand|"
	"next(after|toward|up|down)|canonicalize|(get|set)payload(sig)?|totalorder(mag)?|"
	"cimag|creal|conj|cproj|"
	"(f|d|f32x?|f64x?)(add|sub|mul|div|sqrt|fma)"
	")(f|l|f32x?|f64x?|f128)?$"
	"|^fe[a-z]+$";

/* A name this machine's libm exports but nobody has judged fails here. */
TEST(every_function_of_libm_is_judged)
{
	EXPECT_INT(system("nm -D --defined-only \"$(cc -print-file-name=libm.so.6)\" >exports"), 0);
	regex_t exact;
	EXPECT_INT(regcomp(&exact, EXACT, REG_EXTENDED | REG_NOSUB), 0);
	FILE *f = fopen("exports", "r");
	EXPECT(f != NULL);
	int judged = 0;
	for (char line[512]; fgets(line, sizeof line, f); ) {
		char name[256];
		char *current = strstr(line, "@@");     /* a single @ is for old programs only */
		if (!current || sscanf(line, "%*s %*s %255[^@]", name) != 1)
			continue;
		bool is_exact = !regexec(&exact, name, 0, NULL, 0);
		if (is_exact != libm_is_exact(str_of(name)))
			fail_msg("'%s' is %s", name, is_exact ? "exact" : "not known to be exact");
		judged++;
	}
	fclose(f);
	regfree(&exact);
	EXPECT(judged > 500);
}

TEST(what_is_not_of_libm_is_exact)
{
	const char *const names[] = {"printf", "malloc", "__libc_start_main", "", "f", "l", "_r", "qsort"};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		EXPECT(libm_is_exact(str_of(names[i])));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(imports_are_found_with_their_versions),
		CASE(stripped_program_is_read_as_well),
		CASE(exact_program_imports_nothing_inexact),
		CASE(static_program_imports_nothing),
		CASE(what_is_no_program_is_refused),
		CASE(cut_file_is_refused),
		CASE(damaged_file_is_read_safely),
		CASE(inexact_functions_are_known_in_every_type),
		CASE(four_functions_have_substitutes),
		CASE(every_function_of_libm_is_judged),
		CASE(what_is_not_of_libm_is_exact),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
