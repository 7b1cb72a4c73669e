/* Is what is not weft's syntax what cmark-gfm makes of it? For spec.lua.
 *
 *   markxml compare <DOCUMENTS    parse each by mark_parse() and by cmark-gfm alone; print and count what differs
 *   markxml plain <DOCUMENTS      the second half only: each document's XML, behind it a byte 0x1e
 *
 * A document is a letter, its text and a byte 0x1e. The letter is what its author says of it: 'p', nothing in it is weft's
 * syntax, so the trees must be equal, no node may be ours and no mistake reported; or 'm', something may be, so only a
 * tree without nodes of ours and without mistakes must be equal. What differs is printed with both trees: where the
 * trees do, the smallest form of the document found; where syntax of ours is seen in a 'p', which bytes of it are to blame is
 * not ours to say, and it is printed as it is.
 *
 * Ends with a line "documents equal different ours", in numbers. */
#include "../../tangle/mark.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmark-gfm.h>
#include <cmark-gfm-core-extensions.h>
#include <cmark-gfm-extension_api.h>

#include "../../tangle/arena.h"

enum { OPTIONS = CMARK_OPT_DEFAULT | CMARK_OPT_FOOTNOTES, SHOWN_MOST = 20 };

enum verdict { EQUAL, DIFFERENT, OURS };

/* The XML cmark-gfm prints; to be freed. */
static char *plain_xml(Str text)
{
	static const char *const names[] = {"table", "strikethrough", "autolink", "tasklist"};
	cmark_parser *parser = cmark_parser_new(OPTIONS);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		cmark_parser_attach_syntax_extension(parser, cmark_find_syntax_extension(names[i]));
	cmark_parser_feed(parser, text.at, text.len);
	cmark_node *root = cmark_parser_finish(parser);
	char *xml = cmark_render_xml(root, OPTIONS);
	cmark_node_free(root);
	cmark_parser_free(parser);
	return xml;
}

static bool has_ours(cmark_node *root)
{
	bool found = false;
	cmark_iter *it = cmark_iter_new(root);
	for (cmark_event_type ev; (ev = cmark_iter_next(it)) != CMARK_EVENT_DONE; ) {
		const char *name = cmark_node_get_type_string(cmark_iter_get_node(it));
		found = found || !strcmp(name, "math") || !strcmp(name, "cite") || !strcmp(name, "xref");
	}
	cmark_iter_free(it);
	return found;
}

/* The XML of mark_parse()'s tree, to be freed; *ours: it has nodes of ours, or mistakes were found. */
static char *mark_xml(Str text, bool *ours, struct arena scratch)
{
	struct file file = {S("document"), text};
	struct cmark_parser *parser;
	struct origin origin;
	int before = diag_silenced;
	diag_silent = true;
	cmark_node *root = mark_parse(&file, text, OPTIONS, &parser, &origin, &scratch);
	diag_silent = false;
	*ours = diag_silenced > before || has_ours(root);
	char *xml = cmark_render_xml(root, OPTIONS);
	mark_free(root, parser);
	return xml;
}

static enum verdict judge(Str text, bool pure, struct arena scratch)
{
	bool ours;
	char *mark = mark_xml(text, &ours, scratch), *plain = plain_xml(text);
	bool same = !strcmp(mark, plain);
	free(mark);
	free(plain);
	if (ours)
		return pure ? DIFFERENT : OURS;
	return same ? EQUAL : DIFFERENT;
}

/* Leave out what can go: halves, quarters, down to single bytes, while the rest still differs. */
static Str shrink(Str text, struct arena *a)
{
	char *at = str_z(a, text);
	size_t len = text.len;
	for (size_t part = len / 2 + 1; part; part /= 2)
		for (size_t i = 0; i + part <= len; ) {
			struct arena scratch = *a;
			struct buf shorter = buf_new(&scratch, len);
			buf_add(&shorter, (Str){at, i});
			buf_add(&shorter, (Str){at + i + part, len - i - part});
			if (judge(buf_str(&shorter), false, scratch) == DIFFERENT) {
				memmove(at + i, at + i + part, len - i - part);
				len -= part;
			} else {
				i++;
			}
		}
	return (Str){at, len};
}

static void show(Str text, struct arena scratch)
{
	bool ours = judge(text, false, scratch) == OURS;
	Str small = ours ? text : shrink(text, &scratch);
	char *mark = mark_xml(small, &ours, scratch), *plain = plain_xml(small);
	printf("%s\n%.*s\n--- mark_parse\n%s--- cmark-gfm\n%s---\n", ours ? "syntax of ours seen in" : "trees differ for",
	       STR_ARG(printable(&scratch, small)), mark, plain);
	free(mark);
	free(plain);
}

static Str slurp(FILE *in, struct arena *a)
{
	struct buf text = buf_new(a, 1 << 20);
	static char bytes[1 << 16];
	for (size_t n; (n = fread(bytes, 1, sizeof bytes, in)); )
		buf_add(&text, (Str){bytes, n});
	return buf_str(&text);
}

int main(int argc, char **argv)
{
	struct arena a = arena_map((size_t)1 << 30);
	bool compare = argc == 2 && !strcmp(argv[1], "compare");
	if (!compare && !(argc == 2 && !strcmp(argv[1], "plain"))) {
		fprintf(stderr, "usage: markxml compare|plain <DOCUMENTS\n");
		return 2;
	}
	cmark_gfm_core_extensions_ensure_registered();
	int count[3] = {0};
	for (Str rest = slurp(stdin, &a); rest.len; ) {
		Str document = str_cut(&rest, '\x1e');
		Str text = str_sub(document, 1, document.len);
		bool pure = document.len && document.at[0] == 'p';
		if (!compare) {
			char *xml = plain_xml(text);
			printf("%s\x1e", xml);
			free(xml);
			continue;
		}
		enum verdict verdict = judge(text, pure, a);
		if (verdict == DIFFERENT && count[DIFFERENT] < SHOWN_MOST)
			show(text, a);
		count[verdict]++;
	}
	if (compare)
		printf("%d %d %d %d\n", count[0] + count[1] + count[2], count[EQUAL], count[DIFFERENT], count[OURS]);
	return 0;
}
