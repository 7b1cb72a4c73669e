/* The libraries of a restricted Lua state (luastate.h).
 *
 * It has base, string, table, math and utf8, less what could load code, print, break an invariant or differ from run to
 * run: dofile, load, loadfile, print, warn, collectgarbage, next, rawset, string.dump, math.random, math.randomseed; and
 * xpcall, whose handler runs uncounted when the count itself raised the error. What differs otherwise:
 *
 *   pairs           goes in order: numbers, strings, false, true; any other kind of key is an error. __pairs is honoured
 *   table.sort      is stable, and the same for equal elements
 *   tostring, %s    give no address: a table without __tostring is "table", and an error in string.format; so is %p
 *   setmetatable    refuses __gc and __close, whose functions no instruction count would stop */
#ifndef WEFT_LUALIBS_H
#define WEFT_LUALIBS_H

struct lua_State;

/* A function for Lua: opens them in L, which belongs to a struct luastate. Raises when memory is out. */
int lualibs_open(struct lua_State *L);

#endif
