/* What becomes of text on its way into a page. */
#include "test.h"

#include "../../tangle/arena.h"
#include "../../tangle/html.h"

static struct arena whole;

static Str with(void (*print)(struct buf *, Str), Str text)
{
	struct buf out = buf_new(&whole, text.len);
	print(&out, text);
	return buf_str(&out);
}

TEST(markup_is_escaped)
{
	EXPECT_STR(with(html_text, S("<a href=\"x\" id='y'>&amp;")),
	           "&lt;a href=&quot;x&quot; id=&#39;y&#39;&gt;&amp;amp;");
}

TEST(controls_become_pictures)
{
	EXPECT_STR(with(html_text, S("a\tb\nc\r\0\x7f\x1b")), "a\tb\nc␍␀␡␛");
}

TEST(c1_controls_are_shown_by_number)
{
	EXPECT_STR(with(html_text, S("\xc2\x9b")), "‹U+009B›");
}

TEST(invalid_utf8_is_replaced)
{
	EXPECT_STR(with(html_text, S("a\xff\xc3(\xed\xa0\x80")), "a\xef\xbf\xbd\xef\xbf\xbd(\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
}

TEST(format_characters_are_visible)
{
	EXPECT_STR(with(html_text, S("a\u202eb\u200bc\ufeff\u2066\U000e0041")),
	           "a‹U+202E›b‹U+200B›c‹U+FEFF›‹U+2066›‹U+E0041›");
}

TEST(prose_keeps_joiners_and_soft_hyphens)
{
	EXPECT_STR(with(html_prose, S("می\u200cخواهم so\u00adft")), "می\u200cخواهم so\u00adft");
	EXPECT_STR(with(html_text, S("\u200c\u00ad")), "‹U+200C›‹U+00AD›");
	EXPECT_STR(with(html_prose, S("\u202e")), "‹U+202E›");
}

TEST(escape_sequences_leave_output)
{
	EXPECT_STR(with(html_output, S("\033[1;31mred\033[0m \033[2Jx\033(B")), "red x");
	EXPECT_STR(with(html_output, S("\xc2\x9b""31mred")), "red");
}

TEST(titles_and_links_of_terminals_leave_output)
{
	EXPECT_STR(with(html_output, S("\033]0;title\aa\033]8;;http://x\033\\b\033]8;;\033\\c")), "abc");
	EXPECT_STR(with(html_output, S("\033Pq#0\033\\d\033_x\033\\e")), "de");
}

TEST(unfinished_sequence_hides_no_more_than_its_line)
{
	EXPECT_STR(with(html_output, S("a\033]0;title\nb")), "a\nb");
	EXPECT_STR(with(html_output, S("a\033")), "a");
	EXPECT_STR(with(html_output, S("a\033[12")), "a");
	EXPECT_STR(with(html_output, S("a\033\nb")), "a\nb");
}

TEST(known_schemes_and_relative_urls_pass)
{
	EXPECT_STR(html_url(&whole, S("https://example.org/a?b=c&d=e#f")), "https://example.org/a?b=c&amp;d=e#f");
	EXPECT_STR(html_url(&whole, S("MAILTO:me@example.org")), "MAILTO:me@example.org");
	EXPECT_STR(html_url(&whole, S("other.html#claim-x")), "other.html#claim-x");
	EXPECT_STR(html_url(&whole, S("a/b:c")), "a/b:c");
}

TEST(other_schemes_are_refused)
{
	static const char *const bad[] = {
		"javascript:alert(1)", "JavaScript:alert(1)", "java\tscript:alert(1)", "java\nscript:alert(1)",
		" javascript:alert(1)", "\x01javascript:alert(1)", "data:text/html,x", "file:///etc/passwd",
		"vbscript:x", "ftp://x", "a b:c",
	};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		EXPECT_STR(html_url(&whole, str_of(bad[i])), "");
}

TEST(urls_are_escaped)
{
	EXPECT_STR(html_url(&whole, S("a\"b'c<d>é \\")), "a%22b&#39;c%3Cd%3E%C3%A9%20%5C");
}

TEST(slugs_are_lower_case_words)
{
	EXPECT_STR(html_slug(&whole, S("The Obvious  loop!")), "the-obvious-loop");
	EXPECT_STR(html_slug(&whole, S("  d² < M – Größe")), "d-m-größe");
	EXPECT_STR(html_slug(&whole, S("«»!?")), "section");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(markup_is_escaped),
		CASE(controls_become_pictures),
		CASE(c1_controls_are_shown_by_number),
		CASE(invalid_utf8_is_replaced),
		CASE(format_characters_are_visible),
		CASE(prose_keeps_joiners_and_soft_hyphens),
		CASE(escape_sequences_leave_output),
		CASE(titles_and_links_of_terminals_leave_output),
		CASE(unfinished_sequence_hides_no_more_than_its_line),
		CASE(known_schemes_and_relative_urls_pass),
		CASE(other_schemes_are_refused),
		CASE(urls_are_escaped),
		CASE(slugs_are_lower_case_words),
	};
	whole = arena_map(1 << 24);
	return RUN(tests);
}
