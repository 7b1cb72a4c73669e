/* What Lua says before the plan: recipes of languages and the site's words.
 *
 * Lua runs in a forked child with a limit on its CPU time, which hands over records; what comes back is plain data. */
#ifndef WEFT_CONFIG_H
#define WEFT_CONFIG_H

#include "../tangle/diag.h"
#include "../tangle/recipe.h"

/* Fields of site.lua; what it does not give is empty, `language` is "en". */
struct site {
	Str name, role, tagline;        /* whose site, and what it is about */
	Str section_title, section_lead, section_about;
	Str url;                        /* where the site will be found, as given */
	Str language;
	Str *order;                     /* [norder] names of essays, as the index lists them */
	int norder;
};

struct config {
	struct recipe *recipes;
	struct site site;
};

/* Run the text of recipes.lua, then site.lua (NULL: there is none), each of which returns a table; append records. Mistakes
 * are records too. */
void config_evaluate(Str recipes_lua, const struct file *site_lua, struct buf *records, struct arena *a);

/* Read them; views point into `records`. NULL after reporting the mistakes, those of site.lua at its lines, and NULL without
 * a report when `records` is no such text. One that breaks off, as a killed child leaves it, is a mistake. */
struct config *config_read(Str records, const struct file *site_lua, struct arena *a);

#endif
