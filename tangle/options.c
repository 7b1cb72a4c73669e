/* The options of chunks: one table, and one function for each kind of value. */
#include "options.h"

#include <string.h>

#include "arena.h"
#include "nearest.h"

enum kind { FLAG, TEXT, WORDS, PATHS, COUNT, SIZE, SECONDS, BOUNDS, CHOICE };

enum {
	PROGRAM = CHUNK_PROGRAM,
	SHOWN = CHUNK_SHOWN,
	DRAWN = CHUNK_FIGURE | CHUNK_TABLE,
	ANY = CHUNK_SHOWN | CHUNK_PROGRAM | CHUNK_FIGURE | CHUNK_TABLE | CHUNK_CLAIM | CHUNK_HELPERS | CHUNK_SETUP,
};

static const struct option_def {
	const char *name;
	enum kind kind;
	const char *form;       /* of its value, for messages and help; CHOICE: the choices; COUNT: the bounds */
	int where;              /* chunk kinds it may stand on */
	const char *help;
} option_defs[OPT_COUNT] = {
	[OPT_ARGS]     = {"args",     TEXT,    "TEXT",            PROGRAM,      "words handed to the program"},
	[OPT_STDIN]    = {"stdin",    TEXT,    "TEXT",            PROGRAM,      "text for the program's standard input"},
	[OPT_INPUTS]   = {"inputs",   PATHS,   "\"FILE …\"",      PROGRAM,      "files of the site, readable at their paths"},
	[OPT_SOURCES]  = {"sources",  PATHS,   "\"FILE …\"",      PROGRAM,      "files of the site, compiled and linked in"},
	[OPT_OUTPUTS]  = {"outputs",  PATHS,   "\"FILE …\"",      PROGRAM,      "files to keep beside *.tsv"},
	[OPT_NEEDS]    = {"needs",    WORDS,   "\"NAME …\"",      PROGRAM,      "programs whose results it reads: NAME or ESSAY:NAME"},
	[OPT_SWEEP]    = {"sweep",    TEXT,    "\"n=256,512 seed=1..5\"", PROGRAM, "points to run it at, one run each"},
	[OPT_DEVICE]   = {"device",   CHOICE,  "cpu|gpu",         PROGRAM,      "what runs it: the processor, or a GPU by nvcc (CUDA only)"},
	[OPT_THREADS]  = {"threads",  COUNT,   "1..1024",         PROGRAM,      "processors it uses"},
	[OPT_APPROX]   = {"approx",   BOUNDS,  "\"rel=1e-6\"",    PROGRAM,      "its numbers repeat within these bounds only"},
	[OPT_MEASURED] = {"measured", FLAG,    "",                PROGRAM,      "a timing: run it alone, never compare exactly"},
	[OPT_RECORDED] = {"recorded", FLAG,    "",                PROGRAM,      "too long for a build: shown from its recording, repeated by --all"},
	[OPT_TIMEOUT]  = {"timeout",  SECONDS, "30s",             PROGRAM,      "longest a run may take"},
	[OPT_MEMORY]   = {"memory",   SIZE,    "4G",              PROGRAM,      "most memory a run may use"},
	[OPT_CFLAGS]   = {"cflags",   TEXT,    "TEXT",            PROGRAM,      "further words for the compiler"},
	[OPT_LIBS]     = {"libs",     TEXT,    "TEXT",            PROGRAM,      "libraries to link"},
	[OPT_EXPECT]   = {"expect",   CHOICE,  "fail",            PROGRAM,      "it is meant to fail"},
	[OPT_OUTPUT]   = {"output",   CHOICE,  "hide|fold|show",  PROGRAM,      "how its output is shown"},
	[OPT_HEAT]     = {"heat",     TEXT,    "PROGRAM.COLUMN",  PROGRAM | SHOWN, "this column of a CUDA program's table lines, beside the lines"},
	[OPT_FOLD]     = {"fold",     FLAG,    "",                ANY,          "show the block folded"},
	[OPT_HIDE]     = {"hide",     FLAG,    "",                ANY,          "do not show the block"},
	[OPT_FROM]     = {"from",     WORDS,   "\"NAME …\"",      DRAWN,        "programs whose results it shows"},
	[OPT_CAPTION]  = {"caption",  TEXT,    "TEXT",            DRAWN,        "the text below a figure, above a table"},
	[OPT_ALT]      = {"alt",      TEXT,    "TEXT",            CHUNK_FIGURE, "what a figure shows, for who cannot see it"},
	[OPT_HEIGHT]   = {"height",   COUNT,   "80..2000",        CHUNK_FIGURE, "height in pixels"},
};

static const struct {
	enum chunk_kind kind;
	const char *noun, *nouns;
} kinds[] = {
	{CHUNK_SHOWN,   "a chunk that is only shown", "chunks that are only shown"},
	{CHUNK_PROGRAM, "a program", "programs"},
	{CHUNK_FIGURE,  "a figure", "figures"},
	{CHUNK_TABLE,   "a table", "tables"},
	{CHUNK_CLAIM,   "a claim", "claims"},
	{CHUNK_HELPERS, "a .helpers chunk", ".helpers chunks"},
	{CHUNK_SETUP,   "a .setup chunk", ".setup chunks"},
};

enum { NKINDS = sizeof kinds / sizeof *kinds };

const char *option_name(enum option o)
{
	return option_defs[o].name;
}

static const char *noun_of(enum chunk_kind kind)
{
	for (int i = 0; i < NKINDS; i++)
		if (kinds[i].kind == kind)
			return kinds[i].noun;
	return "this chunk";
}

/* "programs, figures": where an option may stand. */
static Str places_of(const struct option_def *def, struct arena *a)
{
	if (def->where == ANY)
		return S("any chunk");
	struct buf out = buf_new(a, 64);
	for (int i = 0; i < NKINDS; i++)
		if (def->where & (int)kinds[i].kind)
			buf_fmt(&out, "%s%s", out.len ? ", " : "", kinds[i].nouns);
	return buf_str(&out);
}

static bool wrong_value(const struct option_def *def, Str text, Span at)
{
	bool alone = !str_has(str_of(def->form), '|');
	const char *like = def->kind == CHOICE ? alone ? "" : "one of " : def->kind == COUNT ? "a number in " : "a value like ";
	error_at(at, "'%s' wants %s%s, not '%.*s'", def->name, like, def->form, STR_ARG(text));
	return false;
}

/* A number with one of `units` behind it, or none: "30s", "4G". */
static bool with_unit(Str text, const char *units, const long *scale, long *number)
{
	long factor = 1;
	const char *unit = text.len ? strchr(units, text.at[text.len - 1]) : NULL;
	if (unit && *unit) {
		factor = scale[unit - units];
		text.len--;
	}
	if (!str_int(text, number) || *number < 1 || *number > (1L << 50) / factor)
		return false;
	*number *= factor;
	return true;
}

static bool is_bounds(Str text)
{
	bool rel = false, abs = false;
	for (Str word = str_word(&text); word.len; word = str_word(&text)) {
		double bound;
		bool *seen = str_starts(word, S("rel=")) ? &rel : str_starts(word, S("abs=")) ? &abs : NULL;
		if (!seen || *seen || !str_real(str_sub(word, 4, word.len), &bound) || !(bound > 0 && bound < 1e300))
			return false;
		*seen = true;
	}
	return rel || abs;
}

/* Paths stay inside the site: relative, in plain characters, without "..". */
static bool check_path(const struct option_def *def, Str path, Span at)
{
	if (path.len && *path.at == '/') {
		error_at(at, "'%s': '%.*s' is not relative to the site", def->name, STR_ARG(path));
		return false;
	}
	for (Str rest = path; rest.at; ) {
		Str part = str_cut(&rest, '/');
		if (!part.len || str_eq(part, S(".")) || str_eq(part, S(".."))) {
			error_at(at, "'%s': '%.*s' is not a plain path, as texts/austen.txt", def->name, STR_ARG(path));
			return false;
		}
	}
	for (size_t i = 0; i < path.len; i++)
		if ((unsigned char)path.at[i] <= ' ' || path.at[i] == '\\' || path.at[i] == 0x7f) {
			error_at(at, "'%s': the path '%.*s' has a blank, a backslash or a control character",
			         def->name, STR_ARG(path));
			return false;
		}
	return true;
}

/* Columns of words are right as long as no escape stands before them in the value. */
static bool check_words(const struct option_def *def, Str text, Span at)
{
	Str rest = text;
	int n = 0;
	for (Str word = str_word(&rest); word.len; word = str_word(&rest), n++) {
		Span here = {at.file, at.line, at.col + (int)(word.at - text.at)};
		if (def->kind == PATHS && !check_path(def, word, here))
			return false;
	}
	return n || wrong_value(def, text, at);
}

static bool is_choice(const char *choices, Str text)
{
	Str rest = str_of(choices);
	while (rest.len)
		if (str_eq(str_cut(&rest, '|'), text))
			return true;
	return false;
}

static bool in_bounds(const char *form, long number)
{
	Str all = str_of(form);
	size_t dots = str_search(all, S(".."), 0);
	long least = 0, most = 0;
	str_int(str_sub(all, 0, dots), &least);
	str_int(str_sub(all, dots + 2, all.len), &most);
	return number >= least && number <= most;
}

static bool read_value(const struct option_def *def, struct option_value *value)
{
	static const long seconds[] = {1, 60, 3600}, bytes[] = {1L << 10, 1L << 20, 1L << 30};
	bool fine = true;
	switch (def->kind) {
	case FLAG:
	case TEXT:
		break;
	case WORDS:
	case PATHS:
		return check_words(def, value->text, value->at);
	case COUNT:
		fine = str_int(value->text, &value->number) && in_bounds(def->form, value->number);
		break;
	case SIZE:
		fine = with_unit(value->text, "KMG", bytes, &value->number);
		break;
	case SECONDS:
		fine = with_unit(value->text, "smh", seconds, &value->number);
		break;
	case BOUNDS:
		fine = is_bounds(value->text);
		break;
	case CHOICE:
		fine = is_choice(def->form, value->text);
		break;
	}
	return fine || wrong_value(def, value->text, value->at);
}

/* The option's number, or -1 after reporting. */
static int find_option(enum chunk_kind kind, Str name, Span at, struct arena *a)
{
	struct nearest near = nearest_to(name);
	for (int o = 0; o < OPT_COUNT; o++) {
		if (str_eq(name, str_of(option_defs[o].name)))
			return o;
		/* What may not stand here is no help. */
		if (option_defs[o].where & (int)kind)
			nearest_try(&near, str_of(option_defs[o].name));
	}
	error_at(at, "unknown option '%.*s'%.*s", STR_ARG(name), STR_ARG(nearest_hint(&near, a)));
	return -1;
}

bool option_set(struct options *opts, enum chunk_kind kind, bool later_block,
                Str name, Span at, const Str *text, Span value_at, struct arena *a)
{
	int o = find_option(kind, name, at, a);
	if (o < 0)
		return false;
	const struct option_def *def = &option_defs[o];
	if (later_block && o != OPT_HIDE && o != OPT_FOLD) {
		error_at(at, "'%s' stands on the first block of a chunk; a later one may carry only hide or fold",
		         def->name);
		return false;
	}
	if (!(def->where & (int)kind)) {
		error_at(at, "'%s' does not belong on %s; it is for: %.*s",
		         def->name, noun_of(kind), STR_ARG(places_of(def, a)));
		return false;
	}
	if (opts->value[o].given) {
		error_at(at, "'%s' is set twice", def->name);
		return false;
	}
	if (def->kind == FLAG && text) {
		error_at(value_at, "'%s' takes no value", def->name);
		return false;
	}
	if (def->kind != FLAG && !text) {
		error_at(at, "'%s' wants a value: %s=%s", def->name, def->name, def->form);
		return false;
	}
	struct option_value *value = &opts->value[o];
	*value = (struct option_value){.given = true, .number = def->kind == FLAG, .at = text ? value_at : at};
	if (text)
		value->text = *text;
	return read_value(def, value);
}

void options_print(struct buf *out)
{
	for (int o = 0; o < OPT_COUNT; o++) {
		const struct option_def *def = &option_defs[o];
		bool flag = def->kind == FLAG;
		buf_fmt(out, "%s%s%s\n", def->name, flag ? "" : "=", def->form);
		buf_fmt(out, "        %s (%.*s)\n", def->help, STR_ARG(places_of(def, out->arena)));
	}
}
