/* Bibliography: references in one author-year style.
 *
 *   Dao, Tri, Daniel Y. Fu, and Christopher Ré. 2022a. “Title.” In <i>Venue</i>, 1–9. Publisher. Note. Links.
 *
 * Entries are sorted, then given the letters that tell equal years apart, and only then written as HTML, which
 * holds the letter. */
#include "bib.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "arena.h"
#include "bibtex.h"
#include "html.h"
#include "record.h"
#include "textext.h"
#include "utf8.h"

enum {
	LISTED_MOST = 10,       /* a longer list of authors is cut ... */
	LISTED_CUT = 8          /* ... to this many and "et al." */
};

/* How a kind of work is written. */
enum shape {
	IN_JOURNAL,             /* “Title.” Journal 1 (2): 3–4. */
	IN_BOOK,                /* “Title.” In Book, Series 1, 3–4. Publisher. */
	WHOLE_BOOK,             /* Title. Edition. Series 1. Publisher. */
	REPORT,                 /* “Title.” Technical report 1, Institution. */
	OTHER                   /* “Title.” Howpublished. */
};

static const struct type_def {
	const char *name;
	enum shape shape;
	const char *container;  /* the field that says where it appeared; warned about when it is missing */
	const char *what;       /* how a report is called unless its field `type` says */
} types[] = {
	{"article",       IN_JOURNAL, "journal",     NULL},
	{"inproceedings", IN_BOOK,    "booktitle",   NULL},
	{"conference",    IN_BOOK,    "booktitle",   NULL},
	{"incollection",  IN_BOOK,    "booktitle",   NULL},
	{"inbook",        WHOLE_BOOK, NULL,          NULL},
	{"book",          WHOLE_BOOK, NULL,          NULL},
	{"proceedings",   WHOLE_BOOK, NULL,          NULL},
	{"manual",        WHOLE_BOOK, NULL,          NULL},
	{"booklet",       WHOLE_BOOK, NULL,          NULL},
	{"techreport",    REPORT,     "institution", "Technical report"},
	{"report",        REPORT,     "institution", "Report"},
	{"phdthesis",     REPORT,     "school",      "PhD thesis"},
	{"mastersthesis", REPORT,     "school",      "Master’s thesis"},
	{"thesis",        REPORT,     "school",      "Thesis"},
	{"misc",          OTHER,      NULL,          NULL},
	{"online",        OTHER,      NULL,          NULL},
	{"electronic",    OTHER,      NULL,          NULL},
	{"software",      OTHER,      NULL,          NULL},
	{"dataset",       OTHER,      NULL,          NULL},
	{"unpublished",   OTHER,      NULL,          NULL},
};
enum { NTYPES = sizeof types / sizeof *types };

struct people {
	struct bibtex_name *person;     /* plain text */
	int n;
	bool others;            /* "and others" */
};

/* An entry on its way to the list. */
struct work {
	struct work *next;
	struct bib_entry *entry;
	const struct bibtex_entry *source;
	const struct type_def *type;
	struct people authors;
	bool edited;            /* the authors are its editors */
	Str names;              /* the authors as the list shows them */
	Str title;
	Str author_key, title_key;      /* to sort by */
	Str year;               /* without the letter */
};

struct reading {
	const struct file *file;
	struct arena *arena;
};

static bool has(Str s, const char *part)
{
	return s.len && str_search(s, str_of(part), 0) < s.len;
}

static Span place_of(const struct reading *r, const struct bibtex_field *f)
{
	return span_of_offset(r->file, f->at);
}

static const struct bibtex_field *field_of(const struct work *w, const char *name)
{
	/* biblatex's names for BibTeX's fields. */
	static const char *const aliases[][2] = {
		{"journal", "journaltitle"}, {"school", "institution"},
		{"year", "date"}, {"archiveprefix", "eprinttype"}, {"number", "issue"},
	};
	for (const struct bibtex_field *f = w->source->fields; f; f = f->next)
		if (str_eq(f->name, str_of(name)) && f->tex.len)
			return f;
	for (size_t i = 0; i < sizeof aliases / sizeof *aliases; i++)
		for (const struct bibtex_field *f = w->source->fields; f && !strcmp(aliases[i][0], name); f = f->next)
			if (str_eq(f->name, str_of(aliases[i][1])) && f->tex.len)
				return f;
	return NULL;
}

/* Plain text of some TeX of a field; warns about a command that cannot be shown. */
static Str text_of_tex(struct reading *r, Str tex, const struct bibtex_field *f)
{
	Str unknown, text = textext(tex, r->arena, &unknown);
	if (!unknown.len)
		return text;
	/* Where the command is not in the value itself, it came by a string. */
	size_t at = str_search(r->file->text, unknown, f->at);
	warn_at(span_of_offset(r->file, at < r->file->text.len ? at : f->at),
	        "unknown TeX command '%.*s' is shown as it is", STR_ARG(unknown));
	return text;
}

/* Plain text of a field; empty where there is none. */
static Str text_of(struct reading *r, const struct work *w, const char *name)
{
	const struct bibtex_field *f = field_of(w, name);
	return f ? text_of_tex(r, f->tex, f) : (Str){0};
}

static void read_people(struct reading *r, struct people *people, const struct bibtex_field *f)
{
	struct bibtex_names names = bibtex_names(f->tex, place_of(r, f), r->arena);
	*people = (struct people){names.name, names.n, names.others};
	for (int i = 0; i < names.n; i++) {
		struct bibtex_name *p = &names.name[i];
		p->first = text_of_tex(r, p->first, f);
		p->von = text_of_tex(r, p->von, f);
		p->last = text_of_tex(r, p->last, f);
		p->jr = text_of_tex(r, p->jr, f);
	}
}

static void add_word(struct buf *out, const char *before, Str word)
{
	if (!word.len)
		return;
	if (out->len)
		buf_z(out, before);
	buf_add(out, word);
}

/* "de la Vallée Poussin", the name in a citation. */
static Str family_name(const struct bibtex_name *p, struct arena *a)
{
	struct buf out = buf_new(a, 32);
	add_word(&out, " ", p->von);
	add_word(&out, " ", p->last);
	if (!out.len)
		buf_add(&out, p->first);
	return buf_str(&out);
}

/* "King, Martin Luther, Jr." at the head of the list, "Martin Luther King Jr." after it. */
static Str full_name(const struct bibtex_name *p, bool heads, struct arena *a)
{
	struct buf out = buf_new(a, 64);
	if (!p->von.len && !p->last.len)
		return p->first;
	if (!heads)
		buf_add(&out, p->first);
	add_word(&out, " ", family_name(p, a));
	if (heads)
		add_word(&out, ", ", p->first);
	add_word(&out, heads ? ", " : " ", p->jr);
	return buf_str(&out);
}

static Str short_names(const struct people *people, struct arena *a)
{
	Str first = family_name(&people->person[0], a);
	if (people->n > 2 || people->others)
		return str_fmt(a, "%.*s et al.", STR_ARG(first));
	if (people->n == 1)
		return first;
	return str_fmt(a, "%.*s and %.*s", STR_ARG(first), STR_ARG(family_name(&people->person[1], a)));
}

static Str all_names(const struct people *people, bool inverted, struct arena *a)
{
	struct buf out = buf_new(a, 256);
	bool cut = people->n > LISTED_MOST;
	int shown = cut ? LISTED_CUT : people->n;
	bool et_al = cut || people->others;
	for (int i = 0; i < shown; i++) {
		bool last = i == shown - 1 && !et_al && i > 0;
		/* No comma between two names, unless the first is turned round. */
		if (i)
			buf_z(&out, !last ? ", " : shown == 2 && !inverted ? " and " : ", and ");
		buf_add(&out, full_name(&people->person[i], inverted && i == 0, a));
	}
	if (et_al)
		buf_z(&out, shown == 1 && !inverted ? " et al." : ", et al.");
	return buf_str(&out);
}

/* Who a work is by: its authors, its editors, else the body behind it, else its title. */
static void settle_authors(struct reading *r, struct work *w)
{
	static const char *const bodies[] = {"organization", "institution"};
	const struct bibtex_field *by = field_of(w, "author");
	if (!by && w->type->shape == WHOLE_BOOK && (by = field_of(w, "editor")))
		w->edited = true;
	if (by)
		read_people(r, &w->authors, by);
	if (w->authors.n) {
		Str names = all_names(&w->authors, true, r->arena);
		bool many = w->authors.n > 1 || w->authors.others;
		w->names = w->edited ? str_fmt(r->arena, "%.*s, %s", STR_ARG(names), many ? "eds." : "ed.") : names;
		w->entry->authors = short_names(&w->authors, r->arena);
	}
	for (int i = 0; i < 2 && !w->names.len; i++)
		w->names = w->entry->authors = text_of(r, w, bodies[i]);
	if (!w->entry->authors.len)
		w->entry->authors = w->title;
	if (!w->entry->authors.len)
		w->entry->authors = w->entry->key;
}

/* "2022" of 2022 or of biblatex's date 2022-05-27. */
static Str year_of(struct reading *r, const struct work *w)
{
	Str year = text_of(r, w, "year");
	bool dated = year.len > 5 && year.at[4] == '-' && strspn(year.at, "0123456789") == 4;
	return dated ? str_sub(year, 0, 4) : year.len ? year : S("n.d.");
}

static Str without_prefix(Str s, Str prefix)
{
	bool there = s.len >= prefix.len && !strncasecmp(s.at, prefix.at, prefix.len);
	return there ? str_sub(s, prefix.len, s.len) : s;
}

/* A field that is a name for machines: no dashes or quotes are made of it, only TeX's backslashes and braces go. */
static Str verbatim_field(const struct work *w, const char *name, struct arena *a)
{
	const struct bibtex_field *f = field_of(w, name);
	if (!f)
		return (Str){0};
	Str tex = without_prefix(f->tex, S("\\url"));
	struct buf out = buf_new(a, tex.len);
	for (size_t i = 0; i < tex.len; i++) {
		bool escape = tex.at[i] == '\\' && i + 1 < tex.len && strchr("_%&#$~{}", tex.at[i + 1]);
		if (escape)
			i++;
		if (escape || (tex.at[i] != '{' && tex.at[i] != '}'))
			buf_char(&out, tex.at[i]);
	}
	return str_trim(buf_str(&out));
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* 2205.14135, 2205.14135v2, hep-th/9901001. */
static bool is_arxiv_number(Str s)
{
	size_t slash = str_find(s, '/', 0), i = slash < s.len ? slash + 1 : 0, from = i;
	for (size_t k = 0; slash < s.len && k < slash; k++)
		if (!((s.at[k] | 32) >= 'a' && (s.at[k] | 32) <= 'z') && s.at[k] != '-' && s.at[k] != '.')
			return false;
	for (; i < s.len && s.at[i] != 'v'; i++)
		if (!is_digit(s.at[i]) && !(s.at[i] == '.' && i == from + 4 && slash == s.len))
			return false;
	size_t digits = i - from;
	bool sized = slash < s.len ? digits == 7 && slash > 0 : digits == 9 || digits == 10;
	for (i++; i < s.len; i++)
		if (!is_digit(s.at[i]))
			return false;
	return sized && s.at[s.len - 1] != 'v';
}

/* What cannot stand in a URL's path as it is, in %XX. */
static Str percent_encoded(Str s, struct arena *a)
{
	struct buf out = buf_new(a, s.len);
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.at[i];
		if (c <= ' ' || c >= 0x7f || strchr("<>\"#%?{}|\\^`", c))
			buf_fmt(&out, "%%%02X", c);
		else
			buf_char(&out, (char)c);
	}
	return buf_str(&out);
}

/* Adds a sentence's end unless there is one. */
static void end_sentence(struct buf *out)
{
	static const char *const ends[] = {".", "?", "!", ".”", "?”", "!”", ".</i>", "?</i>", "!</i>"};
	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
		if (str_ends(buf_str(out), str_of(ends[i])))
			return;
	buf_char(out, '.');
}

/* A blank and one more sentence. */
static void add_sentence(struct buf *out, Str text)
{
	if (!text.len)
		return;
	buf_char(out, ' ');
	html_prose(out, text);
	end_sentence(out);
}

static void add_italic(struct buf *out, Str text)
{
	buf_z(out, "<i>");
	html_prose(out, text);
	buf_z(out, "</i>");
}

/* Text after `before`, nothing where it is empty. */
static void add_after(struct buf *out, const char *before, Str text)
{
	if (!text.len)
		return;
	buf_z(out, before);
	html_prose(out, text);
}

static void add_quoted_title(struct buf *out, Str title)
{
	bool ended = str_ends(title, S("?")) || str_ends(title, S("!")) || str_ends(title, S("."));
	buf_z(out, " “");
	html_prose(out, title);
	buf_z(out, ended ? "”" : ".”");
}

/* 5484--5495 and 5484-5495 alike. */
static Str pages_of(struct reading *r, const struct work *w)
{
	Str pages = text_of(r, w, "pages");
	size_t hyphen = str_find(pages, '-', 0);
	bool range = hyphen > 0 && hyphen + 1 < pages.len && is_digit(pages.at[hyphen - 1]) &&
	             is_digit(pages.at[hyphen + 1]);
	if (!range || str_find(pages, '-', hyphen + 1) < pages.len)
		return pages;
	return str_fmt(r->arena, "%.*s–%.*s", STR_ARG(str_sub(pages, 0, hyphen)),
	               STR_ARG(str_sub(pages, hyphen + 1, pages.len)));
}

static void put_in_journal(struct reading *r, const struct work *w, struct buf *out)
{
	Str journal = text_of(r, w, "journal"), volume = text_of(r, w, "volume"), number = text_of(r, w, "number");
	if (!journal.len)
		return;
	buf_char(out, ' ');
	add_italic(out, journal);
	add_after(out, " ", volume);
	if (number.len)
		add_after(out, volume.len ? " (" : ", no. ", number);
	if (number.len && volume.len)
		buf_char(out, ')');
	add_after(out, volume.len || number.len ? ": " : ", ", pages_of(r, w));
	end_sentence(out);
}

/* "Series 235", "vol. 2" of a work without a series. */
static Str series_of(struct reading *r, const struct work *w)
{
	Str series = text_of(r, w, "series"), volume = text_of(r, w, "volume"), number = text_of(r, w, "number");
	Str which = volume.len ? volume : number;
	if (series.len && which.len)
		return str_fmt(r->arena, "%.*s %.*s", STR_ARG(series), STR_ARG(which));
	return series.len || !volume.len ? series : str_fmt(r->arena, "vol. %.*s", STR_ARG(volume));
}

static void put_editors(struct reading *r, const struct work *w, struct buf *out)
{
	struct people editors = {0};
	const struct bibtex_field *f = field_of(w, "editor");
	if (f && !w->edited)
		read_people(r, &editors, f);
	if (editors.n)
		add_after(out, ", edited by ", all_names(&editors, false, r->arena));
}

/* The publisher; a conference's organization where there is none. */
static void put_publisher(struct reading *r, const struct work *w, struct buf *out)
{
	Str publisher = text_of(r, w, "publisher");
	Str body = publisher.len ? publisher : text_of(r, w, "organization");
	/* A body that stands for the authors is not named again. */
	if (body.len && !str_eq(body, w->names))
		add_sentence(out, body);
}

static void put_in_book(struct reading *r, const struct work *w, struct buf *out)
{
	Str book = text_of(r, w, "booktitle");
	if (book.len) {
		buf_z(out, " In ");
		add_italic(out, book);
		put_editors(r, w, out);
		add_after(out, ", ", series_of(r, w));
		add_after(out, ", ", pages_of(r, w));
		end_sentence(out);
	}
	put_publisher(r, w, out);
}

static void put_whole_book(struct reading *r, const struct work *w, struct buf *out)
{
	Str edition = text_of(r, w, "edition"), chapter = text_of(r, w, "chapter"), pages = pages_of(r, w);
	put_editors(r, w, out);
	add_after(out, ", chap. ", chapter);
	add_after(out, ", ", pages);
	end_sentence(out);
	if (edition.len) {
		add_after(out, " ", edition);
		buf_z(out, has(edition, "ed") ? "" : " ed");
		end_sentence(out);
	}
	add_sentence(out, series_of(r, w));
	put_publisher(r, w, out);
}

static void put_report(struct reading *r, const struct work *w, struct buf *out)
{
	Str type = text_of(r, w, "type"), number = text_of(r, w, "number");
	buf_char(out, ' ');
	html_prose(out, type.len ? type : str_of(w->type->what));
	add_after(out, " ", number);
	Str where = text_of(r, w, w->type->container);
	if (!str_eq(where, w->names))
		add_after(out, ", ", where);
	end_sentence(out);
}

static bool is_url(Str s)
{
	return str_starts(s, S("https://")) || str_starts(s, S("http://"));
}

static void put_other(struct reading *r, const struct work *w, struct buf *out)
{
	Str how = text_of(r, w, "howpublished");
	if (!is_url(how) && !str_eq(how, w->names))
		add_sentence(out, how);
	put_publisher(r, w, out);
}

static void put_link(struct buf *out, Str url, Str text, struct arena *a)
{
	Str href = html_url(a, url);
	buf_char(out, ' ');
	if (href.len)
		buf_fmt(out, "<a href=\"%.*s\">", STR_ARG(href));
	html_prose(out, text);
	if (href.len)
		buf_z(out, "</a>");
	buf_char(out, '.');
}

/* The DOI without what people put before it; empty when it is none. */
static Str doi_of(struct reading *r, const struct work *w)
{
	Str doi = verbatim_field(w, "doi", r->arena);
	if (!doi.len)
		return doi;
	static const Str prefixes[] = {{"https://", 8}, {"http://", 7}, {"dx.", 3}, {"doi.org/", 8}, {"doi:", 4}};
	for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++)
		doi = str_trim(without_prefix(doi, prefixes[i]));
	if (str_starts(doi, S("10.")) && str_has(doi, '/'))
		return doi;
	const struct bibtex_field *f = field_of(w, "doi");
	warn_at(place_of(r, f), "'%.*s' is not a DOI; one is as in 10.1145/48529.48535",
	        STR_ARG(f->tex));
	return (Str){0};
}

/* The number of an arXiv preprint; empty when there is none. Another archive's goes to *elsewhere. */
static Str arxiv_of(struct reading *r, const struct work *w, Str *elsewhere)
{
	Str number = without_prefix(verbatim_field(w, "eprint", r->arena), S("arXiv:"));
	Str archive = verbatim_field(w, "archiveprefix", r->arena);
	bool arxiv = archive.len == 5 && !strncasecmp(archive.at, "arxiv", 5);
	if (!number.len || ((arxiv || !archive.len) && is_arxiv_number(number)))
		return number;
	if (arxiv) {
		const struct bibtex_field *f = field_of(w, "eprint");
		warn_at(place_of(r, f), "'%.*s' is not the number of an arXiv paper", STR_ARG(f->tex));
	}
	*elsewhere = archive.len ? str_fmt(r->arena, "%.*s:%.*s", STR_ARG(archive), STR_ARG(number)) : number;
	return (Str){0};
}

static Str url_of(struct reading *r, const struct work *w)
{
	Str url = verbatim_field(w, "url", r->arena);
	if (url.len)
		return url;
	url = verbatim_field(w, "howpublished", r->arena);
	return is_url(url) ? url : (Str){0};
}

static void put_links(struct reading *r, const struct work *w, struct buf *out)
{
	struct arena *a = r->arena;
	Str elsewhere = {0}, doi = doi_of(r, w), arxiv = arxiv_of(r, w, &elsewhere), url = url_of(r, w);
	if (doi.len)
		put_link(out, str_fmt(a, "https://doi.org/%.*s", STR_ARG(percent_encoded(doi, a))),
		         str_fmt(a, "doi:%.*s", STR_ARG(doi)), a);
	if (arxiv.len)
		put_link(out, str_fmt(a, "https://arxiv.org/abs/%.*s", STR_ARG(arxiv)),
		         str_fmt(a, "arXiv:%.*s", STR_ARG(arxiv)), a);
	add_sentence(out, elsewhere);
	bool said = (doi.len && has(url, "doi.org/")) || (arxiv.len && has(url, "arxiv.org/"));
	if (!url.len || said)
		return;
	if (!is_url(url)) {
		const struct bibtex_field *f = field_of(w, "url");
		warn_at(place_of(r, f), "'%.*s' begins with neither https:// nor http://", STR_ARG(f->tex));
		return;
	}
	/* The host alone: it says whose page it is, and breaks no line. */
	Str host = str_sub(url, str_search(url, S("://"), 0) + 3, url.len);
	put_link(out, url, without_prefix(str_cut(&host, '/'), S("www.")), a);
}

static Str html_of(struct reading *r, const struct work *w)
{
	struct buf out = buf_new(r->arena, 512);
	enum shape shape = w->type->shape;
	Str title = w->title;
	if (w->names.len) {
		html_prose(&out, w->names);
		end_sentence(&out);
		buf_char(&out, ' ');
	}
	html_prose(&out, w->entry->year);
	end_sentence(&out);
	if (title.len && shape != WHOLE_BOOK) {
		add_quoted_title(&out, title);
	} else if (title.len) {
		buf_char(&out, ' ');
		add_italic(&out, title);
	}
	switch (shape) {
	case IN_JOURNAL: put_in_journal(r, w, &out); break;
	case IN_BOOK:    put_in_book(r, w, &out);    break;
	case WHOLE_BOOK: put_whole_book(r, w, &out); break;
	case REPORT:     put_report(r, w, &out);     break;
	case OTHER:      put_other(r, w, &out);      break;
	}
	add_sentence(&out, text_of(r, w, "note"));
	put_links(r, w, &out);
	return buf_str(&out);
}

static const struct type_def *type_named(Str name)
{
	for (int i = 0; i < NTYPES; i++)
		if (str_eq(name, str_of(types[i].name)))
			return &types[i];
	return NULL;
}

/* What a sound entry lacks. */
static void check_fields(struct reading *r, const struct work *w)
{
	Span at = span_of_offset(r->file, w->source->key_at);
	if (!field_of(w, "title"))
		error_at(at, "'%.*s' has no title", STR_ARG(w->entry->key));
	if (w->type->container && !field_of(w, w->type->container))
		warn_at(at, "%s '%.*s' has no field '%s'", w->type->name, STR_ARG(w->entry->key), w->type->container);
}

static bool is_known(struct reading *r, const struct work *works, const struct bibtex_entry *source)
{
	for (const struct work *w = works; w; w = w->next) {
		if (!str_eq(w->entry->key, source->key))
			continue;
		error_at(span_of_offset(r->file, source->key_at), "a second entry has the key '%.*s'",
		         STR_ARG(source->key));
		note_at(span_of_offset(r->file, w->source->key_at), "the first is here");
		return true;
	}
	return false;
}

static struct work *work_of(struct reading *r, const struct bibtex_entry *source)
{
	struct work *w = NEW(r->arena, struct work);
	w->source = source;
	w->entry = NEW(r->arena, struct bib_entry);
	w->entry->key = source->key;
	w->entry->line = source->line;
	w->type = type_named(source->type);
	if (!w->type) {
		warn_at(span_of_offset(r->file, source->at), "unknown type '%.*s' is treated as misc",
		        STR_ARG(source->type));
		w->type = type_named(S("misc"));
	}
	if (source->sound)
		check_fields(r, w);
	w->title = text_of(r, w, "title");
	settle_authors(r, w);
	w->year = w->entry->year = year_of(r, w);
	w->author_key = textext_fold(w->names.len ? w->names : w->entry->authors, r->arena);
	w->title_key = textext_fold(w->title, r->arena);
	return w;
}

static struct work *works_of(struct reading *r, const struct bibtex_entry *source)
{
	struct work *works = NULL, **tail = &works;
	for (; source; source = source->next) {
		if (is_known(r, works, source))
			continue;
		*tail = work_of(r, source);
		tail = &(*tail)->next;
	}
	return works;
}

static int by_author(const void *left, const void *right)
{
	const struct work *a = *(struct work *const *)left, *b = *(struct work *const *)right;
	int order = str_cmp(a->author_key, b->author_key);
	order = order ? order : str_cmp(a->year, b->year);
	order = order ? order : str_cmp(a->title_key, b->title_key);
	return order ? order : str_cmp(a->entry->key, b->entry->key);
}

/* a, b, ..., z, aa, ab, ... */
static Str letter(int i, struct arena *a)
{
	Str last = str_fmt(a, "%c", 'a' + i % 26);
	return i < 26 ? last : str_join(a, letter(i / 26 - 1, a), last);
}

/* Tells works apart that a citation would name alike. */
static void letter_years(struct work **work, int n, struct arena *a)
{
	for (int i = 0; i < n; i++) {
		int before = 0, alike = 0;
		for (int k = 0; k < n; k++)
			if (str_eq(work[i]->entry->authors, work[k]->entry->authors) &&
			    str_eq(work[i]->year, work[k]->year)) {
				alike++;
				before += k < i;
			}
		if (alike > 1)
			work[i]->entry->year = str_fmt(a, "%.*s%s%.*s", STR_ARG(work[i]->year),
			                               str_ends(work[i]->year, S(".")) ? "-" : "",
			                               STR_ARG(letter(before, a)));
	}
}

static struct bib_entry *arranged(struct reading *r, struct work *works)
{
	int n = 0;
	for (struct work *w = works; w; w = w->next)
		n++;
	struct work **work = NEWS(r->arena, struct work *, n);
	n = 0;
	for (struct work *w = works; w; w = w->next)
		work[n++] = w;
	if (n)
		qsort(work, (size_t)n, sizeof *work, by_author);
	letter_years(work, n, r->arena);
	struct bib_entry *entries = NULL, **tail = &entries;
	for (int i = 0; i < n; i++) {
		work[i]->entry->html = html_of(r, work[i]);
		*tail = work[i]->entry;
		tail = &work[i]->entry->next;
	}
	return entries;
}

static bool is_text(const struct file *file)
{
	size_t bad = utf8_first_invalid(file->text), nul = str_find(file->text, '\0', 0);
	if (bad == file->text.len && nul == file->text.len)
		return true;
	error_at(span_of_offset(file, bad < nul ? bad : nul), "a bibliography is UTF-8 text; found the byte 0x%02x",
	         (unsigned char)file->text.at[bad < nul ? bad : nul]);
	return false;
}

struct bib *bib_parse(const struct file *file, struct arena *a)
{
	struct bib *bib = NEW(a, struct bib);
	if (!file->text.len || !is_text(file))
		return bib;
	struct reading r = {file, a};
	bib->entries = arranged(&r, works_of(&r, bibtex_parse(file, a)));
	return bib;
}

void bib_write(const struct bib *bib, struct buf *out)
{
	record_line(out, "bib", "1", NULL);
	for (const struct bib_entry *e = bib->entries; e; e = e->next) {
		record_field(out, S("entry"));
		record_field(out, e->key);
		record_field(out, e->authors);
		record_field(out, e->year);
		record_field(out, e->html);
		record_int(out, e->line);
		record_end(out);
	}
}

struct bib *bib_read(Str records, struct arena *a)
{
	struct bib *bib = NEW(a, struct bib);
	struct bib_entry **tail = &bib->entries;
	struct record *r = NEW(a, struct record);
	if (!record_next(&records, r, a) || r->n != 2 || !str_eq(record_get(r, 0), S("bib")) ||
	    !str_eq(record_get(r, 1), S("1")))
		return NULL;
	while (records.len) {
		if (!record_next(&records, r, a) || r->n != 6 || !str_eq(record_get(r, 0), S("entry")))
			return NULL;
		struct bib_entry *e = *tail = NEW(a, struct bib_entry);
		e->key = record_get(r, 1);
		e->authors = record_get(r, 2);
		e->year = record_get(r, 3);
		e->html = record_get(r, 4);
		e->line = (int)record_get_int(r, 5);
		tail = &e->next;
	}
	return bib;
}

struct bib_entry *bib_find(const struct bib *bib, Str key)
{
	for (struct bib_entry *e = bib->entries; e; e = e->next)
		if (str_eq(e->key, key))
			return e;
	return NULL;
}
