/* A Lua 5.4 state that cannot reach the world and answers the same every time.
 *
 * Its libraries are those of lualibs.h. Memory is capped, instructions are counted, and memory taken counts as instructions.
 * What remains is time inside one C function (a pattern that backtracks): run a state in a child with a CPU limit. The
 * process must be in the locale "C". */
#ifndef WEFT_LUASTATE_H
#define WEFT_LUASTATE_H

#include "../tangle/str.h"

struct lua_State;

enum {
	LUASTATE_MEMORY = 64 << 20,     /* bytes */
	LUASTATE_STEPS = 100000000,     /* instructions from one luastate_refill() to the next: about a second */
};

/* Why a script failed, and where: the innermost line that belongs to a script, not to the library. */
struct lua_mistake {
	Str script;             /* name given to luastate_load(); empty when no script was running (out of memory) */
	int line;               /* 1-based, or 0 */
	Str message;            /* one that needs no place before it */
};

struct luastate {
	struct lua_State *L;
	struct arena *arena;            /* for `mistake` */
	size_t used;                    /* bytes */
	long steps;                     /* left */
	struct lua_mistake mistake;     /* of the last call that returned false */
};

/* Open a state. `s` must not move while it is open: L points to it. Close it before the arena ends. */
void luastate_open(struct luastate *s, struct arena *a);
void luastate_close(struct luastate *s);

/* Call body(L) with `context` as its only argument, a light userdata. The way in: everything else that touches L
 * happens inside, because almost any function of Lua's may raise. */
bool luastate_enter(struct luastate *s, int (*body)(struct lua_State *), void *context);
/* The state that L belongs to. */
struct luastate *luastate_of(struct lua_State *L);
/* Compile `text` (never bytecode) and push the function. `name` tells scripts apart in mistakes; with `library`, it is a
 * path, and errors raised there are put at the script's line that called. Pushes nothing when it returns false. */
bool luastate_load(struct luastate *s, Str name, bool library, Str text);
/* As lua_pcall(): pops the function and its arguments, pushes the results, or nothing when it returns false. */
bool luastate_call(struct luastate *s, int nargs, int nresults);
/* Give the next script its own LUASTATE_STEPS. */
void luastate_refill(struct luastate *s);
/* Count `steps` more, for work that a C function does. Raises when the budget is gone. */
void luastate_charge(struct lua_State *L, long steps);
/* From now on, reading a global that nobody has set is an error. */
void luastate_strict(struct lua_State *L);

/* The string at index i of the stack, which must be one; a view, valid while Lua holds the string. */
Str luastate_str(struct lua_State *L, int i);

#endif
