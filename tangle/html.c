/* Text into HTML. Whatever a character is, it comes out as something that a reader can see and
 * that neither the browser's parser nor its line layout can be driven by. */
#include "html.h"

#include <string.h>
#include <strings.h>

#include "arena.h"
#include "utf8.h"

static bool is_in(uint32_t c, uint32_t first, uint32_t last)
{
	return c >= first && c <= last;
}

/* Characters that order, join, hide or tag others, and C1 controls: shown by their number. */
static bool is_format(uint32_t c)
{
	return is_in(c, 0x80, 0x9f) || c == 0xad || c == 0x61c || c == 0x180e ||
	       is_in(c, 0x200b, 0x200f) || is_in(c, 0x2028, 0x202e) || is_in(c, 0x2060, 0x206f) ||
	       c == 0xfeff || is_in(c, 0xfff9, 0xfffb) || is_in(c, 0xe0000, 0xe007f);
}

/* Zero-width joiners and the soft hyphen, which scripts and languages need. */
static bool is_of_language(uint32_t c)
{
	return c == 0x200c || c == 0x200d || c == 0xad;
}

/* The control character's picture: U+2400 + c, U+2421 for DEL. */
static void add_picture(struct buf *out, unsigned char c)
{
	buf_z(out, "\xe2\x90");
	buf_char(out, (char)(c == 0x7f ? 0xa1 : 0x80 + c));
}

/* One ASCII character. */
static void escape_ascii(struct buf *out, unsigned char c)
{
	switch (c) {
	case '&':  buf_z(out, "&amp;");  break;
	case '<':  buf_z(out, "&lt;");   break;
	case '>':  buf_z(out, "&gt;");   break;
	case '"':  buf_z(out, "&quot;"); break;
	case '\'': buf_z(out, "&#39;");  break;
	default:
		if (c == 0x7f || (c < 0x20 && c != '\t' && c != '\n'))
			add_picture(out, c);
		else
			buf_char(out, (char)c);
	}
}

static void escape(struct buf *out, Str text, bool prose)
{
	for (size_t i = 0; i < text.len; ) {
		if ((unsigned char)text.at[i] < 0x80) {
			escape_ascii(out, (unsigned char)text.at[i++]);
			continue;
		}
		size_t from = i;
		uint32_t c = utf8_next(text, &i);
		if (c == 0xfffd)
			buf_z(out, "\xef\xbf\xbd");
		else if (is_format(c) && !(prose && is_of_language(c)))
			buf_fmt(out, "‹U+%04X›", (unsigned)c);
		else
			buf_add(out, str_sub(text, from, i));
	}
}

void html_text(struct buf *out, Str text)
{
	escape(out, text, false);
}

void html_prose(struct buf *out, Str text)
{
	escape(out, text, true);
}

/* The byte after the string that begins at `i`: it ends at BEL or ST. A newline ends it too, so that
 * an unfinished one hides no more than its line. */
static size_t string_end(Str s, size_t i)
{
	for (; i < s.len; i++) {
		if (s.at[i] == '\n')
			return i;
		if (s.at[i] == '\a')
			return i + 1;
		if (s.at[i] == '\x1b' && i + 1 < s.len && s.at[i + 1] == '\\')
			return i + 2;
		if (s.at[i] == '\xc2' && i + 1 < s.len && s.at[i + 1] == '\x9c')
			return i + 2;
	}
	return i;
}

/* The byte after a control sequence's parameters (0x30-0x3f), intermediates (0x20-0x2f) and final byte. */
static size_t sequence_end(Str s, size_t i)
{
	while (i < s.len && s.at[i] >= 0x20 && s.at[i] <= 0x3f)
		i++;
	return i < s.len && s.at[i] >= 0x40 && s.at[i] <= 0x7e ? i + 1 : i;
}

/* The byte after the escape sequence that begins at `i`, or `i` where none does. C1 controls count in
 * their two-byte UTF-8 form; the 7-bit form ESC X means the same as the byte X + 0x40. */
static size_t escape_end(Str s, size_t i)
{
	if (i + 1 >= s.len)
		return i < s.len && s.at[i] == '\x1b' ? i + 1 : i;
	unsigned char next = (unsigned char)s.at[i + 1];
	if (s.at[i] == '\xc2' && next >= 0x80 && next <= 0x9f)
		next -= 0x40;
	else if (s.at[i] != '\x1b')
		return i;
	else if (next < 0x20 || next > 0x7e)
		return i + 1;
	if (next == '[')
		return sequence_end(s, i + 2);
	if (strchr("]PX^_", next))
		return string_end(s, i + 2);
	if (next > 0x2f)
		return i + 2;
	for (i++; i < s.len && s.at[i] >= 0x20 && s.at[i] <= 0x2f; )
		i++;
	return i < s.len && s.at[i] >= 0x30 && s.at[i] <= 0x7e ? i + 1 : i;
}

void html_output(struct buf *out, Str text)
{
	size_t from = 0;
	for (size_t i = 0; i < text.len; ) {
		size_t end = escape_end(text, i);
		if (end == i) {
			i++;
			continue;
		}
		html_text(out, str_sub(text, from, i));
		i = from = end;
	}
	html_text(out, str_sub(text, from, text.len));
}

static bool is_alnum(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* Browsers drop some control characters before they look for a scheme, so none may stand anywhere. */
static bool is_url_allowed(Str url)
{
	static const char *const schemes[] = {"http", "https", "mailto"};
	size_t n = 0;
	for (size_t i = 0; i < url.len; i++)
		if ((unsigned char)url.at[i] < 0x20 || url.at[i] == 0x7f)
			return false;
	while (n < url.len && !strchr(":/?#", url.at[n]))
		n++;
	if (n == url.len || url.at[n] != ':')
		return true;
	for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++)
		if (n == strlen(schemes[i]) && !strncasecmp(url.at, schemes[i], n))
			return true;
	return false;
}

Str html_url(struct arena *a, Str url)
{
	if (!is_url_allowed(url))
		return (Str){0};
	struct buf out = buf_new(a, url.len);
	for (size_t i = 0; i < url.len; i++) {
		char c = url.at[i];
		if (c == '&')
			buf_z(&out, "&amp;");
		else if (c == '\'')
			buf_z(&out, "&#39;");
		else if (is_alnum(c) || (c && strchr("-_.+!*(),%#@?=;:/$~", c)))
			buf_char(&out, c);
		else
			buf_fmt(&out, "%%%02X", (unsigned char)c);
	}
	return buf_str(&out);
}

Str html_slug(struct arena *a, Str text)
{
	struct buf out = buf_new(a, text.len);
	for (size_t i = 0; i < text.len; ) {
		size_t from = i;
		uint32_t c = utf8_next(text, &i);
		if (c < 0x80 && is_alnum((char)c))
			buf_char(&out, (char)(c >= 'A' && c <= 'Z' ? c + 'a' - 'A' : c));
		else if (c >= 0xc0 && !is_format(c) && !is_in(c, 0x2000, 0x2bff) &&
		         !is_in(c, 0x3000, 0x303f) && c != 0xfffd && c != 0xd7 && c != 0xf7)
			buf_add(&out, str_sub(text, from, i));
		else if (out.len && out.at[out.len - 1] != '-')
			buf_char(&out, '-');
	}
	Str slug = buf_str(&out);
	while (slug.len && slug.at[slug.len - 1] == '-')
		slug.len--;
	return slug.len ? slug : S("section");
}
