/* What a page's head and the list of essays say about an essay. */
#ifndef WEFT_SITEINDEX_H
#define WEFT_SITEINDEX_H

#include "str.h"

/* One essay in the list. */
struct index_entry {
	Str name;               /* its page is NAME.html */
	Str title, category, summary;
	Str date, updated;      /* YYYY-MM-DD; `updated` may be empty */
	const Str *tags;
	int ntags;
	int minutes, nclaims, nheld;
};

/* "23 November 2026"; a date not of the form YYYY-MM-DD as it is. */
Str index_date(Str date, struct arena *a);
/* <ul class="meta">: date, minutes, claims ("9 claims checked", "7 of 9 claims checked"). */
Str index_meta(const struct index_entry *e, struct arena *a);
/* <ul class="tags">; empty without tags. */
Str index_tags(const struct index_entry *e, struct arena *a);
/* <ol class="list"> of essays in the order given; `root` stands before their pages' names, "" or "../". */
Str index_list(const struct index_entry *entries, int n, Str root, struct arena *a);

#endif
