/* The list of essays, and the facts it shares with the pages' heads. */
#include "siteindex.h"

#include "arena.h"
#include "html.h"

Str index_date(Str date, struct arena *a)
{
	static const char *const months[] = {
		"January", "February", "March", "April", "May", "June", "July",
		"August", "September", "October", "November", "December",
	};
	Str rest = date;
	Str year = str_cut(&rest, '-'), month = str_cut(&rest, '-');
	long y, m, d;
	if (!str_int(year, &y) || !str_int(month, &m) || !str_int(rest, &d) || m < 1 || m > 12)
		return date;
	return str_fmt(a, "%ld %s %ld", d, months[m - 1], y);
}

static void add_time(struct buf *out, Str date, struct arena *a)
{
	buf_z(out, "<time datetime=\"");
	html_text(out, date);
	buf_z(out, "\">");
	html_text(out, index_date(date, a));
	buf_z(out, "</time>");
}

Str index_meta(const struct index_entry *e, struct arena *a)
{
	struct buf out = buf_new(a, 256);
	buf_z(&out, "<ul class=\"meta\"><li>");
	add_time(&out, e->date, a);
	if (e->updated.len) {
		buf_z(&out, ", updated ");
		add_time(&out, e->updated, a);
	}
	buf_fmt(&out, "</li><li>%d minute%s</li>", e->minutes, e->minutes == 1 ? "" : "s");
	if (e->nclaims && e->nheld == e->nclaims)
		buf_fmt(&out, "<li>%d claim%s checked</li>", e->nclaims, e->nclaims == 1 ? "" : "s");
	else if (e->nclaims)
		buf_fmt(&out, "<li>%d of %d claims checked</li>", e->nheld, e->nclaims);
	buf_z(&out, "</ul>\n");
	return buf_str(&out);
}

Str index_tags(const struct index_entry *e, struct arena *a)
{
	struct buf out = buf_new(a, 128);
	if (!e->ntags)
		return (Str){0};
	buf_z(&out, "<ul class=\"tags\" aria-label=\"Tags\">");
	for (int i = 0; i < e->ntags; i++) {
		buf_z(&out, "<li>");
		html_prose(&out, e->tags[i]);
		buf_z(&out, "</li>");
	}
	buf_z(&out, "</ul>\n");
	return buf_str(&out);
}

Str index_list(const struct index_entry *entries, int n, Str root, struct arena *a)
{
	struct buf out = buf_new(a, 512 * (size_t)n);
	buf_z(&out, "<ol class=\"list\">\n");
	for (int i = 0; i < n; i++) {
		const struct index_entry *e = &entries[i];
		Str page = str_fmt(a, "%.*s%.*s.html", STR_ARG(root), STR_ARG(e->name));
		buf_z(&out, "<li><p class=\"kick\">");
		html_prose(&out, e->category);
		buf_fmt(&out, "</p><h2><a href=\"%.*s\">", STR_ARG(html_url(a, page)));
		html_prose(&out, e->title);
		buf_z(&out, "</a></h2><p>");
		html_prose(&out, e->summary);
		buf_z(&out, "</p>\n");
		buf_add(&out, index_meta(e, a));
		buf_add(&out, index_tags(e, a));
		buf_z(&out, "</li>\n");
	}
	buf_z(&out, "</ol>\n");
	return buf_str(&out);
}
