/* Configuration: Lua tables to records, records to structs, by the same tables of fields.
 *
 *     config 1
 *     recipe LANGUAGE SITE LINE         what follows sets fields of this recipe; SITE 1: it is from site.lua
 *     field NAME WORD...
 *     site NAME WORD...
 *     section NAME WORD...
 *     problem SITE LINE MESSAGE
 *     end
 *
 * A recipe that stands twice is one: the later record's fields replace the earlier's. */
#include "config.h"

#include <lua5.4/lauxlib.h>
#include <lua5.4/lua.h>

#include "../tangle/arena.h"
#include "../tangle/nearest.h"
#include "../tangle/record.h"
#include "../tangle/utf8.h"
#include "luastate.h"

#define RECIPES_PATH "runtime/lua/recipes.lua"

struct field {
	const char *name;
	enum { TEXT, WORDS, FLAG, TABLE } kind;
	size_t at, count;       /* offsets: of the value; of a list's length */
};

#define AT(type, field)        offsetof(struct type, field)
#define LIST(type, list, size) offsetof(struct type, list), offsetof(struct type, size)

static const struct field recipe_fields[] = {
	{"extension", TEXT, AT(recipe, extension), 0},
	{"line", TEXT, AT(recipe, line), 0},
	{"compile", WORDS, LIST(recipe, compile, ncompile)},
	{"check", WORDS, LIST(recipe, check, ncheck)},
	{"link", WORDS, LIST(recipe, link, nlink)},
	{"run", WORDS, LIST(recipe, run, nrun)},
	{"tools", WORDS, LIST(recipe, tools, ntools)},
	{"parts", WORDS, LIST(recipe, parts, nparts)},
	{"libm", FLAG, AT(recipe, libm), 0},
	{NULL, TEXT, 0, 0},
};

static const struct field site_fields[] = {
	{"name", TEXT, AT(site, name), 0},
	{"role", TEXT, AT(site, role), 0},
	{"tagline", TEXT, AT(site, tagline), 0},
	{"url", TEXT, AT(site, url), 0},
	{"language", TEXT, AT(site, language), 0},
	{"order", WORDS, LIST(site, order, norder)},
	{"section", TABLE, 0, 0},
	{"recipes", TABLE, 0, 0},
	{NULL, TEXT, 0, 0},
};

static const struct field section_fields[] = {
	{"title", TEXT, AT(site, section_title), 0},
	{"lead", TEXT, AT(site, section_lead), 0},
	{"about", TEXT, AT(site, section_about), 0},
	{NULL, TEXT, 0, 0},
};

static const struct field *field_named(const struct field *f, Str name)
{
	while (f->name && !str_eq(str_of(f->name), name))
		f++;
	return f->name ? f : NULL;
}

/* ---- in the child ---- */

struct writer {
	struct luastate lua;
	const struct file *file;        /* being evaluated */
	bool in_site;
	int line;                       /* of the recipe or section whose fields are read, else 0 */
	struct buf *records;
};

static bool is_word_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/* Is what ends at `i` given a value: x =, ["x"] =? */
static bool is_assigned(Str text, size_t i)
{
	while (i < text.len && str_has(S("\"'] \t"), text.at[i]))
		i++;
	return i < text.len && text.at[i] == '=';
}

/* The line on which `name` is given its value, within the table being read, or else stands as a word: a table that is
 * made no longer knows the lines of its fields. */
static int line_of(const struct writer *w, Str name)
{
	Str text = w->file->text;
	int first = 0;
	for (size_t i = str_search(text, name, 0); i < text.len; i = str_search(text, name, i + 1)) {
		size_t end = i + name.len;
		bool whole = (!i || !is_word_byte(text.at[i - 1])) && (end == text.len || !is_word_byte(text.at[end]));
		int line = whole ? span_of_offset(w->file, i).line : 0;
		if (whole && line >= w->line && is_assigned(text, end))
			return line;
		if (!first)
			first = line;
	}
	return first;
}

static void write_problem(struct writer *w, int line, Str message)
{
	record_field(w->records, S("problem"));
	record_int(w->records, w->in_site);
	record_int(w->records, line);
	record_field(w->records, message);
	record_end(w->records);
}

/* The least string key of the table at index t that is above *key, or the first for an empty one. Other keys are
 * passed over. */
static bool next_key(lua_State *L, int t, Str *key)
{
	Str least = {0};
	for (lua_pushnil(L); lua_next(L, t); lua_pop(L, 1)) {
		if (lua_type(L, -2) != LUA_TSTRING)
			continue;
		Str k = luastate_str(L, -2);
		if (str_cmp(k, *key) > 0 && (!least.len || str_cmp(k, least) < 0))
			least = k;
	}
	*key = least;
	return least.len > 0;
}

/* Check a word of a command: $NAME is one that recipes know. */
static Str word_problem(Str word, struct arena *a)
{
	static const char *const alone[] = {"$SOURCE", "$OUT", "$SOURCES", "$CFLAGS", "$LIBS", "$OBJECTS"};
	for (size_t i = 0; i < sizeof alone / sizeof *alone; i++)
		if (str_eq(word, str_of(alone[i])))
			return (Str){0};
	for (size_t i = str_find(word, '$', 0); i < word.len; i = str_find(word, '$', i + 1)) {
		size_t end = i + 1;
		while (end < word.len && is_word_byte(word.at[end]))
			end++;
		Str variable = str_sub(word, i, end);
		if (str_eq(variable, S("$PWD")))
			continue;
		struct nearest nearest = nearest_to(variable);
		for (size_t k = 0; k < sizeof alone / sizeof *alone; k++)
			nearest_try(&nearest, str_of(alone[k]));
		bool known = str_eq(nearest.best, variable);
		return known ? str_fmt(a, "'%.*s' is to be a word of its own, not part of '%.*s'", STR_ARG(variable), STR_ARG(word))
		             : str_fmt(a, "'%.*s' stands for nothing%.*s", STR_ARG(variable), STR_ARG(nearest_hint(&nearest, a)));
	}
	return (Str){0};
}

/* The string at the top of the stack as a field of a record. Says what is wrong with it, or nothing. */
static Str write_word(struct writer *w)
{
	lua_State *L = w->lua.L;
	if (lua_type(L, -1) != LUA_TSTRING)
		return str_fmt(w->lua.arena, "wants a text, not a %s", luaL_typename(L, -1));
	Str word = luastate_str(L, -1);
	if (!utf8_is_valid(word) || str_has(word, '\0'))
		return S("has a NUL byte or invalid UTF-8");
	record_field(w->records, word);
	return (Str){0};
}

/* A list of texts at the top of the stack. */
static Str write_words(struct writer *w)
{
	enum { WORDS_MOST = RECORD_MOST - 2 };
	lua_State *L = w->lua.L;
	if (!lua_istable(L, -1))
		return str_fmt(w->lua.arena, "wants a list of texts, not a %s", luaL_typename(L, -1));
	lua_Unsigned n = lua_rawlen(L, -1);
	if (n > WORDS_MOST)
		return str_fmt(w->lua.arena, "has more than %d words", WORDS_MOST);
	Str problem = {0};
	for (lua_Unsigned i = 1; i <= n && !problem.len; i++) {
		lua_rawgeti(L, -1, (lua_Integer)i);
		problem = write_word(w);
		lua_pop(L, 1);
	}
	return problem;
}

/* One field, its value at the top of the stack, as a record that begins with `record`. */
static void write_field(struct writer *w, const char *record, const struct field *f)
{
	lua_State *L = w->lua.L;
	struct arena *a = w->lua.arena;
	size_t before = w->records->len;
	record_field(w->records, str_of(record));
	record_field(w->records, str_of(f->name));
	Str problem = {0};
	if (f->kind == TEXT)
		problem = write_word(w);
	else if (f->kind == WORDS)
		problem = write_words(w);
	else if (lua_isboolean(L, -1))
		record_field(w->records, lua_toboolean(L, -1) ? S("true") : S("false"));
	else
		problem = S("is to be true or false");
	record_end(w->records);
	if (!problem.len)
		return;
	w->records->len = before;
	write_problem(w, line_of(w, str_of(f->name)), str_fmt(a, "'%s' %.*s", f->name, STR_ARG(problem)));
}

/* Everything has a name: a list's entries in the table at index t are a mistake. */
static void check_names(struct writer *w, int t, Str what)
{
	if (lua_rawlen(w->lua.L, t) > 0)
		write_problem(w, 0, str_fmt(w->lua.arena, "%.*s has an entry without a name", STR_ARG(what)));
}

/* The fields of the table at the top of the stack, which is `what` ("the recipe 'c'"). Those that are tables are left out. */
static void write_fields(struct writer *w, Str what, const char *record, const struct field *fields)
{
	lua_State *L = w->lua.L;
	int t = lua_gettop(L);
	check_names(w, t, what);
	for (Str key = {0}; next_key(L, t, &key); ) {
		const struct field *f = field_named(fields, key);
		if (f && f->kind == TABLE)
			continue;
		if (f) {
			lua_getfield(L, t, f->name);
			write_field(w, record, f);
			lua_pop(L, 1);
			continue;
		}
		struct nearest nearest = nearest_to(key);
		for (const struct field *known = fields; known->name; known++)
			nearest_try(&nearest, str_of(known->name));
		write_problem(w, line_of(w, key), str_fmt(w->lua.arena, "%.*s has no field '%.*s'%.*s", STR_ARG(what),
		              STR_ARG(key), STR_ARG(nearest_hint(&nearest, w->lua.arena))));
	}
}

/* Is a table at the top of the stack? If not, and it is not nil either, that is a problem. */
static bool is_table(struct writer *w, Str what, int line)
{
	lua_State *L = w->lua.L;
	if (!lua_istable(L, -1) && !lua_isnil(L, -1))
		write_problem(w, line, str_fmt(w->lua.arena, "%.*s is to be a table, not a %s", STR_ARG(what),
		              luaL_typename(L, -1)));
	return lua_istable(L, -1);
}

static void check_command(struct writer *w, Str language, const char *name)
{
	lua_State *L = w->lua.L;
	lua_getfield(L, -1, name);
	lua_Integer n = lua_istable(L, -1) ? (lua_Integer)lua_rawlen(L, -1) : 0;
	for (lua_Integer i = 1; i <= n; i++) {
		if (lua_rawgeti(L, -1, i) == LUA_TSTRING) {
			Str problem = word_problem(luastate_str(L, -1), w->lua.arena);
			if (problem.len)
				write_problem(w, line_of(w, language), str_fmt(w->lua.arena,
				              "recipe '%.*s': %.*s", STR_ARG(language), STR_ARG(problem)));
		}
		lua_pop(L, 1);
	}
	lua_pop(L, 1);
}

/* The table of recipes at the top of the stack. */
static void write_recipes(struct writer *w)
{
	lua_State *L = w->lua.L;
	int t = lua_gettop(L);
	check_names(w, t, S("the table of recipes"));
	for (Str language = {0}; next_key(L, t, &language); ) {
		int line = line_of(w, language);
		Str what = str_fmt(w->lua.arena, "the recipe '%.*s'", STR_ARG(language));
		lua_pushlstring(L, language.at, language.len);
		lua_rawget(L, t);
		if (is_table(w, what, line)) {
			record_field(w->records, S("recipe"));
			record_field(w->records, language);
			record_int(w->records, w->in_site);
			record_int(w->records, line);
			record_end(w->records);
			w->line = line;
			write_fields(w, what, "field", recipe_fields);
			w->line = 0;
			check_command(w, language, "compile");
			check_command(w, language, "check");
			check_command(w, language, "link");
			check_command(w, language, "run");
		}
		lua_pop(L, 1);
	}
}

static void write_site(struct writer *w)
{
	lua_State *L = w->lua.L;
	write_fields(w, S("the site"), "site", site_fields);
	lua_getfield(L, -1, "section");
	int line = line_of(w, S("section"));
	if (is_table(w, S("'section'"), line)) {
		w->line = line;
		write_fields(w, S("'section'"), "section", section_fields);
		w->line = 0;
	}
	lua_pop(L, 1);
	lua_getfield(L, -1, "recipes");
	if (is_table(w, S("'recipes'"), line_of(w, S("recipes"))))
		write_recipes(w);
	lua_pop(L, 1);
}

/* luastate_enter()'s body. */
static int run_file(lua_State *L)
{
	struct writer *w = lua_touserdata(L, 1);
	luastate_strict(L);
	if (!luastate_load(&w->lua, S("file"), false, w->file->text) || !luastate_call(&w->lua, 0, 1)) {
		write_problem(w, w->lua.mistake.line, w->lua.mistake.message);
		return 0;
	}
	if (!lua_istable(L, -1))
		write_problem(w, 0, str_fmt(w->lua.arena, "the file is to return a table, not a %s", luaL_typename(L, -1)));
	else if (w->in_site)
		write_site(w);
	else
		write_recipes(w);
	return 0;
}

static void evaluate_file(const struct file *file, bool in_site, struct buf *records, struct arena *a)
{
	struct writer w = {.file = file, .in_site = in_site, .records = records};
	luastate_open(&w.lua, a);
	if (!luastate_enter(&w.lua, run_file, &w))
		write_problem(&w, 0, w.lua.mistake.message);
	luastate_close(&w.lua);
}

void config_evaluate(Str recipes_lua, const struct file *site_lua, struct buf *records, struct arena *a)
{
	const struct file recipes = {S(RECIPES_PATH), recipes_lua};
	record_line(records, "config", "1", NULL);
	evaluate_file(&recipes, false, records, a);
	if (site_lua)
		evaluate_file(site_lua, true, records, a);
	record_line(records, "end", NULL);
}

/* ---- in the parent ---- */

struct reader {
	struct config *config;
	const struct file *site_lua;
	struct recipe *recipe;          /* that `field` records set */
	bool in_site;                   /* it is from site.lua, */
	int line;                       /* where it stands on this line, */
	bool faulty;                    /* and has a problem already */
	struct arena *arena;
	struct record *r;
	bool ended, failed;
};

static void report(struct reader *in, bool in_site, int line, Str message)
{
	in->failed = true;
	if (in_site && in->site_lua)
		error_at((Span){in->site_lua, line, line ? 1 : 0}, "%.*s", STR_ARG(message));
	else
		error_text("%s:%d: %.*s", RECIPES_PATH, line, STR_ARG(message));
}

/* Set the field that the record names in the struct at `object`. */
static bool read_field(struct reader *in, const struct field *fields, void *object)
{
	const struct field *f = field_named(fields, record_get(in->r, 1));
	if (!object || !f)
		return false;
	char *at = (char *)object + f->at;
	int n = in->r->n - 2;
	if (f->kind == WORDS) {
		Str *list = NEWS(in->arena, Str, (size_t)n + 1);
		for (int i = 0; i < n; i++)
			list[i] = in->r->field[2 + i];
		*(Str **)(void *)at = list;
		*(int *)(void *)((char *)object + f->count) = n;
		return true;
	}
	if (n != 1 || f->kind == TABLE)
		return false;
	if (f->kind == FLAG)
		*(bool *)at = str_eq(in->r->field[2], S("true"));
	else
		*(Str *)(void *)at = in->r->field[2];
	return true;
}

static bool has_word(const Str *list, int n, Str word)
{
	for (int i = 0; i < n; i++)
		if (str_eq(list[i], word))
			return true;
	return false;
}

/* Has it one %d and then one %s? */
static bool is_directive(Str line)
{
	size_t d = str_search(line, S("%d"), 0), s = str_search(line, S("%s"), 0);
	int percents = 0;
	for (size_t i = 0; i < line.len; i++)
		percents += line.at[i] == '%';
	return d < s && s < line.len && percents == 2;
}

/* What a recipe lacks, all its fields being set; empty when it can be used. */
static const char *recipe_problem(const struct recipe *r)
{
	if (!r->extension.len)
		return "wants an extension";
	if (r->line.len && !is_directive(r->line))
		return "wants one %d and then one %s in line, and no other %";
	if (!r->ntools)
		return "wants tools: the programs that do the work";
	if (!r->ncompile && !has_word(r->run, r->nrun, S("$SOURCE")))
		return "wants compile, or run with $SOURCE";
	if (r->nlink && (!r->ncompile || !has_word(r->compile, r->ncompile, S("$SOURCE"))))
		return "wants compile with $SOURCE before link";
	if (r->nlink && (!has_word(r->link, r->nlink, S("$OBJECTS")) || !has_word(r->link, r->nlink, S("$OUT"))))
		return "wants $OBJECTS and $OUT in link";
	if (r->ncompile && !r->nlink &&
	    (!has_word(r->compile, r->ncompile, S("$SOURCE")) || !has_word(r->compile, r->ncompile, S("$OUT"))))
		return "wants $SOURCE and $OUT in compile";
	return NULL;
}

/* The last `recipe` record's fields have all come. */
static void end_recipe(struct reader *in)
{
	const char *problem = in->recipe && !in->faulty ? recipe_problem(in->recipe) : NULL;
	if (problem)
		report(in, in->in_site, in->line,
		       str_fmt(in->arena, "recipe '%.*s' %s", STR_ARG(in->recipe->language), problem));
	in->recipe = NULL;
}

static void start_recipe(struct reader *in)
{
	Str language = in->r->field[1];
	struct recipe **at = &in->config->recipes;
	while (*at && !str_eq((*at)->language, language))
		at = &(*at)->next;
	if (!*at) {
		*at = NEW(in->arena, struct recipe);
		(*at)->language = language;
	}
	in->recipe = *at;
	in->in_site = record_get_int(in->r, 2);
	in->line = (int)record_get_int(in->r, 3);
	in->faulty = false;
}

static bool read_record(struct reader *in)
{
	Str kind = in->r->field[0];
	if (str_eq(kind, S("recipe")) && in->r->n == 4)
		start_recipe(in);
	else if (str_eq(kind, S("field")))
		return read_field(in, recipe_fields, in->recipe);
	else if (str_eq(kind, S("site")))
		return read_field(in, site_fields, &in->config->site);
	else if (str_eq(kind, S("section")))
		return read_field(in, section_fields, &in->config->site);
	else if (str_eq(kind, S("problem")) && in->r->n == 4)
		report(in, record_get_int(in->r, 1), (int)record_get_int(in->r, 2), in->r->field[3]);
	else if (str_eq(kind, S("end")))
		in->ended = true;
	else
		return false;
	return true;
}

struct config *config_read(Str records, const struct file *site_lua, struct arena *a)
{
	struct record *r = NEW(a, struct record);
	if (!record_next(&records, r, a) || r->n != 2 || !str_eq(r->field[0], S("config")) || !str_eq(r->field[1], S("1")))
		return NULL;
	struct config *config = NEW(a, struct config);
	config->site.language = S("en");
	struct reader in = {.config = config, .site_lua = site_lua, .arena = a, .r = r};
	while (str_has(records, '\n')) {
		if (in.ended || !record_next(&records, r, a))
			return NULL;
		/* A recipe is complete when anything but a field of it, or a problem with one, follows. */
		if (str_eq(r->field[0], S("problem")))
			in.faulty = true;
		else if (!str_eq(r->field[0], S("field")))
			end_recipe(&in);
		if (!read_record(&in))
			return NULL;
	}
	if (!in.ended)
		report(&in, true, 0, S("it was stopped: it takes too long"));
	return in.failed ? NULL : config;
}
