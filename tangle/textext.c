/* A small reader of TeX: characters, groups, control sequences with at most one argument, simple formulas.
 * No macros are defined and nothing is expanded, so the time is linear in the text, times the depth of groups. */
#include "textext.h"

#include <string.h>

#include "arena.h"
#include "utf8.h"

/* An accent: the control sequence \NAME, the combining character it stands for, and the letters that have
 * a character of their own with it, in two strings of one order. */
static const struct accent {
	char name;
	uint32_t mark;
	const char *bare, *composed;
} accents[] = {
	{'\'', 0x301, "ACEGIKLMNOPRSUWYZacegiklmnoprsuwyz",
	 "ÁĆÉǴÍḰĹḾŃÓṔŔŚÚẂÝŹáćéǵíḱĺḿńóṕŕśúẃýź"},
	{'`', 0x300, "AEINOUWYaeinouwy",
	 "ÀÈÌǸÒÙẀỲàèìǹòùẁỳ"},
	{'^', 0x302, "ACEGHIJOSUWYZaceghijosuwyz",
	 "ÂĈÊĜĤÎĴÔŜÛŴŶẐâĉêĝĥîĵôŝûŵŷẑ"},
	{'"', 0x308, "AEHIOUWXYaehiotuwxy",
	 "ÄËḦÏÖÜẄẌŸäëḧïöẗüẅẍÿ"},
	{'~', 0x303, "AEINOUVYaeinouvy",
	 "ÃẼĨÑÕŨṼỸãẽĩñõũṽỹ"},
	{'=', 0x304, "AEGIOUYaegiouy",
	 "ĀĒḠĪŌŪȲāēḡīōūȳ"},
	{'.', 0x307, "ABCDEFGHIMNOPRSTWXYZabcdefghmnoprstwxyz",
	 "ȦḂĊḊĖḞĠḢİṀṄȮṖṘṠṪẆẊẎŻȧḃċḋėḟġḣṁṅȯṗṙṡṫẇẋẏż"},
	{'u', 0x306, "AEGIOUaegiou",
	 "ĂĔĞĬŎŬăĕğĭŏŭ"},
	{'v', 0x30c, "ACDEGHIKLNORSTUZacdeghijklnorstuz",
	 "ǍČĎĚǦȞǏǨĽŇǑŘŠŤǓŽǎčďěǧȟǐǰǩľňǒřšťǔž"},
	{'H', 0x30b, "OUou",
	 "ŐŰőű"},
	{'r', 0x30a, "AUauwy",
	 "ÅŮåůẘẙ"},
	{'c', 0x327, "CDEGHKLNRSTcdeghklnrst",
	 "ÇḐȨĢḨĶĻŅŖŞŢçḑȩģḩķļņŗşţ"},
	{'k', 0x328, "AEIOUaeiou",
	 "ĄĘĮǪŲąęįǫų"},
	{'d', 0x323, "ABDEHIKLMNORSTUVWYZabdehiklmnorstuvwyz",
	 "ẠḄḌẸḤỊḲḶṂṆỌṚṢṬỤṾẈỴẒạḅḍẹḥịḳḷṃṇọṛṣṭụṿẉỵẓ"},
	{'b', 0x331, "BDKLNRTZbdhklnrtz",
	 "ḆḎḴḺṈṞṮẔḇḏẖḵḻṉṟṯẕ"},
	{'t', 0x361, "", ""},
};
enum { NACCENTS = sizeof accents / sizeof *accents };

/* Control sequences that stand for characters, or for nothing. `fold`: what letters sort as. */
static const struct symbol {
	const char *name, *text, *fold;
} symbols[] = {
	{"ss", "ß", "ss"}, {"SS", "ẞ", "ss"}, {"o", "ø", "o"}, {"O", "Ø", "o"}, {"l", "ł", "l"}, {"L", "Ł", "l"},
	{"ae", "æ", "ae"}, {"AE", "Æ", "ae"}, {"oe", "œ", "oe"}, {"OE", "Œ", "oe"}, {"aa", "å", "a"},
	{"AA", "Å", "a"}, {"i", "ı", "i"}, {"j", "ȷ", "j"}, {"dh", "ð", "d"}, {"DH", "Ð", "d"},
	{"dj", "đ", "d"}, {"DJ", "Đ", "d"}, {"th", "þ", "th"}, {"TH", "Þ", "th"}, {"ng", "ŋ", "n"},
	{"NG", "Ŋ", "n"},

	{"&", "&", NULL}, {"%", "%", NULL}, {"$", "$", NULL}, {"#", "#", NULL}, {"_", "_", NULL},
	{"{", "{", NULL}, {"}", "}", NULL}, {" ", " ", NULL}, {"\\", " ", NULL}, {",", "\xe2\x80\x89", NULL},
	{";", " ", NULL}, {":", " ", NULL}, {"!", "", NULL}, {"-", "", NULL}, {"/", "", NULL}, {"@", "", NULL},

	{"S", "§", NULL}, {"P", "¶", NULL}, {"copyright", "©", NULL}, {"pounds", "£", NULL}, {"euro", "€", NULL},
	{"ldots", "…", NULL}, {"dots", "…", NULL}, {"quad", " ", NULL}, {"newblock", " ", NULL}, {"slash", "/", NULL},
	{"TeX", "TeX", NULL}, {"LaTeX", "LaTeX", NULL}, {"LaTeXe", "LaTeX2e", NULL}, {"BibTeX", "BibTeX", NULL},
	{"textellipsis", "…", NULL}, {"textendash", "–", NULL}, {"textemdash", "—", NULL},
	{"textquoteleft", "‘", NULL}, {"textquoteright", "’", NULL}, {"textquotedblleft", "“", NULL},
	{"textquotedblright", "”", NULL}, {"textasciitilde", "~", NULL}, {"textasciicircum", "^", NULL},
	{"textbackslash", "\\", NULL}, {"textunderscore", "_", NULL}, {"textless", "<", NULL},
	{"textgreater", ">", NULL}, {"textbar", "|", NULL}, {"textdegree", "°", NULL}, {"texteuro", "€", NULL},
	{"textregistered", "®", NULL}, {"texttrademark", "™", NULL}, {"textcopyright", "©", NULL},
	{"textperiodcentered", "·", NULL}, {"textmu", "µ", NULL}, {"textonehalf", "½", NULL},

	{"emph", "", NULL}, {"textit", "", NULL}, {"textbf", "", NULL}, {"textsl", "", NULL}, {"textsc", "", NULL},
	{"texttt", "", NULL}, {"textrm", "", NULL}, {"textsf", "", NULL}, {"textnormal", "", NULL}, {"text", "", NULL},
	{"mbox", "", NULL}, {"hbox", "", NULL}, {"it", "", NULL}, {"bf", "", NULL}, {"em", "", NULL}, {"sl", "", NULL},
	{"sc", "", NULL}, {"tt", "", NULL}, {"rm", "", NULL}, {"sf", "", NULL}, {"itshape", "", NULL},
	{"bfseries", "", NULL}, {"scshape", "", NULL}, {"ttfamily", "", NULL}, {"upshape", "", NULL},
	{"relax", "", NULL}, {"protect", "", NULL}, {"nobreak", "", NULL}, {"allowbreak", "", NULL}, {"null", "", NULL},
};
enum { NSYMBOLS = sizeof symbols / sizeof *symbols };

/* In formulas besides. */
static const struct symbol math_symbols[] = {
	{"alpha", "α", NULL}, {"beta", "β", NULL}, {"gamma", "γ", NULL}, {"delta", "δ", NULL}, {"epsilon", "ϵ", NULL},
	{"varepsilon", "ε", NULL}, {"zeta", "ζ", NULL}, {"eta", "η", NULL}, {"theta", "θ", NULL}, {"kappa", "κ", NULL},
	{"lambda", "λ", NULL}, {"mu", "μ", NULL}, {"nu", "ν", NULL}, {"xi", "ξ", NULL}, {"pi", "π", NULL},
	{"rho", "ρ", NULL}, {"sigma", "σ", NULL}, {"tau", "τ", NULL}, {"phi", "ϕ", NULL}, {"varphi", "φ", NULL},
	{"chi", "χ", NULL}, {"psi", "ψ", NULL}, {"omega", "ω", NULL}, {"Gamma", "Γ", NULL}, {"Delta", "Δ", NULL},
	{"Theta", "Θ", NULL}, {"Lambda", "Λ", NULL}, {"Pi", "Π", NULL}, {"Sigma", "Σ", NULL}, {"Phi", "Φ", NULL},
	{"Psi", "Ψ", NULL}, {"Omega", "Ω", NULL}, {"ell", "ℓ", NULL}, {"infty", "∞", NULL}, {"times", "×", NULL},
	{"cdot", "·", NULL}, {"pm", "±", NULL}, {"leq", "≤", NULL}, {"le", "≤", NULL}, {"geq", "≥", NULL},
	{"ge", "≥", NULL}, {"neq", "≠", NULL}, {"ne", "≠", NULL}, {"approx", "≈", NULL}, {"sim", "∼", NULL},
	{"to", "→", NULL}, {"rightarrow", "→", NULL}, {"leftarrow", "←", NULL}, {"log", "log", NULL},
	{"ln", "ln", NULL}, {"exp", "exp", NULL}, {"min", "min", NULL}, {"max", "max", NULL}, {"sqrt", "√", NULL},
	{"circ", "°", NULL}, {"mathrm", "", NULL}, {"mathbf", "", NULL}, {"mathit", "", NULL}, {"mathsf", "", NULL},
	{"mathcal", "", NULL}, {"textrm", "", NULL}, {"text", "", NULL}, {"%", "%", NULL}, {",", "\xe2\x80\x89", NULL},
};
enum { NMATH = sizeof math_symbols / sizeof *math_symbols };

static const char script_bare[] = "0123456789+-=()ni";
static const char superscripts[] = "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿⁱ";
static const char subscripts[] = "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₙᵢ";

struct reader {
	Str tex;
	size_t at;
	Str unknown;
	struct arena *arena;
	int depth;
};
enum { DEEPEST = 100 };         /* groups within groups; beyond, braces are passed over */

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static void add_char(struct buf *out, uint32_t c)
{
	if (c < 0x80) {
		buf_char(out, (char)c);
	} else if (c < 0x800) {
		buf_char(out, (char)(0xc0 | c >> 6));
		buf_char(out, (char)(0x80 | (c & 0x3f)));
	} else if (c < 0x10000) {
		buf_char(out, (char)(0xe0 | c >> 12));
		buf_char(out, (char)(0x80 | (c >> 6 & 0x3f)));
		buf_char(out, (char)(0x80 | (c & 0x3f)));
	} else {
		buf_char(out, (char)(0xf0 | c >> 18));
		buf_char(out, (char)(0x80 | (c >> 12 & 0x3f)));
		buf_char(out, (char)(0x80 | (c >> 6 & 0x3f)));
		buf_char(out, (char)(0x80 | (c & 0x3f)));
	}
}

/* The nth character of a UTF-8 string. */
static uint32_t nth(const char *text, size_t n)
{
	Str s = str_of(text);
	uint32_t c = 0;
	for (size_t i = 0; i < s.len; ) {
		c = utf8_next(s, &i);
		if (!n--)
			break;
	}
	return c;
}

/* The letter with the accent: one character where there is one, else the letter and a combining one. */
static void add_accented(struct buf *out, const struct accent *accent, uint32_t base)
{
	bool below = strchr("ckdb", accent->name);
	if (base == 0x131 && !below)            /* \'\i is an accent on an i */
		base = 'i';
	if (base == 0x237 && !below)
		base = 'j';
	const char *hit = base && base < 0x80 ? strchr(accent->bare, (int)base) : NULL;
	if (hit) {
		add_char(out, nth(accent->composed, (size_t)(hit - accent->bare)));
		return;
	}
	add_char(out, base);
	add_char(out, accent->mark);
}

static const struct accent *accent_named(Str name)
{
	for (int i = 0; i < NACCENTS; i++)
		if (name.len == 1 && *name.at == accents[i].name)
			return &accents[i];
	return NULL;
}

static const struct symbol *symbol_named(const struct symbol *table, int n, Str name)
{
	for (int i = 0; i < n; i++)
		if (str_eq(name, str_of(table[i].name)))
			return &table[i];
	return NULL;
}

static void skip_blanks(struct reader *r)
{
	while (r->at < r->tex.len && strchr(" \t\r\n", r->tex.at[r->at]))
		r->at++;
}

/* After a backslash: letters, or one character. */
static Str read_name(struct reader *r)
{
	size_t from = r->at;
	while (r->at < r->tex.len && is_letter(r->tex.at[r->at]))
		r->at++;
	if (r->at == from && r->at < r->tex.len)
		utf8_next(r->tex, &r->at);
	return str_sub(r->tex, from, r->at);
}

/* What stands between a brace and the one that closes it; r->at is behind the opening one, and comes behind the
 * closing one. */
static Str read_group(struct reader *r)
{
	size_t from = r->at;
	int depth = 1;
	for (; r->at < r->tex.len; r->at++) {
		char c = r->tex.at[r->at];
		if (c == '\\')
			r->at++;
		else if (c == '{')
			depth++;
		else if (c == '}' && --depth == 0)
			return str_sub(r->tex, from, r->at++);
	}
	r->at = r->tex.len;
	return str_sub(r->tex, from, r->tex.len);
}

static void convert(struct reader *r, struct buf *out);

/* Convert a piece of the text on its own. */
static void convert_piece(struct reader *r, Str piece, struct buf *out)
{
	struct reader inner = *r;
	inner.tex = piece;
	inner.at = 0;
	inner.depth++;
	if (inner.depth > DEEPEST)
		buf_add(out, piece);
	else
		convert(&inner, out);
	r->unknown = inner.unknown;
}

/* The next group, control sequence or character: what a control sequence takes as its argument. */
static Str read_argument(struct reader *r)
{
	skip_blanks(r);
	if (r->at >= r->tex.len)
		return (Str){0};
	size_t from = r->at;
	char c = r->tex.at[r->at];
	if (c == '{') {
		r->at++;
		return read_group(r);
	}
	if (c == '\\') {
		r->at++;
		Str name = read_name(r);
		return str_sub(r->tex, from, from + 1 + name.len);
	}
	utf8_next(r->tex, &r->at);
	return str_sub(r->tex, from, r->at);
}

static void convert_accent(struct reader *r, const struct accent *accent, struct buf *out)
{
	struct buf argument = buf_new(r->arena, 16);
	convert_piece(r, read_argument(r), &argument);
	Str text = buf_str(&argument);
	size_t i = 0;
	uint32_t base = text.len ? utf8_next(text, &i) : 0xa0;
	add_accented(out, accent, base);
	buf_add(out, str_sub(text, i, text.len));
}

static void convert_command(struct reader *r, struct buf *out)
{
	size_t from = r->at - 1;
	Str name = read_name(r);
	size_t end = r->at;
	if (name.len && is_letter(*name.at))
		skip_blanks(r);
	const struct accent *accent = accent_named(name);
	const struct symbol *symbol = symbol_named(symbols, NSYMBOLS, name);
	if (accent) {
		convert_accent(r, accent, out);
	} else if (symbol) {
		buf_z(out, symbol->text);
	} else if (str_eq(name, S("url")) || str_eq(name, S("path"))) {
		buf_add(out, read_argument(r));
	} else if (str_eq(name, S("href"))) {
		read_argument(r);
		convert_piece(r, read_argument(r), out);
	} else {
		if (!r->unknown.len)
			r->unknown = str_sub(r->tex, from, end);
		buf_add(out, str_sub(r->tex, from, r->at));
	}
}

/* A super- or subscript whose characters all have raised or lowered forms. */
static bool add_script(struct buf *out, Str text, const char *forms)
{
	for (size_t i = 0; i < text.len; i++) {
		const char *hit = text.at[i] ? strchr(script_bare, text.at[i]) : NULL;
		if (!hit)
			return false;
		add_char(out, nth(forms, (size_t)(hit - script_bare)));
	}
	return text.len > 0;
}

/* A formula of letters, digits, signs, known symbols and plain scripts; false for any other. */
static bool convert_math(struct reader *r, Str math, struct buf *out)
{
	struct reader m = {.tex = math, .arena = r->arena};
	while (m.at < math.len) {
		char c = math.at[m.at++];
		if (c == '^' || c == '_') {
			if (!add_script(out, read_argument(&m), c == '^' ? superscripts : subscripts))
				return false;
		} else if (c == '\\') {
			const struct symbol *symbol = symbol_named(math_symbols, NMATH, read_name(&m));
			if (!symbol)
				return false;
			buf_z(out, symbol->text);
		} else if (c != '{' && c != '}') {
			buf_char(out, c);
		}
	}
	return true;
}

static void convert_dollar(struct reader *r, struct buf *out)
{
	size_t from = r->at - 1;
	size_t close = str_find(r->tex, '$', r->at);
	if (close == r->tex.len) {
		buf_char(out, '$');
		return;
	}
	struct buf math = buf_new(r->arena, close - from);
	Str inside = str_sub(r->tex, r->at, close);
	r->at = close + 1;
	if (inside.len && convert_math(r, inside, &math))
		buf_add(out, buf_str(&math));
	else
		buf_add(out, str_sub(r->tex, from, r->at));
}

/* How often the character before r->at goes on, at most up to `most` in all. */
static int run_of(struct reader *r, char c, int most)
{
	int n = 1;
	while (n < most && r->at < r->tex.len && r->tex.at[r->at] == c)
		n++, r->at++;
	return n;
}

static void convert(struct reader *r, struct buf *out)
{
	static const char *const dashes[] = {"-", "–", "—"};
	while (r->at < r->tex.len) {
		char c = r->tex.at[r->at++];
		switch (c) {
		case '\\': convert_command(r, out); break;
		case '{':  convert_piece(r, read_group(r), out); break;
		case '}':  break;
		case '$':  convert_dollar(r, out); break;
		case '~':  buf_z(out, "\xc2\xa0"); break;
		case '-':  buf_z(out, dashes[run_of(r, c, 3) - 1]); break;
		case '`':  buf_z(out, run_of(r, c, 2) == 2 ? "“" : "‘"); break;
		case '\'': buf_z(out, run_of(r, c, 2) == 2 ? "”" : "’"); break;
		default:   buf_char(out, c);
		}
	}
}

/* One blank for each run, none at the ends. */
static Str collapsed(Str text, struct arena *a)
{
	struct buf out = buf_new(a, text.len);
	text = str_trim(text);
	for (size_t i = 0; i < text.len; i++) {
		bool blank = strchr(" \t\r\n", text.at[i]);
		if (!blank)
			buf_char(&out, text.at[i]);
		else if (out.at[out.len - 1] != ' ')
			buf_char(&out, ' ');
	}
	return buf_str(&out);
}

Str textext(Str tex, struct arena *a, Str *unknown)
{
	struct reader r = {.tex = tex, .arena = a};
	struct buf out = buf_new(a, tex.len);
	convert(&r, &out);
	*unknown = r.unknown;
	return collapsed(buf_str(&out), a);
}

/* Index of the character in a UTF-8 string, or -1. */
static int index_in(const char *text, uint32_t c)
{
	Str s = str_of(text);
	int n = 0;
	for (size_t i = 0; i < s.len; n++)
		if (utf8_next(s, &i) == c)
			return n;
	return -1;
}

bool textext_starts_small(Str text)
{
	size_t at = 0;
	uint32_t c = text.len ? utf8_next(text, &at) : 0;
	for (int i = 0; i < NACCENTS && c >= 0x80; i++) {
		int hit = index_in(accents[i].composed, c);
		if (hit >= 0)
			c = (unsigned char)accents[i].bare[hit];
	}
	/* The names of small letters are small: \ss, \o. */
	for (int i = 0; i < NSYMBOLS && symbols[i].fold && c >= 0x80; i++)
		if (nth(symbols[i].text, 0) == c)
			c = (unsigned char)*symbols[i].name;
	return c >= 'a' && c <= 'z';
}

static void fold_letter(struct buf *out, uint32_t c)
{
	for (int i = 0; i < NACCENTS; i++) {
		int hit = index_in(accents[i].composed, c);
		if (hit >= 0) {
			c = (unsigned char)accents[i].bare[hit];
			break;
		}
		if (c == accents[i].mark)
			return;
	}
	for (int i = 0; i < NSYMBOLS && symbols[i].fold; i++)
		if (nth(symbols[i].text, 0) == c) {
			buf_z(out, symbols[i].fold);
			return;
		}
	if (c >= 'A' && c <= 'Z')
		c += 'a' - 'A';
	bool kept = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c >= 0xc0 && !(c >= 0x2000 && c < 0x2070));
	if (kept)
		add_char(out, c);
	else if (out->len && out->at[out->len - 1] != ' ')
		buf_char(out, ' ');
}

Str textext_fold(Str text, struct arena *a)
{
	struct buf out = buf_new(a, text.len);
	for (size_t i = 0; i < text.len; )
		fold_letter(&out, utf8_next(text, &i));
	return str_trim(buf_str(&out));
}
