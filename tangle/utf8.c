/* UTF-8. */
#include "utf8.h"

/* Length of the valid character at i and its code point, or 0. */
static int decode(Str s, size_t i, uint32_t *code)
{
	unsigned char c = (unsigned char)s.at[i];
	int n = c < 0x80 ? 1 : c >= 0xc2 && c < 0xe0 ? 2 : c >= 0xe0 && c < 0xf0 ? 3 : c >= 0xf0 && c < 0xf5 ? 4 : 0;
	if (!n || s.len - i < (size_t)n)
		return 0;
	uint32_t u = n == 1 ? c : c & (0x7fu >> n);
	for (int k = 1; k < n; k++) {
		unsigned char d = (unsigned char)s.at[i + (size_t)k];
		if ((d & 0xc0) != 0x80)
			return 0;
		u = u << 6 | (d & 0x3f);
	}
	if ((n == 3 && (u < 0x800 || (u >= 0xd800 && u < 0xe000))) || (n == 4 && (u < 0x10000 || u > 0x10ffff)))
		return 0;
	*code = u;
	return n;
}

size_t utf8_first_invalid(Str s)
{
	for (size_t i = 0; i < s.len; ) {
		uint32_t code;
		int n = (unsigned char)s.at[i] < 0x80 ? 1 : decode(s, i, &code);
		if (!n)
			return i;
		i += (size_t)n;
	}
	return s.len;
}

bool utf8_is_valid(Str s)
{
	return utf8_first_invalid(s) == s.len;
}

uint32_t utf8_next(Str s, size_t *i)
{
	uint32_t code = 0xfffd;
	int n = decode(s, *i, &code);
	*i += n ? (size_t)n : 1;
	return n ? code : 0xfffd;
}
