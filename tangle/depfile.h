/* Depfiles: the list of inputs a compiler says it read, in make's form. */
#ifndef WEFT_DEPFILE_H
#define WEFT_DEPFILE_H

#include "str.h"

/* Call `found` for each prerequisite of every rule in the text, as often as it stands there; the name is
 * unescaped (backslash-space, backslash-hash, dollar-dollar) and valid during the call only. Line continuations are
 * followed. Never fails: what is not a rule yields nothing. */
void depfile_each(Str text, void (*found)(void *ctx, Str path), void *ctx);

/* Names in the #include "…" lines of C text, in order, as written. Comments and conditions are not
 * looked at: a name too many costs a check, a name too few would cost the truth. */
void include_each(Str text, void (*found)(void *ctx, Str name), void *ctx);

#endif
