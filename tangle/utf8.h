/* UTF-8: checked once where bytes come in. */
#ifndef WEFT_UTF8_H
#define WEFT_UTF8_H

#include "str.h"

/* No overlong forms, no surrogates, nothing above U+10FFFF. */
bool utf8_is_valid(Str s);
/* Offset of the first byte that is not part of valid UTF-8, or s.len. */
size_t utf8_first_invalid(Str s);
/* Decode the character at s.at[*i] and step over it; U+FFFD and one byte for an invalid one. */
uint32_t utf8_next(Str s, size_t *i);

#endif
