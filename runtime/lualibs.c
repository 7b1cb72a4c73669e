/* Lua's libraries, less what has no place in an essay, and with replacements for what differs from run to run. */
#include "lualibs.h"

#include <lua5.4/lauxlib.h>
#include <lua5.4/lua.h>
#include <lua5.4/lualib.h>
#include <string.h>

#include "luastate.h"

/* What a C function's work is charged at, in instructions. */
enum { STEPS_PER_ELEMENT = 10, STEPS_PER_BYTE = 10 };

/* ---- sorting ---- */

typedef bool Less(lua_State *L, int list, int i, int j);

/* The order that sorts elements 1..n (below 2^23) of the list at stack index `list`: a stable merge sort of
 * their positions. Returns n positions; they lie in a userdata that is left on the stack. */
static int *sorted(lua_State *L, int list, int n, Less *less)
{
	luastate_charge(L, STEPS_PER_ELEMENT * (long)n);
	luaL_checkstack(L, 8, "sort");
	int *order = lua_newuserdatauv(L, 2 * sizeof(int) * (size_t)n + 1, 0), *other = order + n;
	for (int i = 0; i < n; i++)
		order[i] = i + 1;
	for (int width = 1; width < n; width *= 2) {
		for (int from = 0; from < n; from += 2 * width) {
			int middle = from + width < n ? from + width : n;
			int to = middle + width < n ? middle + width : n;
			int left = from, right = middle;
			for (int k = from; k < to; k++) {
				bool take_right = left == middle ||
				                  (right < to && less(L, list, order[right], order[left]));
				other[k] = take_right ? order[right++] : order[left++];
			}
		}
		int *swap = order;
		order = other;
		other = swap;
	}
	return order;
}

/* Numbers, strings, false, true. */
static int rank(lua_State *L, int i)
{
	switch (lua_type(L, i)) {
	case LUA_TNUMBER:
		return 0;
	case LUA_TSTRING:
		return 1;
	case LUA_TBOOLEAN:
		return lua_toboolean(L, i) ? 3 : 2;
	default:
		return luaL_error(L, "pairs: only numbers, strings and booleans have an order as keys");
	}
}

static bool key_less(lua_State *L, int list, int i, int j)
{
	lua_rawgeti(L, list, i);
	lua_rawgeti(L, list, j);
	int left = rank(L, -2), right = rank(L, -1);
	bool less = left < right || (left == right && left < 2 && lua_compare(L, -2, -1, LUA_OPLT));
	lua_pop(L, 2);
	return less;
}

/* The step of pairs(). Upvalues: keys in order, how many were given. An entry that was removed meanwhile is passed over. */
static int next_pair(lua_State *L)
{
	lua_Integer i = lua_tointeger(L, lua_upvalueindex(2));
	lua_settop(L, 1);
	for (;;) {
		i++;
		if (lua_rawgeti(L, lua_upvalueindex(1), i) == LUA_TNIL)
			return 1;
		lua_pushvalue(L, -1);
		if (lua_rawget(L, 1) != LUA_TNIL)
			break;
		lua_pop(L, 2);
	}
	lua_pushinteger(L, i);
	lua_replace(L, lua_upvalueindex(2));
	return 2;
}

/* pairs(t) -> step, t, nil   in order of keys */
static int sorted_pairs(lua_State *L)
{
	luaL_checkany(L, 1);
	lua_settop(L, 1);
	if (luaL_getmetafield(L, 1, "__pairs") != LUA_TNIL) {
		lua_pushvalue(L, 1);
		lua_call(L, 1, 3);
		return 3;
	}
	luaL_checktype(L, 1, LUA_TTABLE);
	lua_newtable(L);
	int n = 0;
	for (lua_pushnil(L); lua_next(L, 1); ) {
		lua_pop(L, 1);
		lua_pushvalue(L, -1);
		lua_rawseti(L, 2, ++n);
	}
	bool in_order = true;
	for (int i = 1; in_order && i < n; i++)
		in_order = !key_less(L, 2, i + 1, i);
	if (in_order) {
		luastate_charge(L, STEPS_PER_ELEMENT * (long)n);
		lua_pushvalue(L, 2);
	} else {
		const int *order = sorted(L, 2, n, key_less);
		lua_createtable(L, n, 0);
		for (int i = 0; i < n; i++) {
			lua_rawgeti(L, 2, order[i]);
			lua_rawseti(L, -2, i + 1);
		}
	}
	lua_pushinteger(L, 0);
	lua_pushcclosure(L, next_pair, 2);
	lua_pushvalue(L, 1);
	lua_pushnil(L);
	return 3;
}

/* For table.sort(t [, less]), whose second argument is at stack index 2. */
static bool element_less(lua_State *L, int list, int i, int j)
{
	if (lua_isnil(L, 2)) {
		lua_rawgeti(L, list, i);
		lua_rawgeti(L, list, j);
		bool less = lua_compare(L, -2, -1, LUA_OPLT);
		lua_pop(L, 2);
		return less;
	}
	lua_pushvalue(L, 2);
	lua_rawgeti(L, list, i);
	lua_rawgeti(L, list, j);
	lua_call(L, 2, 1);
	bool less = lua_toboolean(L, -1);
	lua_pop(L, 1);
	return less;
}

/* table.sort(t [, less])   stable */
static int stable_sort(lua_State *L)
{
	enum { MOST = 1 << 22 };
	luaL_checktype(L, 1, LUA_TTABLE);
	if (!lua_isnoneornil(L, 2))
		luaL_checktype(L, 2, LUA_TFUNCTION);
	lua_settop(L, 2);
	lua_Integer n = luaL_len(L, 1);
	luaL_argcheck(L, n <= MOST, 1, "too many elements");
	if (n < 2)
		return 0;
	lua_createtable(L, (int)n, 0);
	for (int i = 1; i <= n; i++) {
		lua_geti(L, 1, i);
		lua_rawseti(L, 3, i);
	}
	const int *order = sorted(L, 3, (int)n, element_less);
	for (int i = 0; i < n; i++) {
		lua_rawgeti(L, 3, order[i]);
		lua_seti(L, 1, i + 1);
	}
	return 0;
}

/* ---- the rest of what is different ---- */

/* Can luaL_tolstring() say something about this value that is no address? */
static bool has_text(lua_State *L, int i)
{
	switch (lua_type(L, i)) {
	case LUA_TNIL:
	case LUA_TBOOLEAN:
	case LUA_TNUMBER:
	case LUA_TSTRING:
		return true;
	default:
		if (luaL_getmetafield(L, i, "__tostring") == LUA_TNIL)
			return false;
		lua_pop(L, 1);
		return true;
	}
}

/* tostring(x) -> string   without addresses */
static int plain_tostring(lua_State *L)
{
	luaL_checkany(L, 1);
	if (has_text(L, 1))
		luaL_tolstring(L, 1, NULL);
	else
		lua_pushstring(L, luaL_typename(L, 1));
	return 1;
}

/* Has the format a %p? */
static bool formats_address(Str format)
{
	for (size_t i = str_find(format, '%', 0); i < format.len; i = str_find(format, '%', i + 1)) {
		i++;
		while (i < format.len && strchr("-+ #0123456789.", format.at[i]) && format.at[i])
			i++;
		if (i < format.len && format.at[i] == 'p')
			return true;
	}
	return false;
}

/* Go on as Lua's own function, which is the upvalue: in the same frame, so that its errors name it rightly. */
static int call_own(lua_State *L)
{
	return lua_tocfunction(L, lua_upvalueindex(1))(L);
}

/* string.find, gsub and so on: as Lua's own, but the text they go through is counted. */
static int counted(lua_State *L)
{
	luastate_charge(L, lua_isstring(L, 1) ? STEPS_PER_BYTE * (long)luastate_str(L, 1).len : 0);
	return call_own(L);
}

/* string.format(format, ...) -> string */
static int plain_format(lua_State *L)
{
	luaL_checkstring(L, 1);
	if (formats_address(luastate_str(L, 1)))
		return luaL_error(L, "'%%p' prints an address, which differs from run to run");
	int n = lua_gettop(L);
	for (int i = 2; i <= n; i++)
		if (!has_text(L, i))
			return luaL_error(L, "a %s cannot be printed (argument %d of format)", luaL_typename(L, i), i);
	return call_own(L);
}

/* setmetatable(t, metatable) -> t */
static int safe_setmetatable(lua_State *L)
{
	static const char *const refused[] = {"__gc", "__close"};
	for (int i = 0; i < 2 && lua_istable(L, 2); i++) {
		lua_pushstring(L, refused[i]);
		if (lua_rawget(L, 2) != LUA_TNIL)
			return luaL_error(L, "a metatable may not have %s", refused[i]);
		lua_pop(L, 1);
	}
	return call_own(L);
}

/* Replace t.name, t at the top of the stack, by `f` with the old value as upvalue. */
static void wrap(lua_State *L, const char *name, lua_CFunction f)
{
	lua_getfield(L, -1, name);
	lua_pushcclosure(L, f, 1);
	lua_setfield(L, -2, name);
}

static void replace(lua_State *L, const char *name, lua_CFunction f)
{
	lua_pushcfunction(L, f);
	lua_setfield(L, -2, name);
}

static void forbid(lua_State *L, const char *const *name)
{
	for (; *name; name++) {
		lua_pushnil(L);
		lua_setfield(L, -2, *name);
	}
}

int lualibs_open(lua_State *L)
{
	static const luaL_Reg libraries[] = {
		{"_G", luaopen_base}, {"string", luaopen_string}, {"table", luaopen_table},
		{"math", luaopen_math}, {"utf8", luaopen_utf8}, {NULL, NULL},
	};
	static const char *const no_base[] = {
		"collectgarbage", "dofile", "load", "loadfile", "next", "print", "rawset", "warn", "xpcall", NULL,
	};
	static const char *const no_math[] = {"random", "randomseed", NULL};
	static const char *const no_string[] = {"dump", NULL};
	static const char *const counted_string[] = {"find", "gmatch", "gsub", "lower", "match", "reverse", "upper", NULL};
	for (const luaL_Reg *l = libraries; l->func; l++) {
		luaL_requiref(L, l->name, l->func, 1);
		lua_pop(L, 1);
	}
	lua_pushglobaltable(L);
	forbid(L, no_base);
	replace(L, "pairs", sorted_pairs);
	replace(L, "tostring", plain_tostring);
	wrap(L, "setmetatable", safe_setmetatable);
	lua_getfield(L, -1, "math");
	forbid(L, no_math);
	lua_getfield(L, -2, "table");
	replace(L, "sort", stable_sort);
	lua_getfield(L, -3, "string");
	forbid(L, no_string);
	wrap(L, "format", plain_format);
	for (const char *const *name = counted_string; *name; name++)
		wrap(L, *name, counted);
	/* Strings share one metatable, which nobody may change. */
	lua_pushliteral(L, "");
	lua_getmetatable(L, -1);
	lua_pushboolean(L, 0);
	lua_setfield(L, -2, "__metatable");
	return 0;
}
