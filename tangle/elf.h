/* What a compiled program asks of libm.
 *
 * A program whose results are to be the same on every machine may use from
 * libm only what IEEE 754 fixes to the last bit, as sqrt and fma: for the rest
 * (exp, sin, pow) glibc picks one of several versions by the processor at hand,
 * and they differ. So the functions a program imports are read from its file.
 *
 * Dynamic symbols are enough, for programs link libm dynamically. A statically
 * linked program imports nothing at all, and nothing can be said about it: who
 * asks should treat "no symbol found" as "not known". */
#ifndef WEFT_ELF_H
#define WEFT_ELF_H

#include "str.h"

/* Call `found` for each undefined dynamic symbol, in the order of the file.
 *
 *   elf      an executable or shared object, whole; any bytes are safe
 *   found    its `version`, as GLIBC_2.29, is empty for a symbol without one;
 *            both views are into `elf`
 *   ctx      handed to `found`
 *
 * Returns false, without reporting, if `elf` is no well-formed 64-bit
 * little-endian executable or shared object with section headers; what was
 * found by then does not count. Linear in the size of the file. */
bool elf_undefined(Str elf, void (*found)(void *ctx, Str name, Str version), void *ctx);

/* Whether a call of `name` gives the same bits with every glibc on every
 * processor, as far as libm is concerned: true for what IEEE 754 fixes and for
 * what is not a function of libm. All of C23's names are known, for float,
 * double, long double and the _FloatN types, and the vector versions. */
bool libm_is_exact(Str name);

/* The function of weft.h that stands in for `name`, or NULL. */
const char *libm_substitute(Str name);

#endif
