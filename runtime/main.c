/* weft: a compiler for literate, reproducible essays. The command line. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"
#include "facts.h"
#include "kit.h"
#include "sandbox.h"

#define WEFT_VERSION "0.1"

struct invocation {
	struct build_options opt;
	char **words;           /* after the command, without options */
	int nwords;
	char **rest;            /* after -- */
	int nrest;
	const char *from;       /* --from */
};

static int cmd_build(struct invocation *in)
{
	return build_run(&in->opt);
}

static int cmd_tangle(struct invocation *in)
{
	struct arena a = arena_map((size_t)1 << 30);
	Str essay = {0}, root = {0};
	if (in->nwords && !find_chunk(str_of(in->words[0]), &essay, &root, &a))
		return 1;
	return tangle_run(&in->opt, essay, root);
}

static int cmd_plan(struct invocation *in)
{
	return plan_run(&in->opt);
}

/* A command about one program. */
static int with_program(struct invocation *in, bool run)
{
	struct arena a = arena_map((size_t)1 << 30);
	Str essay, program;
	if (!in->nwords) {
		fprintf(stderr, "weft: %s needs a program: [ESSAY:]PROGRAM\n", run ? "run" : "explain");
		return 2;
	}
	if (!find_chunk(str_of(in->words[0]), &essay, &program, &a))
		return 1;
	return run ? run_run(&in->opt, essay, program, in->rest, in->nrest) : explain_run(&in->opt, essay, program);
}

static int cmd_run(struct invocation *in)
{
	return with_program(in, true);
}

static int cmd_explain(struct invocation *in)
{
	return with_program(in, false);
}

static int cmd_weave(struct invocation *in)
{
	in->opt.no_run = true;
	return build_run(&in->opt);
}

static int cmd_check(struct invocation *in)
{
	return in->opt.facts ? facts_run(&in->opt, true) : check_run(&in->opt);
}

static int cmd_record(struct invocation *in)
{
	if (in->opt.facts == (in->from != NULL)) {
		fprintf(stderr, "weft: record wants --static, or --from=DIR; 'weft build --record' records what runs here\n");
		return 2;
	}
	return in->opt.facts ? facts_run(&in->opt, false) : import_run(&in->opt, str_of(in->from));
}

static int cmd_kit(struct invocation *in)
{
	return kit_run(&in->opt);
}

static int cmd_parse(struct invocation *in)
{
	if (!in->nwords) {
		fprintf(stderr, "weft: parse needs an essay\n");
		return 2;
	}
	return parse_run(str_of(in->words[0]));
}

static int cmd_new(struct invocation *in)
{
	if (in->nwords == 2 && !strcmp(in->words[0], "site"))
		return new_site_run(str_of(in->words[1]));
	if (in->nwords != 1) {
		fprintf(stderr, "weft: new needs a name: 'weft new NAME' or 'weft new site DIR'\n");
		return 2;
	}
	return new_essay_run(str_of(in->words[0]));
}

static int cmd_clean(struct invocation *in)
{
	(void)in;
	return clean_run();
}

static int cmd_version(struct invocation *in)
{
	(void)in;
	puts("weft " WEFT_VERSION);
	return 0;
}

static int cmd_help(struct invocation *in);

static const struct command_def {
	const char *name, *words, *help;
	int (*call)(struct invocation *in);
} commands[] = {
	{"build",   "[ESSAY…]",               "run what changed and publish to build/site/", cmd_build},
	{"tangle",  "[[ESSAY:]ROOT]",         "print a root chunk; without one, write all programs to build/tangle/", cmd_tangle},
	{"plan",    "[ESSAY…]",               "print the actions of a build and what they need", cmd_plan},
	{"run",     "[ESSAY:]PROGRAM [-- ARGS]", "compile a program and run it here with these arguments", cmd_run},
	{"weave",   "[ESSAY…]",               "publish from the store; execute no program", cmd_weave},
	{"check",   "[ESSAY…]",               "report mistakes, missing results and failing claims; execute no program", cmd_check},
	{"record",  "--static [ESSAY…] | --from=DIR", "record what nvcc says of CUDA programs; import what the GPU kit brought back", cmd_record},
	{"kit",     "[ESSAY…]",               "pack what runs on a GPU as build/gpu-kit.tar.gz", cmd_kit},
	{"explain", "[ESSAY:]PROGRAM",        "say why a program would be compiled or run", cmd_explain},
	{"parse",   "ESSAY",                  "print an essay as the parser sees it", cmd_parse},
	{"new",     "NAME | site DIR",        "make an essay, or a site with one", cmd_new},
	{"clean",   "",                       "remove everything that weft made below build/", cmd_clean},
	{"help",    "[options]",              "this text; the options of chunks", cmd_help},
	{"version", "",                       "print the version", cmd_version},
};

static const struct flag_def {
	char letter;
	const char *name, *value, *help;
} flags[] = {
	{'C', NULL,        "DIR", "change to this directory first"},
	{'j', "jobs",      "N",   "do N things at a time (default: the number of processors)"},
	{'k', "keep-going", NULL, "open further essays after one failed"},
	{'q', "quiet",      NULL, "say nothing but mistakes"},
	{'v', "verbose",    NULL, "name every action, also those found in the store"},
	{0,   "draft",      NULL, "weave with faults shown in place, into build/draft/"},
	{0,   "record",     NULL, "build: record what can be run here and is not recorded as it is now"},
	{0,   "all",        NULL, "build: repeat recorded programs too, and compare; with --record, replace their recordings"},
	{0,   "check",      NULL, "run: compile with the recipe's checks: the sanitizers for C, simtcc's check for CUDA"},
	{0,   "static",     NULL, "record, check: the static facts of CUDA programs, by nvcc"},
	{0,   "from",      "DIR", "record: the result directory of the GPU kit"},
	{0,   "measured",  "fail|report", "a failing claim over measurements: an error (default), or a remark"},
};

enum { NCOMMANDS = sizeof commands / sizeof *commands, NFLAGS = sizeof flags / sizeof *flags };

static void print_help(FILE *out)
{
	fputs("usage: weft [OPTIONS] COMMAND [WORDS]\n\ncommands:\n", out);
	for (int i = 0; i < NCOMMANDS; i++)
		fprintf(out, "  %-8s %-28s %s\n", commands[i].name, commands[i].words, commands[i].help);
	fputs("\noptions:\n", out);
	for (int i = 0; i < NFLAGS; i++) {
		char spelled[64];
		snprintf(spelled, sizeof spelled, "%s%c%s%s%s%s%s", flags[i].letter ? "-" : "", flags[i].letter ? flags[i].letter : ' ',
		         flags[i].letter && flags[i].name ? ", " : "", flags[i].name ? "--" : "", flags[i].name ? flags[i].name : "",
		         flags[i].value ? flags[i].name ? "=" : " " : "", flags[i].value ? flags[i].value : "");
		fprintf(out, "  %-26s %s\n", spelled[0] == ' ' ? spelled + 1 : spelled, flags[i].help);
	}
	fputs("\nA site is a directory with essays/. Exit status: 0 well, 1 an essay is at fault, 2 misuse or the world.\n", out);
}

static int cmd_help(struct invocation *in)
{
	if (in->nwords && !strcmp(in->words[0], "options")) {
		struct arena a = arena_map(1 << 20);
		struct buf out = buf_new(&a, 8192);
		options_print(&out);
		fwrite(out.at, 1, out.len, stdout);
		return 0;
	}
	print_help(stdout);
	return 0;
}

static _Noreturn void misuse(const char *what, const char *word)
{
	fprintf(stderr, "weft: %s '%s'; 'weft help' lists what there is\n", what, word);
	exit(2);
}

static void apply_flag(struct invocation *in, const struct flag_def *f, const char *value)
{
	long n;
	if (f->letter == 'C') {
		if (chdir(value))
			fatal("change to '%s':", value);
	} else if (f->letter == 'j') {
		if (!str_int(str_of(value), &n) || n < 1)
			misuse("not a number of jobs:", value);
		in->opt.jobs = (int)n;
	} else if (f->letter == 'k') {
		in->opt.keep_going = true;
	} else if (f->letter == 'q') {
		in->opt.quiet = true;
	} else if (f->letter == 'v') {
		in->opt.verbose = true;
	} else if (!strcmp(f->name, "draft")) {
		in->opt.draft = true;
	} else if (!strcmp(f->name, "record")) {
		in->opt.record = true;
	} else if (!strcmp(f->name, "all")) {
		in->opt.all = true;
	} else if (!strcmp(f->name, "check")) {
		in->opt.check = true;
	} else if (!strcmp(f->name, "static")) {
		in->opt.facts = true;
	} else if (!strcmp(f->name, "from")) {
		in->from = value;
	} else {
		if (strcmp(value, "fail") && strcmp(value, "report"))
			misuse("--measured is fail or report, not", value);
		in->opt.report_measured = !strcmp(value, "report");
	}
}

/* One option; returns how many words it took. */
static int take_flag(struct invocation *in, char **word, int nleft)
{
	const char *text = word[0];
	for (int i = 0; i < NFLAGS; i++) {
		const struct flag_def *f = &flags[i];
		size_t n = f->name ? strlen(f->name) : 0;
		const char *value = NULL;
		int took = 1;
		if (f->name && !strncmp(text, "--", 2) && !strncmp(text + 2, f->name, n) && (!text[2 + n] || text[2 + n] == '='))
			value = text[2 + n] ? text + 3 + n : NULL;
		else if (f->letter && text[0] == '-' && text[1] == f->letter && (f->value || !text[2]))
			value = text[2] ? text + 2 : NULL;
		else
			continue;
		if (f->value && !value) {
			if (nleft < 2)
				misuse("this option needs a value:", text);
			value = word[1];
			took = 2;
		}
		if (!f->value && value)
			misuse("this option takes no value:", text);
		apply_flag(in, f, value);
		return took;
	}
	misuse("unknown option", text);
}

int main(int argc, char **argv)
{
	struct invocation in = {.words = calloc((size_t)argc + 1, sizeof(char *))};
	const char *name = NULL;
	if (!in.words)
		fatal("out of memory");
	for (int i = 1; i < argc; ) {
		if (!strcmp(argv[i], "--")) {
			in.rest = argv + i + 1;
			in.nrest = argc - i - 1;
			break;
		}
		if (!strcmp(argv[i], "--help"))
			argv[i] += 2;
		if (argv[i][0] == '-' && argv[i][1])
			i += take_flag(&in, argv + i, argc - i);
		else if (!name)
			name = argv[i++];
		else
			in.words[in.nwords++] = argv[i++];
	}
	if (!name) {
		print_help(stderr);
		return 2;
	}
	for (int i = 0; i < NCOMMANDS; i++) {
		if (strcmp(commands[i].name, name))
			continue;
		in.opt.essays = calloc((size_t)in.nwords + 1, sizeof(Str));
		in.opt.nessays = in.nwords;
		for (int k = 0; k < in.nwords; k++) {
			/* "essays/x.md" is as good as "x". */
			Str word = str_of(in.words[k]);
			if (str_starts(word, S("essays/")))
				word = str_sub(word, 7, word.len);
			in.opt.essays[k] = str_ends(word, S(".md")) ? str_sub(word, 0, word.len - 3) : word;
		}
		return commands[i].call(&in);
	}
	misuse("unknown command", name);
}
