/* Setup chunks. Options reach the document as records:
 *
 *     setup 1
 *     option CHUNK NAME text|flag VALUE SETUP BLOCK LINE       SETUP and BLOCK name the setup chunk as lua_place() wants it
 *     problem SETUP BLOCK LINE MESSAGE
 *     end
 */
#include "setup.h"

#include <lua5.4/lauxlib.h>
#include <lua5.4/lua.h>

#include "../tangle/arena.h"
#include "../tangle/lua_source.h"
#include "../tangle/nearest.h"
#include "../tangle/record.h"
#include "../tangle/sweep.h"
#include "../tangle/utf8.h"
#include "luastate.h"

bool setup_is_needed(const struct doc *doc)
{
	for (const struct chunk *c = doc->chunks; c; c = c->next)
		if (c->kind == CHUNK_SETUP)
			return true;
	return false;
}

/* ---- in the child ---- */

struct writer {
	struct luastate lua;
	const struct lua_source *sources, *source;      /* all; the running one */
	struct buf *records;
	Str waiting;                    /* chunk "x" has been called, but not yet with { … } */
	int waiting_line;
};

/* The line of the running script that is innermost on the stack. */
static int current_line(lua_State *L)
{
	lua_Debug ar;
	for (int level = 0; level < 100 && lua_getstack(L, level, &ar); level++) {
		lua_getinfo(L, "l", &ar);
		if (ar.currentline > 0)
			return ar.currentline;
	}
	return 0;
}

static void write_place(struct writer *w, int line)
{
	record_field(w->records, w->source->name);
	record_int(w->records, w->source->block);
	record_int(w->records, line);
}

static void write_problem(struct writer *w, int line, Str message)
{
	record_field(w->records, S("problem"));
	write_place(w, line);
	record_field(w->records, message);
	record_end(w->records);
}

static bool is_text(Str s)
{
	return utf8_is_valid(s) && !str_has(s, '\0');
}

/* One option: its name at index -2, its value at the top. Both stay. */
static void write_option(lua_State *L, struct writer *w, Str chunk)
{
	if (lua_type(L, -2) != LUA_TSTRING)
		luaL_error(L, "chunk \"%s\" wants { option = value, … }", chunk.at);
	Str name = luastate_str(L, -2), value = {0};
	bool flag = lua_isboolean(L, -1);
	if (flag && !lua_toboolean(L, -1))
		luaL_error(L, "option '%s' is set or left out, not false", name.at);
	if (!flag && lua_type(L, -1) != LUA_TNUMBER && lua_type(L, -1) != LUA_TSTRING)
		luaL_error(L, "option '%s' wants a text, a number or true, not a %s", name.at, luaL_typename(L, -1));
	/* A copy: lua_tolstring() turns the number in its place into a string. */
	lua_pushvalue(L, -1);
	if (!flag)
		value = luastate_str(L, -1);
	if (!is_text(name) || !is_text(value))
		luaL_error(L, "option with a NUL byte or invalid UTF-8");
	record_field(w->records, S("option"));
	record_field(w->records, chunk);
	record_field(w->records, name);
	record_field(w->records, flag ? S("flag") : S("text"));
	record_field(w->records, value);
	write_place(w, current_line(L));
	record_end(w->records);
	lua_pop(L, 1);
}

/* chunk "name" { option = value, … }   this is the second call; upvalues: the writer, the name */
static int set_options(lua_State *L)
{
	struct writer *w = lua_touserdata(L, lua_upvalueindex(1));
	Str chunk = luastate_str(L, lua_upvalueindex(2));
	w->waiting = (Str){0};
	if (!lua_istable(L, 1))
		return luaL_error(L, "chunk \"%s\" wants { option = value, … }", chunk.at);
	lua_settop(L, 1);
	/* The order of pairs(), so that the records are the same every time. */
	lua_getglobal(L, "pairs");
	lua_pushvalue(L, 1);
	lua_call(L, 1, 3);
	for (;;) {
		lua_pushvalue(L, 2);
		lua_pushvalue(L, 3);
		lua_pushvalue(L, 4);
		lua_call(L, 2, 2);
		if (lua_isnil(L, -2))
			return 0;
		write_option(L, w, chunk);
		lua_pop(L, 1);
		lua_replace(L, 4);
	}
}

/* chunk "name" -> a function that takes its options */
static int name_chunk(lua_State *L)
{
	struct writer *w = lua_touserdata(L, lua_upvalueindex(1));
	luaL_checktype(L, 1, LUA_TSTRING);
	if (w->waiting.len || !is_text(luastate_str(L, 1)))
		return luaL_error(L, "chunk wants a name and then { option = value, … }");
	w->waiting = str_copy(w->lua.arena, luastate_str(L, 1));
	w->waiting_line = current_line(L);
	lua_pushlightuserdata(L, w);
	lua_pushvalue(L, 1);
	lua_pushcclosure(L, set_options, 2);
	return 1;
}

static void run_source(struct writer *w)
{
	luastate_refill(&w->lua);
	Str script = str_fmt(w->lua.arena, "setup %d", w->source->block + 1);
	w->waiting = (Str){0};
	if (!luastate_load(&w->lua, script, false, w->source->text) || !luastate_call(&w->lua, 0, 0))
		write_problem(w, w->lua.mistake.line, w->lua.mistake.message);
	else if (w->waiting.len)
		write_problem(w, w->waiting_line, str_fmt(w->lua.arena, "chunk \"%.*s\" wants { option = value, … } after it",
		              STR_ARG(w->waiting)));
}

/* luastate_enter()'s body. */
static int run_all(lua_State *L)
{
	struct writer *w = lua_touserdata(L, 1);
	lua_pushlightuserdata(L, w);
	lua_pushcclosure(L, name_chunk, 1);
	lua_setglobal(L, "chunk");
	luastate_strict(L);
	for (w->source = w->sources; w->source; w->source = w->source->next)
		run_source(w);
	return 0;
}

void setup_evaluate(const struct doc *doc, struct buf *records, struct arena *a)
{
	struct writer w = {.sources = lua_sources(doc, CHUNK_SETUP, false, a), .records = records};
	record_line(records, "setup", "1", NULL);
	luastate_open(&w.lua, a);
	bool ok = luastate_enter(&w.lua, run_all, &w);
	luastate_close(&w.lua);
	if (!ok && w.source)
		write_problem(&w, 0, w.lua.mistake.message);
	record_line(records, "end", NULL);
}

/* ---- in the parent ---- */

static Span place_of(const struct doc *doc, const struct record *r, int first)
{
	return lua_place(doc, CHUNK_SETUP, record_get(r, first), (int)record_get_int(r, first + 1), -1,
	                 (int)record_get_int(r, first + 2));
}

static bool apply_option(struct doc *doc, const struct record *r, struct arena *a)
{
	Str name = r->field[1], option = r->field[2], value = r->field[4];
	Span at = place_of(doc, r, 5);
	struct nearest nearest = nearest_to(name);
	struct chunk *c = doc->chunks;
	for (; c && !str_eq(c->name, name); c = c->next)
		if (c->name.len)
			nearest_try(&nearest, c->name);
	if (!c || !name.len) {
		error_at(at, "there is no chunk '%.*s'%.*s", STR_ARG(name), STR_ARG(nearest_hint(&nearest, a)));
		return false;
	}
	bool flag = str_eq(r->field[3], S("flag"));
	if (!option_set(&c->opt, c->kind, false, option, at, flag ? NULL : &value, at, a))
		return false;
	if (!str_eq(option, str_of(option_name(OPT_SWEEP))))
		return true;
	c->sweep = sweep_parse(value, at, a);
	return c->sweep != NULL;
}

bool setup_apply(struct doc *doc, Str records, struct arena *a)
{
	struct record *r = NEW(a, struct record);
	bool ok = true, ended = false;
	if (!record_next(&records, r, a) || r->n != 2 || !str_eq(r->field[0], S("setup")) || !str_eq(r->field[1], S("1"))) {
		error_at((Span){doc->file, 0, 0}, "the setup chunks left nothing that can be read");
		return false;
	}
	while (!ended && record_next(&records, r, a)) {
		if (str_eq(r->field[0], S("option")) && r->n == 8) {
			ok = apply_option(doc, r, a) && ok;
		} else if (str_eq(r->field[0], S("problem")) && r->n == 5) {
			error_at(place_of(doc, r, 1), "%.*s", STR_ARG(r->field[4]));
			ok = false;
		} else {
			ended = str_eq(r->field[0], S("end"));
			if (!ended)
				break;
		}
	}
	if (!ended)
		error_at((Span){doc->file, 0, 0}, "the setup chunks were stopped: they take too long");
	return ok && ended;
}
