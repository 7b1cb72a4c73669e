/* The restricted Lua state. The struct luastate of a state is found through Lua's extra space, one pointer wide. */
#include "luastate.h"

#include <lua5.4/lauxlib.h>
#include <lua5.4/lua.h>
#include <stdlib.h>
#include <string.h>

#include "../tangle/arena.h"
#include "../tangle/diag.h"
#include "lualibs.h"

enum {
	HOOK_EVERY = 1000,      /* instructions between two looks at the budget */
	BYTES_PER_STEP = 64,    /* memory taken is charged at this rate: a loop that only allocates ends too */
	DEEPEST = 100,          /* frames looked through for an error's place */
};

#define TOO_LONG "it takes too long: more than %d instructions"

struct luastate *luastate_of(lua_State *L)
{
	struct luastate *s;
	memcpy(&s, lua_getextraspace(L), sizeof s);
	return s;
}

Str luastate_str(lua_State *L, int i)
{
	Str s;
	s.at = lua_tolstring(L, i, &s.len);
	return s;
}

/* lua_Alloc. The old size is a type tag when there is no old block. */
static void *allocate(void *context, void *old, size_t old_size, size_t size)
{
	struct luastate *s = context;
	if (!old)
		old_size = 0;
	if (!size) {
		free(old);
		s->used -= old_size;
		return NULL;
	}
	if (size > old_size) {
		size_t more = size - old_size;
		/* What is refused costs too: Lua collects all its garbage before it gives up. */
		s->steps -= (long)((more < LUASTATE_MEMORY ? more : LUASTATE_MEMORY) / BYTES_PER_STEP);
		if (more > LUASTATE_MEMORY - s->used)
			return NULL;
	}
	void *new = realloc(old, size);
	if (new)
		s->used = s->used - old_size + size;
	return new;
}

/* Once the budget is gone every further instruction raises again, so that a loop around pcall() ends as well. */
static void count_hook(lua_State *L, lua_Debug *ar)
{
	(void)ar;
	struct luastate *s = luastate_of(L);
	s->steps -= HOOK_EVERY;
	if (s->steps > 0)
		return;
	lua_sethook(L, count_hook, LUA_MASKCOUNT, 1);
	/* Without a place: luaL_error() would take that of the caller. */
	lua_pushfstring(L, TOO_LONG, LUASTATE_STEPS);
	lua_error(L);
}

void luastate_refill(struct luastate *s)
{
	s->steps = LUASTATE_STEPS;
	lua_sethook(s->L, count_hook, LUA_MASKCOUNT, HOOK_EVERY);
}

void luastate_charge(lua_State *L, long steps)
{
	struct luastate *s = luastate_of(L);
	s->steps -= steps;
	if (s->steps < 0)
		luaL_error(L, TOO_LONG, LUASTATE_STEPS);
}

/* __index of the globals */
static int no_such_global(lua_State *L)
{
	return luaL_error(L, "there is no '%s'", lua_tostring(L, 2));
}

void luastate_strict(lua_State *L)
{
	lua_pushglobaltable(L);
	lua_createtable(L, 0, 2);
	lua_pushcfunction(L, no_such_global);
	lua_setfield(L, -2, "__index");
	lua_pushboolean(L, 0);
	lua_setfield(L, -2, "__metatable");
	lua_setmetatable(L, -2);
	lua_pop(L, 1);
}

/* Chunk names as Lua has them: "=NAME" for a script, "@PATH" for the library. */
static Str script_of(const lua_Debug *ar)
{
	return *ar->source == '=' && ar->currentline > 0 ? str_of(ar->source + 1) : (Str){0};
}

/* Take "NAME:LINE: " off a message's front. */
static bool take_place(Str *message, Str name, int *line)
{
	if (!str_starts(*message, name) || message->len <= name.len || message->at[name.len] != ':')
		return false;
	size_t end = str_find(*message, ':', name.len + 1);
	long number;
	if (end + 1 >= message->len || message->at[end + 1] != ' ' ||
	    !str_int(str_sub(*message, name.len + 1, end), &number))
		return false;
	*line = (int)number;
	*message = str_sub(*message, end + 2, message->len);
	return true;
}

/* Fill in the mistake from the error object at the top of the stack. */
static void set_message(struct luastate *s)
{
	lua_State *L = s->L;
	Str message = S("an error without a message");
	if (lua_type(L, -1) == LUA_TSTRING)
		message = luastate_str(L, -1);
	else if (lua_type(L, -1) == LUA_TNUMBER)
		message = str_fmt(s->arena, LUA_NUMBER_FMT, (double)lua_tonumber(L, -1));
	s->mistake.message = str_copy(s->arena, message);
}

/* Message handler: while the stack still stands, note the place. */
static int note_place(lua_State *L)
{
	struct luastate *s = luastate_of(L);
	s->mistake = (struct lua_mistake){0};
	set_message(s);
	lua_Debug ar;
	for (int level = 0; level < DEEPEST && lua_getstack(L, level, &ar); level++) {
		lua_getinfo(L, "Sl", &ar);
		Str script = script_of(&ar);
		if (!script.len)
			continue;
		/* The prefix may name a caller: error(message, 2). Then that line is the one meant. */
		int line = ar.currentline;
		bool meant = take_place(&s->mistake.message, str_of(ar.short_src), &line);
		if (!s->mistake.script.len || meant) {
			s->mistake.script = str_copy(s->arena, script);
			s->mistake.line = line;
		}
	}
	return 1;
}

bool luastate_call(struct luastate *s, int nargs, int nresults)
{
	lua_State *L = s->L;
	int handler = lua_gettop(L) - nargs;
	lua_pushcfunction(L, note_place);
	lua_insert(L, handler);
	int status = lua_pcall(L, nargs, nresults, handler);
	lua_remove(L, handler);
	if (status == LUA_OK)
		return true;
	/* Out of memory, and errors in the handler, come without it. */
	if (status != LUA_ERRRUN) {
		s->mistake = (struct lua_mistake){0};
		set_message(s);
	}
	if (status == LUA_ERRMEM)
		s->mistake.message = str_fmt(s->arena, "it takes more than %d MB of memory", LUASTATE_MEMORY >> 20);
	lua_pop(L, 1);
	return false;
}

bool luastate_load(struct luastate *s, Str name, bool library, Str text)
{
	lua_State *L = s->L;
	Str chunk = str_fmt(s->arena, "%c%.*s", library ? '@' : '=', STR_ARG(name));
	int status = luaL_loadbufferx(L, text.at ? text.at : "", text.len, chunk.at, "t");
	if (status == LUA_OK)
		return true;
	s->mistake = (struct lua_mistake){0};
	set_message(s);
	if (status == LUA_ERRMEM)
		s->mistake.message = S("it takes too much memory");
	/* Lua cuts long names in its messages. */
	Str shown = str_sub(name, 0, LUA_IDSIZE - 1);
	if (!library && take_place(&s->mistake.message, shown, &s->mistake.line))
		s->mistake.script = name;
	lua_pop(L, 1);
	return false;
}

bool luastate_enter(struct luastate *s, lua_CFunction body, void *context)
{
	luastate_refill(s);
	/* A light function and a light userdata take no memory, so nothing here can raise. */
	lua_pushcfunction(s->L, body);
	lua_pushlightuserdata(s->L, context);
	return luastate_call(s, 1, 0);
}

void luastate_open(struct luastate *s, struct arena *a)
{
	*s = (struct luastate){.arena = a};
	s->L = lua_newstate(allocate, s);
	if (!s->L)
		fatal("open a Lua state: out of memory");
	memcpy(lua_getextraspace(s->L), &s, sizeof s);
	lua_pushcfunction(s->L, lualibs_open);
	if (lua_pcall(s->L, 0, 0, 0) != LUA_OK)
		fatal("open Lua's libraries: out of memory");
}

void luastate_close(struct luastate *s)
{
	lua_close(s->L);
	s->L = NULL;
}
