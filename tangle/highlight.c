/* Colours for listings. A language is a row of data: the rules for what is not a word (comments, strings, and what a
 * sign such as '#' or '$' begins), its words by class, and what a word needs besides letters. One lexer goes over
 * each line with them. It does not parse; it knows no more of a program than what its reader sees at a glance.
 *
 * Bytes above 0x7f count as letters everywhere, so no tag ever falls into a character of several bytes, and text
 * cut where the lexer cuts it is escaped to the same HTML as the whole. */
#include "highlight.h"

#include <assert.h>
#include <string.h>

#include "html.h"

/* ---- Languages ---- */

#define DIGITS "0123456789"

enum rule_kind {
	REGION,                 /* from `open` to `close` */
	LONG_BRACKET,           /* from `open`, any number of '=' and '[' to ']', as many and ']' */
	SIGIL,                  /* `open` and the word behind it */
	DOCUMENT,               /* a here-document's `open` and tag; its lines follow */
};

enum rule_flag {
	AT_EDGE = 1,            /* only as the line's first byte */
	AT_START = 2,           /* only as the first that is not blank */
	AFTER_BLANK = 4,        /* only at the start of a shell's word */
	AFTER_EQUALS = 8,       /* only where a value stands: behind '=' or '#' */
	AFTER_INCLUDE = 16,     /* only as the name of a file to include */
	ON_DATA = 32,           /* only in a line that begins with '$' */
	ESCAPES = 64,           /* a backslash hides the next byte */
	CONTINUES = 128,        /* goes on behind a backslash that ends the line */
	LINES = 256,            /* goes on until it is closed */
	NESTS = 512,            /* holds pairs of its own brackets */
	IS_KEY = 1024,          /* is a type where a ':' follows */
};

struct rule {
	enum rule_kind kind;
	const char *open;
	/* REGION: what ends it; NULL: the end of the line; "": nothing, `open` stands alone.
	 * SIGIL: bytes of which one may stand in place of a word. */
	const char *close;
	const char *more;       /* SIGIL: what its word may have besides letters */
	char class;
	unsigned flags;
};

enum defines {
	DEFINES_NOTHING,
	DEFINES_C,              /* functions: type, name, parenthesis, from the left edge */
	DEFINES_SH,             /* name() */
	DEFINES_MAKE,           /* target: and variable = */
	DEFINES_BIBTEX,         /* @kind{key, and field = */
};

enum { RULES_MOST = 10, WORDS_MOST = 5 };

struct syntax {
	const char *names;              /* what fences call it */
	const char *word;               /* what a word may have besides letters; it begins with no digit */
	bool has_numbers;
	enum { ANYWHERE, FIRST_IN_LINE, AS_COMMAND } keywords;  /* where words of the lists count */
	enum defines defines;
	const char *definer;            /* the word whose next one is being defined */
	const char *prefix, *suffix;    /* of words given by the system, of types */
	const char *member;             /* what a member's name stands behind, which is in no list; '>' is for "->" */
	struct rule rules[RULES_MOST];  /* tried in order */
	struct { char class; const char *list; } words[WORDS_MOST];     /* a word in two lists is of the first */
};

#define C_KEYWORDS \
	"alignas alignof auto break case const continue default do else enum extern for goto if inline register " \
	"restrict return sizeof static static_assert struct switch typedef union volatile while " \
	"_Alignas _Alignof _Atomic _Generic _Noreturn _Static_assert _Thread_local asm"
#define C_TYPES \
	"void char short int long float double signed unsigned bool _Bool _Complex FILE"
#define C_CONSTANTS \
	"NULL true false stdin stdout stderr EOF INFINITY NAN"
#define C_RULES \
	{REGION, "/*", "*/", NULL, 'c', LINES}, \
	{REGION, "//", NULL, NULL, 'c', CONTINUES}, \
	{REGION, "\"", "\"", NULL, 's', ESCAPES | CONTINUES}, \
	{REGION, "'", "'", NULL, 's', ESCAPES | CONTINUES}, \
	{REGION, "<", ">", NULL, 's', AFTER_INCLUDE}, \
	{SIGIL, "#", "", "", 'p', AT_START}

static const struct syntax syntaxes[] = {
	{
		.names = "c",
		.word = "_" DIGITS,
		.has_numbers = true,
		.defines = DEFINES_C,
		.definer = "define",
		.prefix = "__",
		.suffix = "_t",
		.member = ".>",
		.rules = {C_RULES},
		.words = {{'k', C_KEYWORDS}, {'t', C_TYPES}, {'n', C_CONSTANTS}},
	},
	{
		.names = "cuda cpp",
		.word = "_" DIGITS,
		.has_numbers = true,
		.defines = DEFINES_C,
		.definer = "define",
		.prefix = "__",
		.suffix = "_t",
		.member = ".>",
		.rules = {
			C_RULES,
			{REGION, "<<<", "", NULL, 'g', 0},
			{REGION, ">>>", "", NULL, 'g', 0},
		},
		.words = {
			{'k', C_KEYWORDS " catch class const_cast constexpr decltype delete dynamic_cast explicit friend mutable "
			      "namespace new noexcept operator private protected public reinterpret_cast static_cast template "
			      "this throw try typename using virtual"},
			{'t', C_TYPES " dim3 char2 char3 char4 uchar2 uchar3 uchar4 short2 short3 short4 ushort2 ushort3 ushort4 "
			      "int2 int3 int4 uint2 uint3 uint4 long2 ulong2 longlong2 ulonglong2 float2 float3 float4 "
			      "double2 double3 double4 half half2 nv_bfloat16 nv_bfloat162 "
			      "__half __half2 __nv_bfloat16 __nv_bfloat162 __nv_fp8_e4m3 __nv_fp8_e5m2 "
			      "cudaDeviceProp cudaMemcpyKind CUtensorMap"},
			{'n', C_CONSTANTS " nullptr cudaSuccess"},
			{'g', "threadIdx blockIdx blockDim gridDim warpSize atomicAdd atomicSub atomicExch atomicMin atomicMax "
			      "atomicInc atomicDec atomicCAS atomicAnd atomicOr atomicXor "
			      "cudaMalloc cudaMallocManaged cudaMallocHost cudaMallocAsync cudaFree cudaFreeHost cudaFreeAsync "
			      "cudaMemcpy cudaMemcpyAsync cudaMemcpyToSymbol cudaMemset cudaMemsetAsync cudaGetLastError "
			      "cudaPeekAtLastError cudaGetErrorString cudaGetErrorName cudaDeviceSynchronize cudaSetDevice "
			      "cudaGetDevice cudaGetDeviceProperties cudaStreamCreate cudaStreamDestroy "
			      "cudaStreamSynchronize cudaEventCreate cudaEventDestroy cudaEventRecord cudaEventSynchronize "
			      "cudaEventElapsedTime cudaFuncSetAttribute cudaFuncGetAttributes cudaLaunchKernelEx "
			      "cudaOccupancyMaxActiveBlocksPerMultiprocessor"},
		},
	},
	{
		.names = "lua",
		.word = "_" DIGITS,
		.has_numbers = true,
		.definer = "function",
		.member = ".:",
		.rules = {
			{LONG_BRACKET, "--[", NULL, NULL, 'c', LINES},
			{REGION, "--", NULL, NULL, 'c', 0},
			{LONG_BRACKET, "[", NULL, NULL, 's', LINES},
			{REGION, "\"", "\"", NULL, 's', ESCAPES | CONTINUES},
			{REGION, "'", "'", NULL, 's', ESCAPES | CONTINUES},
		},
		.words = {
			{'k', "and break do else elseif end for function goto if in local not or repeat return then until while"},
			{'n', "true false nil"},
			{'g', "_G _ENV _VERSION assert collectgarbage dofile error getmetatable ipairs load loadfile next pairs "
			      "pcall print rawequal rawget rawlen rawset require select setmetatable tonumber tostring type warn "
			      "xpcall coroutine debug io math os package string table utf8"},
		},
	},
	{
		.names = "gnuplot gp",
		.word = "_" DIGITS,
		.has_numbers = true,
		.rules = {
			{REGION, "#", NULL, NULL, 'c', CONTINUES},
			{REGION, "\"", "\"", NULL, 's', ESCAPES | CONTINUES},
			{REGION, "'", "'", NULL, 's', CONTINUES},
			{DOCUMENT, "<<", NULL, NULL, 's', ON_DATA},
			{SIGIL, "$", "#", "_" DIGITS, 'g', 0},
			{SIGIL, "@", "", "_" DIGITS, 'g', 0},
		},
		.words = {
			{'k', "array bind break call clear continue do else evaluate exit fit for if load local pause plot print "
			      "printerr replot reset save set show splot stats test toggle undefine unset while"},
			{'t', "arrow at autoscale axes back border bottom box boxes boxwidth center columnheaders dashtype "
			      "datafile dt encoding enhanced every filledcurves fillcolor fillstyle font format from front graph "
			      "grid head heads impulses in index isosamples key keyentry label labels lc left levels linecolor "
			      "lines linespoints linestyle linetype linewidth lmargin logscale ls lt lw margins matrix mirror "
			      "multiplot mxtics mytics nobox noenhanced nohead nomirror noborder nokey notitle offset "
			      "opaque origin output palette pm3d point points pointsize pointtype ps pt rgb right rotate sample "
			      "samples scale screen separator set size smooth solid spacing steps style tc term terminal "
			      "bmargin rmargin textcolor title tmargin to top transparent unique using vectors view "
			      "with x2label x2range x2tics xerrorbars xlabel xrange xtics y2label y2range y2tics yerrorbars "
			      "ylabel yrange ytics yerrorlines zlabel zrange"},
			{'g', "abs acos arg asin atan atan2 besj0 ceil column columnhead columnheader cos cosh erf erfc exp "
			      "exists floor gamma imag int invnorm lgamma log log10 norm rand real sgn sin sinh sprintf sqrt "
			      "strcol stringcolumn strlen strstrt substr system tan tanh timecolumn valid value word words"},
			{'n', "NaN pi"},
		},
	},
	{
		.names = "sh bash shell",
		.word = "_-./+" DIGITS,
		.keywords = AS_COMMAND,
		.defines = DEFINES_SH,
		.definer = "function",
		.rules = {
			{REGION, "#", NULL, NULL, 'c', AFTER_BLANK},
			{REGION, "\"", "\"", NULL, 's', ESCAPES | LINES},
			{REGION, "'", "'", NULL, 's', LINES},
			{REGION, "${", "}", NULL, 'g', ESCAPES | NESTS},
			{SIGIL, "$", "@*#?$!-" DIGITS, "_" DIGITS, 'g', 0},
			{DOCUMENT, "<<", NULL, NULL, 's', 0},
			{SIGIL, "\\", "\"'`$\\#;&|<>(){}[]*?!~", "", 0, 0},
		},
		.words = {
			{'k', "if then elif else fi for while until do done case esac select function time break continue return "
			      "exit"},
			{'g', ". alias bg cd command echo eval exec export false fg getopts hash jobs kill local printf pwd read "
			      "readonly set shift source test times trap true type ulimit umask unalias unset wait"},
		},
	},
	{
		.names = "make makefile",
		.word = "_-./%" DIGITS,
		.keywords = FIRST_IN_LINE,
		.defines = DEFINES_MAKE,
		.rules = {
			{REGION, "#", NULL, NULL, 'c', CONTINUES},
			{REGION, "$(", ")", NULL, 'g', NESTS | CONTINUES},
			{REGION, "${", "}", NULL, 'g', NESTS | CONTINUES},
			{SIGIL, "$", "@<^*+%?|$", "", 'g', 0},
			{SIGIL, "\\", "#\\", "", 0, 0},
		},
		.words = {
			{'k', "define else endef endif export ifdef ifeq ifndef ifneq include -include override private sinclude "
			      "undefine unexport vpath"},
		},
	},
	{
		.names = "tex latex",
		.word = "@",
		.rules = {
			{REGION, "%", NULL, NULL, 'c', 0},
			{SIGIL, "\\", "\\{}[]()%$&#_,;:!'`\"^~=.|/-+<>* ", "@", 'k', 0},
			{REGION, "$$", "", NULL, 'g', 0},
			{REGION, "$", "", NULL, 'g', 0},
			{REGION, "&", "", NULL, 'g', 0},
		},
	},
	{
		.names = "bibtex bib",
		.word = "_-.:/+" DIGITS,
		.has_numbers = true,
		.defines = DEFINES_BIBTEX,
		.rules = {
			{REGION, "%", NULL, NULL, 'c', AT_START},
			{SIGIL, "@", "", "", 'k', 0},
			{REGION, "\"", "\"", NULL, 's', LINES | AFTER_EQUALS},
			{REGION, "{", "}", NULL, 's', LINES | NESTS | AFTER_EQUALS},
		},
	},
	{
		.names = "diff patch",
		.word = "",
		.rules = {
			{REGION, "@@", NULL, NULL, 'p', AT_EDGE},
			{REGION, "+", NULL, NULL, 'a', AT_EDGE},
			{REGION, "-", NULL, NULL, 'd', AT_EDGE},
			{REGION, "\\", NULL, NULL, 'c', AT_EDGE},
			{REGION, "diff ", NULL, NULL, 'k', AT_EDGE},
			{REGION, "index ", NULL, NULL, 'c', AT_EDGE},
			{REGION, "rename ", NULL, NULL, 'c', AT_EDGE},
			{REGION, "new file mode ", NULL, NULL, 'c', AT_EDGE},
			{REGION, "deleted file mode ", NULL, NULL, 'c', AT_EDGE},
		},
	},
	{
		.names = "json",
		.word = "_" DIGITS,
		.has_numbers = true,
		.rules = {
			{REGION, "\"", "\"", NULL, 's', ESCAPES | IS_KEY},
		},
		.words = {{'n', "true false null"}},
	},
};

/* ---- Bytes and words ---- */

enum { BEGINS_RULE = 1, BEGINS_WORD = 2, IN_WORD = 4 };

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (unsigned char)c >= 0x80;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static bool is_among(char c, const char *set)
{
	return c && strchr(set, c);
}

static bool is_at(Str line, size_t i, const char *text)
{
	for (; *text; text++, i++)
		if (i >= line.len || line.at[i] != *text)
			return false;
	return true;
}

/* The byte at `i`, or 0 behind the line's end. */
static char at(Str line, size_t i)
{
	return i < line.len ? line.at[i] : 0;
}

static size_t skip_blanks(Str line, size_t i)
{
	while (i < line.len && is_blank(line.at[i]))
		i++;
	return i;
}

/* Where this word is in the table, or the free place where it would go. */
static struct highlight_word *slot_of(struct highlighter *h, Str word)
{
	uint32_t hash = 2166136261;
	for (size_t i = 0; i < word.len; i++)
		hash = (hash ^ (unsigned char)word.at[i]) * 16777619;
	uint32_t at_slot = (hash ^ hash >> 15) % HIGHLIGHT_SLOTS;
	while (h->words[at_slot].text.len && !str_eq(h->words[at_slot].text, word))
		at_slot = (at_slot + 1) % HIGHLIGHT_SLOTS;
	return &h->words[at_slot];
}

static void enter_words(struct highlighter *h)
{
	int n = 0;
	for (int i = 0; i < WORDS_MOST && h->syntax->words[i].list; i++) {
		Str list = str_of(h->syntax->words[i].list);
		for (Str word = str_word(&list); word.len; word = str_word(&list)) {
			struct highlight_word *slot = slot_of(h, word);
			if (slot->text.len)
				continue;
			*slot = (struct highlight_word){word, h->syntax->words[i].class};
			n++;
		}
	}
	assert(n < HIGHLIGHT_SLOTS / 2);
}

static void enter_bytes(struct highlighter *h)
{
	for (int i = 0; i < 256; i++)
		if (is_letter((char)i))
			h->kinds[i] = BEGINS_WORD | IN_WORD;
	for (const char *c = h->syntax->word; *c; c++)
		h->kinds[(unsigned char)*c] = is_digit(*c) ? IN_WORD : BEGINS_WORD | IN_WORD;
	for (int i = 0; i < RULES_MOST && h->syntax->rules[i].open; i++)
		h->kinds[(unsigned char)h->syntax->rules[i].open[0]] |= BEGINS_RULE;
}

static const struct syntax *syntax_of(Str language)
{
	for (size_t i = 0; i < sizeof syntaxes / sizeof *syntaxes; i++) {
		Str names = str_of(syntaxes[i].names);
		for (Str name = str_word(&names); name.len; name = str_word(&names))
			if (str_eq(name, language))
				return &syntaxes[i];
	}
	return NULL;
}

void highlight_begin(struct highlighter *h, Str language)
{
	*h = (struct highlighter){.syntax = syntax_of(language)};
	if (!h->syntax)
		return;
	enter_bytes(h);
	enter_words(h);
}

/* ---- A line under way ---- */

struct scan {
	struct highlighter *h;
	struct buf *out;
	Str line;
	size_t from, i;         /* text from..i is read and not yet printed: it has no class */
	size_t first;           /* the first byte that is not blank */

	int nwords;
	char last_class;        /* of the last word */
	bool is_declaring;      /* C: from the left edge on, only words, blanks and stars so far */
	bool is_defining;       /* the definer was the last word */
	bool is_command;        /* sh: a command would stand here */
	bool has_list;          /* sh: behind for or case, which "in" belongs to */
	bool is_arithmetic;     /* sh: behind "((" */
	size_t include_at;      /* C: where the name of a file to include begins; 0: nowhere */
	size_t head_end;        /* make: end of what stands before the line's ':' or '='; */
	char head_class;        /*       and what it is */
};

/* Print up to `end`, the part from the current place on in this class; 0: in none. */
static void put(struct scan *s, size_t end, char class)
{
	if (end > s->i)
		s->h->last = s->line.at[end - 1];
	if (!class || end == s->i) {
		s->i = end;
		return;
	}
	html_text(s->out, str_sub(s->line, s->from, s->i));
	buf_z(s->out, "<i class=\"");
	buf_char(s->out, class);
	buf_z(s->out, "\">");
	html_text(s->out, str_sub(s->line, s->i, end));
	buf_z(s->out, "</i>");
	s->from = s->i = end;
}

/* ---- Comments, strings, signs ---- */

/* May the rule begin here? */
static bool is_place(const struct scan *s, unsigned flags)
{
	char before = s->i ? s->line.at[s->i - 1] : ' ';
	return (!(flags & AT_EDGE) || s->i == 0) &&
	       (!(flags & AT_START) || s->i == s->first) &&
	       (!(flags & AFTER_BLANK) || is_blank(before) || is_among(before, ";|&()")) &&
	       (!(flags & AFTER_EQUALS) || is_among(s->h->last, "=#")) &&
	       (!(flags & AFTER_INCLUDE) || s->i == s->include_at) &&
	       (!(flags & ON_DATA) || s->line.at[0] == '$');
}

/* The byte after the bracket that closes level h->depth, looked for from `i` on; 0: it is not in this line. */
static size_t long_bracket_end(const struct highlighter *h, Str line, size_t i)
{
	for (i = str_find(line, ']', i); i < line.len; i = str_find(line, ']', i + 1)) {
		size_t end = i + 1;
		while (at(line, end) == '=')
			end++;
		if (end - i - 1 == (size_t)h->depth && at(line, end) == ']')
			return end + 1;
	}
	return 0;
}

/* The byte after what closes the region, looked for from `i` on; 0: it is not in this line. */
static size_t region_end(struct highlighter *h, const struct rule *rule, Str line, size_t i)
{
	char open = rule->open[strlen(rule->open) - 1];
	if (!rule->close)
		return 0;
	for (; i < line.len; i++) {
		if (line.at[i] == '\\' && (rule->flags & ESCAPES))
			i++;
		else if (line.at[i] == open && (rule->flags & NESTS))
			h->depth++;
		else if (is_at(line, i, rule->close) && --h->depth == 0)
			return i + strlen(rule->close);
	}
	return 0;
}

/* Print the rest of a comment or string, looking from `i` on for what closes it. */
static void take_rest(struct scan *s, const struct rule *rule, size_t i)
{
	struct highlighter *h = s->h;
	size_t end = rule->kind == LONG_BRACKET ? long_bracket_end(h, s->line, i) : region_end(h, rule, s->line, i);
	char class = rule->class;
	bool goes_on = (rule->flags & LINES) || ((rule->flags & CONTINUES) && str_ends(s->line, S("\\")));
	if ((rule->flags & IS_KEY) && end && at(s->line, skip_blanks(s->line, end)) == ':')
		class = 't';
	h->inside = !end && goes_on ? rule : NULL;
	put(s, end ? end : s->line.len, class);
}

static bool take_region(struct scan *s, const struct rule *rule)
{
	s->h->depth = 1;
	take_rest(s, rule, s->i + strlen(rule->open));
	return true;
}

static bool take_long_bracket(struct scan *s, const struct rule *rule)
{
	size_t from = s->i + strlen(rule->open), i = from;
	while (at(s->line, i) == '=')
		i++;
	if (at(s->line, i) != '[')
		return false;
	s->h->depth = (int)(i - from);
	take_rest(s, rule, i + 1);
	return true;
}

static bool is_definer(const struct scan *s, Str word)
{
	return s->h->syntax->definer && str_eq(word, str_of(s->h->syntax->definer));
}

static bool take_sigil(struct scan *s, const struct rule *rule)
{
	size_t from = s->i + strlen(rule->open);
	if (rule->flags & AT_START)
		from = skip_blanks(s->line, from);
	size_t end = from;
	if (is_among(at(s->line, from), rule->close))
		end++;
	else
		while (end < s->line.len && (is_letter(s->line.at[end]) || is_among(s->line.at[end], rule->more)))
			end++;
	if (end == from)
		return false;
	Str word = str_sub(s->line, from, end);
	s->is_defining = is_definer(s, word);
	if (str_eq(word, S("include")))
		s->include_at = skip_blanks(s->line, end);
	put(s, end, rule->class);
	return true;
}

/* <<EOF, <<-'EOF'; not a shift, for which a word is wanted, outside of $((…)). Of several on a line, the last counts. */
static bool take_document(struct scan *s, const struct rule *rule)
{
	Str line = s->line;
	size_t i = s->i + 2;
	if (at(line, i) == '<' || (s->i && line.at[s->i - 1] == '<') || s->is_arithmetic)
		return false;
	bool is_dashed = at(line, i) == '-';
	i = skip_blanks(line, i + is_dashed);
	char quote = is_among(at(line, i), "'\"\\") ? line.at[i++] : 0;
	size_t from = i;
	if (!is_letter(at(line, i)) && at(line, i) != '_')
		return false;
	while (is_letter(at(line, i)) || at(line, i) == '_' || is_digit(at(line, i)))
		i++;
	s->h->tag = str_sub(line, from, i);
	s->h->is_dashed = is_dashed;
	s->h->in_document = true;
	put(s, i + (quote && at(line, i) == quote), rule->class);
	return true;
}

static bool take_rule(struct scan *s)
{
	for (const struct rule *rule = s->h->syntax->rules; rule < s->h->syntax->rules + RULES_MOST && rule->open; rule++) {
		if (!is_at(s->line, s->i, rule->open) || !is_place(s, rule->flags))
			continue;
		bool is_taken = false;
		switch (rule->kind) {
		case REGION:       is_taken = take_region(s, rule);       break;
		case LONG_BRACKET: is_taken = take_long_bracket(s, rule); break;
		case SIGIL:        is_taken = take_sigil(s, rule);        break;
		case DOCUMENT:     is_taken = take_document(s, rule);     break;
		}
		if (!is_taken)
			continue;
		s->is_declaring = s->is_command = false;
		return true;
	}
	return false;
}

/* ---- Numbers and words ---- */

static bool begins_number(const struct scan *s)
{
	char c = s->line.at[s->i];
	if (!s->h->syntax->has_numbers)
		return false;
	/* "..2" is an operator and a number, as Lua reads it. */
	return is_digit(c) || (c == '.' && is_digit(at(s->line, s->i + 1)) && !(s->i && s->line.at[s->i - 1] == '.'));
}

/* As C's preprocessor reads numbers, but that hexadecimal ones have no exponent behind 'e'. */
static void take_number(struct scan *s)
{
	Str line = s->line;
	bool is_hex = line.at[s->i] == '0' && is_among(at(line, s->i + 1), "xX");
	size_t end = s->i + 1;
	for (; end < line.len; end++) {
		char c = line.at[end], before = line.at[end - 1], next = at(line, end + 1);
		bool is_sign = is_among(c, "+-") && is_among(before, is_hex ? "pP" : "eE");
		bool is_mark = c == '\'' && (is_digit(next) || (is_hex && is_letter(next)));
		bool is_point = c == '.' && next != '.';
		if ((unsigned char)c >= 0x80 || !(is_letter(c) || is_digit(c) || c == '_' || is_sign || is_mark || is_point))
			break;
	}
	put(s, end, 'n');
	s->is_declaring = s->is_defining = s->is_command = false;
}

/* Does a member's name begin here? ".." is an operator of Lua's. */
static bool is_member(const struct scan *s)
{
	const char *member = s->h->syntax->member;
	if (!member || !s->i || !is_among(s->line.at[s->i - 1], member))
		return false;
	char last = s->line.at[s->i - 1], before = s->i > 1 ? s->line.at[s->i - 2] : 0;
	return last == '>' ? before == '-' : last != before;
}

static bool is_keyword_place(const struct scan *s)
{
	if (is_member(s))
		return false;
	switch (s->h->syntax->keywords) {
	case ANYWHERE:
		return true;
	case FIRST_IN_LINE:
		return s->i == s->first;
	case AS_COMMAND:
		return s->is_command;
	}
	return false;
}

static char listed_class(struct highlighter *h, Str word)
{
	const struct syntax *syntax = h->syntax;
	char class = slot_of(h, word)->class;
	if (class)
		return class;
	if (syntax->prefix && str_starts(word, str_of(syntax->prefix)))
		return 'g';
	if (syntax->suffix && str_ends(word, str_of(syntax->suffix)))
		return 't';
	return 0;
}

/* The class of a word that no list has, by what stands around it. */
static char class_by_place(const struct scan *s, size_t end)
{
	Str line = s->line;
	size_t next = skip_blanks(line, end);
	if (s->is_defining)
		return 'f';
	switch (s->h->syntax->defines) {
	case DEFINES_NOTHING:
		break;
	case DEFINES_C:
		/* Behind a keyword, as in "return f(x)", it is called. */
		return s->is_declaring && s->nwords && s->last_class != 'k' && at(line, next) == '(' ? 'f' : 0;
	case DEFINES_SH:
		return s->is_command && is_at(line, next, "()") ? 'f' : 0;
	case DEFINES_MAKE:
		return end <= s->head_end ? s->head_class : 0;
	case DEFINES_BIBTEX:
		return at(line, next) == '=' ? 't' : s->h->last == '{' ? 'f' : 0;
	}
	return 0;
}

/* In a shell's list, "in" is a keyword where no command would stand. */
static bool is_list_in(const struct scan *s, Str word)
{
	return s->has_list && str_eq(word, S("in"));
}

static bool begins_list(const struct scan *s, Str word)
{
	return s->h->syntax->keywords == AS_COMMAND && (str_eq(word, S("for")) || str_eq(word, S("case")));
}

static void take_word(struct scan *s)
{
	size_t end = s->i + 1;
	while (end < s->line.len && (s->h->kinds[(unsigned char)s->line.at[end]] & IN_WORD))
		end++;
	Str word = str_sub(s->line, s->i, end);
	bool is_in = is_list_in(s, word);
	char class = is_in ? 'k' : is_keyword_place(s) ? listed_class(s->h, word) : 0;
	bool is_keyword = class == 'k';
	if (!class)
		class = class_by_place(s, end);
	put(s, end, class);
	s->nwords++;
	s->last_class = class;
	s->is_command = is_keyword && !is_in;
	s->has_list = !is_in && (s->has_list || (is_keyword && begins_list(s, word)));
	/* Lua defines "a.b:c", one after the other. */
	s->is_defining = (is_keyword && is_definer(s, word)) || (s->is_defining && is_among(at(s->line, end), ".:"));
}

/* A byte that belongs to nothing. */
static void take_byte(struct scan *s)
{
	char c = s->line.at[s->i];
	s->i++;
	if (is_blank(c))
		return;
	s->h->last = c;
	if (c != '*')
		s->is_declaring = false;
	if (!is_among(c, ".:"))
		s->is_defining = false;
	if (c == '(' && s->i > 1 && s->line.at[s->i - 2] == '(')
		s->is_arithmetic = true;
	s->is_command = is_among(c, ";|&(){!`");
}

/* ---- The line ---- */

/* make: is the line a rule or an assignment? Its first ':' or '=' outside of $(…) says so. */
static void find_head(struct scan *s)
{
	Str line = s->line;
	int depth = 0;
	for (size_t i = 0; i < line.len && line.at[i] != '#'; i++) {
		char c = line.at[i];
		if (is_among(c, "({"))
			depth++;
		else if (is_among(c, ")}"))
			depth--;
		if (depth || !is_among(c, ":="))
			continue;
		s->head_end = i;
		while (at(line, i) == ':')
			i++;
		s->head_class = at(line, i) == '=' ? 't' : 'f';
		return;
	}
}

static void begin_line(struct scan *s)
{
	char first = at(s->line, 0);
	s->is_declaring = is_letter(first) || first == '_';
	s->is_command = true;
	if (s->h->syntax->defines == DEFINES_MAKE && !is_blank(first))
		find_head(s);
}

/* A line of a here-document, or its end. */
static void take_document_line(struct scan *s)
{
	size_t tabs = 0;
	while (s->h->is_dashed && at(s->line, tabs) == '\t')
		tabs++;
	bool is_end = str_eq(str_sub(s->line, tabs, s->line.len), s->h->tag);
	s->h->in_document = !is_end;
	put(s, s->line.len, 's');
}

void highlight_line(struct highlighter *h, Str line, struct buf *out)
{
	struct scan s = {.h = h, .out = out, .line = line, .first = skip_blanks(line, 0)};
	if (!h->syntax) {
		html_text(out, line);
		return;
	}
	if (h->in_document && !h->inside) {
		take_document_line(&s);
	} else {
		if (h->inside)
			take_rest(&s, h->inside, 0);
		else
			begin_line(&s);
		while (s.i < line.len) {
			unsigned kinds = h->kinds[(unsigned char)line.at[s.i]];
			if ((kinds & BEGINS_RULE) && take_rule(&s))
				continue;
			if (begins_number(&s))
				take_number(&s);
			else if (kinds & BEGINS_WORD)
				take_word(&s);
			else
				take_byte(&s);
		}
	}
	html_text(out, str_sub(line, s.from, line.len));
}
