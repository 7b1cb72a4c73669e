/* The pieces of an essay's Lua, one after the other, each in protected mode.
 *
 * What the language of an essay is lies in runtime/lua; here is what these files stand on. Each gets a table `host` as its
 * argument, in which it leaves functions and finds:
 *
 *   public                       table: what an essay can name
 *   programs                     list of {name =, swept =, absent =, facts_absent =, tables = {{name =, nrows =, columns =,
 *                                units =, facts =}}}
 *   cells(p, t, c) -> list       the values of a column, by numbers; nil where a cell is empty
 *   nearest(name, list) -> text  "; did you mean 'x'?", or what there is
 *   bind(f, env)                 the globals of a chunk
 *   emit(...)                    a record
 *
 * and this file calls host.helper(f), run_value(f, index), run_table(f, chunk, from), run_claim(f, chunk) and, where a
 * program that is not recorded was read, the same with _absent. */
#include "evaluate.h"

#include <lua5.4/lauxlib.h>
#include <lua5.4/lua.h>

#include "../tangle/arena.h"
#include "../tangle/lua_source.h"
#include "../tangle/nearest.h"
#include "../tangle/record.h"
#include "../tangle/utf8.h"
#include "luastate.h"

const char *const evaluate_files[] = {"fmt.lua", "stat.lua", "results.lua", "essay.lua", "tables.lua", "claims.lua", NULL};

enum {
	PIECE_MOST = 4 << 20,   /* bytes of records a piece may leave */
	LISTED_MOST = 8,        /* names that "there is" tells */
};

struct evaluator {
	struct luastate lua;
	const struct program_tables *programs;
	const struct file *lua_files;
	int nfiles;
	const struct lua_source *sources;
	struct buf *records;
	struct buf piece;               /* records of the running piece, which count only if it ends well */
};

static struct evaluator *evaluator_of(lua_State *L)
{
	return lua_touserdata(L, lua_upvalueindex(1));
}

static void push_str(lua_State *L, Str s)
{
	lua_pushlstring(L, s.len ? s.at : "", s.len);
}

/* ---- what Lua may call ---- */

static size_t skip_digits(Str s, size_t i)
{
	while (i < s.len && s.at[i] >= '0' && s.at[i] <= '9')
		i++;
	return i;
}

/* Is it a number as C prints one: -1.5e-07, inf, -nan? strtod() alone takes more. */
static bool is_number(Str s)
{
	size_t i = s.len && s.at[0] == '-';
	Str rest = str_sub(s, i, s.len);
	if (str_eq(rest, S("inf")) || str_eq(rest, S("nan")))
		return true;
	size_t after = skip_digits(s, i);
	if (after == i)
		return false;
	if (after < s.len && s.at[after] == '.')
		after = skip_digits(s, after + 1);
	if (after < s.len && s.at[after] == 'e') {
		i = after + 1;
		if (i < s.len && (s.at[i] == '-' || s.at[i] == '+'))
			i++;
		after = skip_digits(s, i);
		if (after == i)
			return false;
	}
	return after == s.len;
}

/* A cell's text as Lua sees it: nothing, a whole number, a number, or the text itself. */
static void push_cell(lua_State *L, Str cell)
{
	long whole;
	double number;
	if (!cell.len) {
		lua_pushnil(L);
	} else if (str_int(cell, &whole)) {
		lua_pushinteger(L, whole);
	} else if (is_number(cell) && str_real(cell, &number)) {
		lua_pushnumber(L, number);
	} else {
		push_str(L, cell);
	}
}

/* host.cells(program, table, column) -> list */
static int host_cells(lua_State *L)
{
	lua_Integer p = luaL_checkinteger(L, 1), t = luaL_checkinteger(L, 2), c = luaL_checkinteger(L, 3);
	const struct program_tables *program = evaluator_of(L)->programs;
	while (program && --p > 0)
		program = program->next;
	const struct table *table = program ? program->tables : NULL;
	while (table && --t > 0)
		table = table->next;
	luaL_argcheck(L, table && c >= 1 && c <= table->ncols, 3, "no such column");
	lua_createtable(L, table->nrows, 0);
	for (int row = 0; row < table->nrows; row++) {
		push_cell(L, table->cell[(size_t)row * (size_t)table->ncols + (size_t)c - 1]);
		lua_rawseti(L, -2, row + 1);
	}
	return 1;
}

/* host.nearest(name, list) -> "; did you mean 'x'?", or "; there is: a, b" when the list is short, or "" */
static int host_nearest(lua_State *L)
{
	struct luastate *state = &evaluator_of(L)->lua;
	luaL_checkstring(L, 1);
	luaL_checktype(L, 2, LUA_TTABLE);
	int n = (int)lua_rawlen(L, 2);
	struct nearest nearest = nearest_to(luastate_str(L, 1));
	struct buf all = buf_new(state->arena, 256);
	for (int i = 1; i <= n; i++) {
		lua_rawgeti(L, 2, i);
		if (lua_type(L, -1) == LUA_TSTRING) {
			/* The list keeps the string. */
			Str known = luastate_str(L, -1);
			nearest_try(&nearest, known);
			buf_z(&all, all.len ? ", " : "; there is: ");
			buf_add(&all, known);
		}
		lua_pop(L, 1);
	}
	Str hint = nearest_hint(&nearest, state->arena);
	if (!hint.len && n <= LISTED_MOST)
		hint = buf_str(&all);
	push_str(L, hint);
	return 1;
}

/* host.bind(f, env): the globals of the chunk f */
static int host_bind(lua_State *L)
{
	luaL_checktype(L, 1, LUA_TFUNCTION);
	luaL_checktype(L, 2, LUA_TTABLE);
	lua_settop(L, 2);
	lua_setupvalue(L, 1, 1);
	return 0;
}

/* host.emit(field, …): a record of the running piece */
static int host_emit(lua_State *L)
{
	struct evaluator *ev = evaluator_of(L);
	int n = lua_gettop(L);
	luaL_argcheck(L, n >= 1 && n <= RECORD_MOST, n, "too many fields");
	for (int i = 1; i <= n; i++) {
		luaL_checkstring(L, i);
		Str field = luastate_str(L, i);
		/* What is wrong is the essay's text, so no line of the library goes before the message. */
		if (!utf8_is_valid(field) || str_has(field, '\0')) {
			lua_pushliteral(L, "a text with a NUL byte or invalid UTF-8 cannot be printed");
			return lua_error(L);
		}
		if (field.len + ev->piece.len > PIECE_MOST) {
			lua_pushfstring(L, "it prints more than %d MB of text", PIECE_MOST >> 20);
			return lua_error(L);
		}
		record_field(&ev->piece, field);
	}
	record_end(&ev->piece);
	return 0;
}

/* ---- the host table ---- */

static void push_strs(lua_State *L, const Str *item, int n)
{
	lua_createtable(L, n, 0);
	for (int i = 0; i < n; i++) {
		push_str(L, item[i]);
		lua_rawseti(L, -2, i + 1);
	}
}

static void push_table(lua_State *L, const struct table *t)
{
	lua_createtable(L, 0, 8);
	push_str(L, t->name);
	lua_setfield(L, -2, "name");
	lua_pushinteger(L, t->nrows);
	lua_setfield(L, -2, "nrows");
	push_strs(L, t->col, t->ncols);
	lua_setfield(L, -2, "columns");
	push_strs(L, t->unit, t->ncols);
	lua_setfield(L, -2, "units");
}

static void push_programs(lua_State *L, const struct program_tables *programs)
{
	lua_newtable(L);
	int n = 0;
	for (const struct program_tables *p = programs; p; p = p->next) {
		lua_createtable(L, 0, 4);
		push_str(L, p->name);
		lua_setfield(L, -2, "name");
		lua_pushboolean(L, p->swept);
		lua_setfield(L, -2, "swept");
		lua_pushboolean(L, p->absent);
		lua_setfield(L, -2, "absent");
		lua_pushboolean(L, p->facts_absent);
		lua_setfield(L, -2, "facts_absent");
		lua_newtable(L);
		int i = 0, ntables = 0;
		for (const struct table *t = p->tables; t; t = t->next)
			ntables++;
		for (const struct table *t = p->tables; t; t = t->next) {
			push_table(L, t);
			lua_pushboolean(L, i >= ntables - p->nfacts);
			lua_setfield(L, -2, "facts");
			lua_rawseti(L, -2, ++i);
		}
		lua_setfield(L, -2, "tables");
		lua_rawseti(L, -2, ++n);
	}
}

static void push_host(lua_State *L, struct evaluator *ev)
{
	static const luaL_Reg functions[] = {
		{"cells", host_cells}, {"nearest", host_nearest}, {"bind", host_bind}, {"emit", host_emit}, {NULL, NULL},
	};
	lua_newtable(L);
	lua_pushlightuserdata(L, ev);
	luaL_setfuncs(L, functions, 1);
	lua_newtable(L);
	lua_setfield(L, -2, "public");
	push_programs(L, ev->programs);
	lua_setfield(L, -2, "programs");
}

/* ---- pieces ---- */

static void begin_record(struct evaluator *ev, const char *kind, const struct lua_source *s)
{
	record_field(ev->records, str_of(kind));
	record_field(ev->records, s ? s->name : (Str){0});
	record_int(ev->records, s ? s->inline_index : -1);
	record_int(ev->records, s ? s->block : -1);
}

/* What a piece is called in Lua: its chunk's name, or one that no chunk can have. */
static Str script_name(const struct lua_source *s, struct arena *a)
{
	if (s->inline_index >= 0)
		return str_fmt(a, "expression %d", s->inline_index + 1);
	return s->block >= 0 ? str_fmt(a, "helpers %d", s->block + 1) : s->name;
}

static const struct lua_source *source_named(const struct evaluator *ev, Str script)
{
	for (const struct lua_source *s = ev->sources; script.len && s; s = s->next)
		if (str_eq(script_name(s, ev->lua.arena), script))
			return s;
	return NULL;
}

/* The last call failed while `piece` ran (NULL: while the library was loaded). */
static void add_problem(struct evaluator *ev, const struct lua_source *piece)
{
	const struct lua_mistake *m = &ev->lua.mistake;
	const struct lua_source *where = source_named(ev, m->script);
	int line = where ? m->line : 0;
	if (!where)
		where = piece;
	Str message = m->message;
	if (piece && where != piece)
		message = str_fmt(ev->lua.arena, "%.*s (called by %.*s)", STR_ARG(message),
		                  STR_ARG(script_name(piece, ev->lua.arena)));
	begin_record(ev, "problem", where);
	record_int(ev->records, line);
	record_field(ev->records, message);
	record_end(ev->records);
}

/* Does host.`name` hold true? */
static bool is_true(lua_State *L, int host, const char *name)
{
	lua_getfield(L, host, name);
	bool yes = lua_toboolean(L, -1);
	lua_pop(L, 1);
	return yes;
}

/* Call host.`name`(f, …) with what is below the top of the stack: f and `nargs` - 1 arguments for a piece. */
static bool call_host(struct evaluator *ev, int host, const char *name, int nargs)
{
	lua_State *L = ev->lua.L;
	luastate_refill(&ev->lua);
	lua_getfield(L, host, name);
	lua_insert(L, -1 - nargs);
	return luastate_call(&ev->lua, nargs, 0);
}

/* The arguments of a piece's run_… and …_absent, after the function itself. */
static int push_arguments(lua_State *L, const struct lua_source *s)
{
	if (!s->kind) {
		lua_pushinteger(L, s->inline_index);
		return 1;
	}
	push_str(L, s->name);
	if (s->kind != CHUNK_TABLE)
		return 1;
	push_str(L, s->chunk->opt.value[OPT_FROM].text);
	return 2;
}

/* The functions of the host for a kind of piece. */
static const struct piece_kind {
	enum chunk_kind kind;
	const char *run, *absent;
} piece_kinds[] = {
	{CHUNK_HELPERS, "helper", "helper_absent"},
	{CHUNK_TABLE, "run_table", "table_absent"},
	{CHUNK_CLAIM, "run_claim", "claim_absent"},
	{0, "run_value", "value_absent"},
};

/* Call a piece; and where it met a program that is not recorded, say that instead. */
static bool call_piece(struct evaluator *ev, int host, const struct piece_kind *k, const struct lua_source *s)
{
	lua_State *L = ev->lua.L;
	ev->piece.len = 0;
	if (call_host(ev, host, k->run, 1 + push_arguments(L, s)))
		return true;
	if (!is_true(L, host, "absent"))
		return false;
	ev->piece.len = 0;
	lua_pushnil(L);
	return call_host(ev, host, k->absent, 1 + push_arguments(L, s));
}

static void run_piece(struct evaluator *ev, int host, const struct lua_source *s)
{
	lua_State *L = ev->lua.L;
	const struct piece_kind *k = piece_kinds;
	while (k->kind != s->kind)
		k++;
	begin_record(ev, "at", s);
	record_end(ev->records);
	/* The newline ends a comment at the expression's end. */
	Str text = s->kind ? s->text : str_fmt(ev->lua.arena, "return %.*s\n", STR_ARG(s->text));
	if (!luastate_load(&ev->lua, script_name(s, ev->lua.arena), false, text)) {
		add_problem(ev, s);
	} else if (call_piece(ev, host, k, s)) {
		buf_add(ev->records, buf_str(&ev->piece));
		return;
	} else if (!is_true(L, host, "quiet")) {
		add_problem(ev, s);
	}
	if (s->kind == CHUNK_HELPERS) {
		lua_pushboolean(L, true);
		lua_setfield(L, host, "helpers_failed");
	}
}

/* luastate_enter()'s body: the library, then helpers, then everything else. */
static int run_all(lua_State *L)
{
	struct evaluator *ev = lua_touserdata(L, 1);
	luastate_strict(L);
	push_host(L, ev);
	int host = lua_gettop(L);
	for (int i = 0; i < ev->nfiles; i++) {
		/* Not the file's path, which differs from machine to machine. */
		Str name = str_fmt(ev->lua.arena, "runtime/lua/%s", evaluate_files[i]);
		bool ok = luastate_load(&ev->lua, name, true, ev->lua_files[i].text);
		if (ok) {
			lua_pushvalue(L, host);
			ok = luastate_call(&ev->lua, 1, 0);
		}
		if (!ok) {
			add_problem(ev, NULL);
			return 0;
		}
	}
	for (const struct lua_source *s = ev->sources; s; s = s->next)
		if (s->kind == CHUNK_HELPERS)
			run_piece(ev, host, s);
	for (const struct lua_source *s = ev->sources; s; s = s->next)
		if (s->kind != CHUNK_HELPERS)
			run_piece(ev, host, s);
	return 0;
}

void evaluate(const struct doc *doc, const struct program_tables *programs, const struct file *lua_files, int n,
              struct buf *records, struct arena *a)
{
	struct evaluator ev = {
		.programs = programs, .lua_files = lua_files, .nfiles = n,
		.sources = lua_sources(doc, CHUNK_HELPERS | CHUNK_TABLE | CHUNK_CLAIM, true, a),
		.records = records, .piece = buf_new(a, 4096),
	};
	record_field(records, S("evaluation"));
	record_int(records, 1);
	record_int(records, doc->nluas);
	record_end(records);
	luastate_open(&ev.lua, a);
	if (!luastate_enter(&ev.lua, run_all, &ev))
		add_problem(&ev, NULL);
	luastate_close(&ev.lua);
	record_line(records, "end", NULL);
}
