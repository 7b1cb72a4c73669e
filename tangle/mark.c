/* Markdown: the hooks cmark-gfm calls, the pass that makes groups of of citations.
 *
 * A hook sees the raw text of one paragraph, heading or cell, so escapes can still be told; but only the
 * finished tree tells whether a bracket became a link. So keys behind a bracket become nodes at once, and the pass
 * afterwards makes groups of them or turns them into text again, before cmark's own autolink pass looks at the text. */
#include "mark.h"

#include <cmark-gfm.h>
#include <cmark-gfm-extension_api.h>
#include <cmark-gfm-core-extensions.h>
#include <cmark-gfm/chunk.h>

#include "arena.h"
#include "info.h"
#include "limits.h"

/* What a node of ours carries; its user data. */
struct found {
	struct node_data data;
	Str raw;                /* as written, for nodes that become text again */
	bool opens;             /* a citation's first key: a bracket stands before it */
	bool closed;            /* math block: its last line has been seen */
};

/* The parse under way; the extension's private data. */
struct parse {
	const struct file *file;
	struct origin *origin;
	struct arena *arena;
	int group;              /* citations so far */
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_alnum(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c);
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static char byte_at(Str s, size_t i)
{
	return i < s.len ? s.at[i] : 0;
}

static char byte_before(Str s, size_t i)
{
	return i ? s.at[i - 1] : 0;
}

static Str content_of(cmark_inline_parser *ip)
{
	const cmark_chunk *chunk = cmark_inline_parser_get_chunk(ip);
	return (Str){(const char *)chunk->data, (size_t)chunk->len};
}

/* A CODE node of ours over bytes from..end of the content; the parser goes on behind them. */
static cmark_node *take(cmark_syntax_extension *ext, cmark_inline_parser *ip, struct found *found,
                        size_t from, size_t end, Str literal)
{
	struct parse *p = cmark_syntax_extension_get_private(ext);
	cmark_node *node = cmark_node_new(CMARK_NODE_CODE);
	cmark_node_set_literal(node, str_z(p->arena, literal));
	cmark_node_set_syntax_extension(node, ext);
	cmark_node_set_user_data(node, found);
	found->raw = str_copy(p->arena, str_sub(content_of(ip), from, end));
	cmark_inline_parser_set_offset(ip, (int)end);
	return node;
}

/* ---- math ---- */

/* End of the TeX that begins at `i`, or 0 when it does not close. */
static size_t end_of_inline(Str s, size_t i)
{
	if (i >= s.len || is_space(s.at[i]))
		return 0;
	for (size_t k = i; k < s.len; k++) {
		if (s.at[k] == '`')
			return 0;
		if (s.at[k] == '\\' && k + 1 < s.len && s.at[k + 1] != '`')
			k++;
		else if (s.at[k] == '$')
			return k > i && !is_space(s.at[k - 1]) && !is_digit(byte_at(s, k + 1)) ? k : 0;
	}
	return 0;
}

static size_t end_of_display(Str s, size_t i)
{
	for (size_t k = i; k + 1 < s.len; k++) {
		if (s.at[k] == '\\')
			k++;
		else if (s.at[k] == '$' && s.at[k + 1] == '$')
			return str_trim(str_sub(s, i, k)).len ? k : 0;
	}
	return 0;
}

/* Read "{#eq-x}" at the start of `text`, which has a '#' behind its brace. Returns the bytes it takes. */
static size_t equation_id(Str text, Span at, struct math *math, struct arena *a)
{
	struct info info;
	size_t len;
	if (!info_braces(text, at, &info, &len, a))
		return 0;
	const struct info_item *item = info.items;
	if (item->next)
		error_at(item->next->at, "an equation takes an id alone, as {#eq-x}");
	else if (!str_starts(item->name, S("eq-")) || item->name.len == 3)
		error_at(item->at, "an equation's id begins with 'eq-', not '%.*s'", STR_ARG(item->name));
	else
		math->id = str_copy(a, item->name);
	math->at_id = item->at;
	return len;
}

/* Does an id stand here, behind blanks? Other braces are text. */
static bool has_id(Str text)
{
	size_t i = 0;
	while (byte_at(text, i) == ' ' || byte_at(text, i) == '\t')
		i++;
	return byte_at(text, i) == '{' && byte_at(text, i + 1) == '#';
}

static cmark_node *match_math(cmark_syntax_extension *ext, cmark_node *parent, cmark_inline_parser *ip)
{
	struct parse *p = cmark_syntax_extension_get_private(ext);
	Str s = content_of(ip);
	size_t from = (size_t)cmark_inline_parser_get_offset(ip);
	char before = byte_before(s, from);
	if (is_alnum(before) || (before == '$' && !(from > 1 && s.at[from - 2] == '\\')))
		return NULL;
	bool display = byte_at(s, from + 1) == '$';
	size_t tex = from + (display ? 2 : 1);
	size_t end = display ? end_of_display(s, tex) : end_of_inline(s, tex);
	if (!end)
		return NULL;
	struct math *math = NEW(p->arena, struct math);
	Str raw = str_sub(s, tex, end);
	math->tex = str_copy(p->arena, str_trim(raw));
	math->display = display;
	math->at = origin_place(p->origin, parent, s, tex + (size_t)(display ? str_trim(raw).at - raw.at : 0));
	if (str_starts(math->tex, S("{#")))
		error_at(math->at, "an equation's id stands behind its closing '$$'");
	size_t after = end + (display ? 2 : 1);
	Str line = str_sub(s, after, str_find(s, '\n', after));
	if (display && has_id(line))
		after += equation_id(line, origin_place(p->origin, parent, s, after), math, p->arena);
	struct found *found = NEW(p->arena, struct found);
	found->data = (struct node_data){.kind = NODE_MATH, .math = math};
	return take(ext, ip, found, from, after, math->tex);
}

/* Is the rest of the line "$$", or with `id` "$$ {#…"? The offset behind the "$$", or 0. */
static size_t fence(Str line, size_t i, bool id)
{
	if (byte_at(line, i) != '$' || byte_at(line, i + 1) != '$')
		return 0;
	Str rest = str_sub(line, i + 2, line.len);
	return !str_trim(rest).len || (id && has_id(rest)) ? i + 2 : 0;
}

/* Step to the line's end, which stays: the block then gets an empty line. */
static void eat_line(cmark_parser *parser, unsigned char *input, int len)
{
	cmark_parser_advance_offset(parser, (char *)input, len - 1 - cmark_parser_get_offset(parser), 0);
}

static cmark_node *open_block(cmark_syntax_extension *ext, int indented, cmark_parser *parser,
                              cmark_node *parent, unsigned char *input, int len)
{
	struct parse *p = cmark_syntax_extension_get_private(ext);
	Str line = {(char *)input, (size_t)len};
	int from = cmark_parser_get_first_nonspace(parser);
	if (indented || cmark_node_get_type(parent) == CMARK_NODE_PARAGRAPH || !fence(line, (size_t)from, false))
		return NULL;
	cmark_node *node = cmark_parser_add_child(parser, parent, CMARK_NODE_CODE_BLOCK, from + 1);
	if (!node)
		return NULL;
	struct found *found = NEW(p->arena, struct found);
	struct math *math = NEW(p->arena, struct math);
	math->display = true;
	math->at = (Span){p->file, cmark_parser_get_line_number(parser), from + 1};
	found->data = (struct node_data){.kind = NODE_MATH, .math = math};
	cmark_node_set_syntax_extension(node, ext);
	cmark_node_set_user_data(node, found);
	eat_line(parser, input, len);
	return node;
}

static int match_block(cmark_syntax_extension *ext, cmark_parser *parser, unsigned char *input, int len,
                       cmark_node *node)
{
	struct parse *p = cmark_syntax_extension_get_private(ext);
	struct found *found = cmark_node_get_user_data(node);
	if (!found || found->closed)
		return 0;
	Str line = str_trim((Str){(char *)input, (size_t)len});
	line = (Str){(char *)input, (size_t)(line.at + line.len - (char *)input)};
	size_t after = fence(line, (size_t)cmark_parser_get_first_nonspace(parser), true);
	if (!after)
		return 1;
	found->closed = true;
	Str rest = str_sub(line, after, line.len);
	Span at = {p->file, cmark_parser_get_line_number(parser), (int)after + 1};
	size_t taken = has_id(rest) ? equation_id(rest, at, found->data.math, p->arena) : rest.len;
	if (taken && taken < rest.len)
		error_at((Span){p->file, at.line, at.col + (int)taken}, "text behind the equation's id");
	eat_line(parser, input, len);
	return 1;
}

/* Now that the block has its lines: the TeX without the empty ones around it, and where it begins. */
static void finish_block(struct parse *p, cmark_node *node, struct found *found)
{
	struct math *math = found->data.math;
	if (!found->closed)
		error_at(math->at, "the display that begins here has no closing '$$'");
	Str whole = str_of(cmark_node_get_literal(node));
	math->tex = str_copy(p->arena, str_trim(whole));
	size_t lead = (size_t)(str_trim(whole).at - whole.at);
	for (size_t i = 0; i < lead && i < whole.len; i++)
		math->at.line += whole.at[i] == '\n';
	Str line = origin_line(p->origin, math->at.line);
	size_t column = str_search(line, str_sub(math->tex, 0, str_find(math->tex, '\n', 0)), 0);
	math->at.col = column < line.len ? (int)column + 1 : 1;
	if (found->closed && !math->tex.len)
		error_at(math->at, "a display without TeX");
	cmark_node_set_literal(node, math->tex.at);
}

/* ---- citations and cross references ---- */

/* End of the word at `i`: letters and digits, with single `joints` between them; "--" joins where '-' does. */
static size_t end_of_word(Str s, size_t i, Str joints)
{
	while (i < s.len && is_alnum(s.at[i])) {
		while (is_alnum(byte_at(s, i)))
			i++;
		size_t k = i;
		if (str_has(joints, byte_at(s, k)) && k < s.len)
			k++;
		if (!is_alnum(byte_at(s, k)))
			return i;
		i = k;
	}
	return i;
}

static bool is_escaped(Str s, size_t i)
{
	size_t n = 0;
	while (n < i && s.at[i - 1 - n] == '\\')
		n++;
	return n % 2;
}

/* Is "[" or "[-" right before the '@' at `i`? */
static bool behind_bracket(Str s, size_t i)
{
	if (byte_before(s, i) == '-')
		i--;
	return byte_before(s, i) == '[' && !is_escaped(s, i - 1);
}

/* Could a key here be part of a citation: behind "[" or ";", or with a bracket open not far before it?
 * cmark knows its open brackets, but looks through all of them to tell. */
static bool is_candidate(Str s, size_t at)
{
	enum { FAR = 100 };
	size_t i = at;
	if (byte_before(s, i) == '-')
		i--;
	while (is_space(byte_before(s, i)))
		i--;
	if (byte_before(s, i) == ';')
		return true;
	for (i = at; i && at - i < FAR && s.at[i - 1] != ']'; i--)
		if (s.at[i - 1] == '[' && !is_escaped(s, i - 1))
			return true;
	return false;
}

static cmark_node *match_xref(cmark_syntax_extension *ext, cmark_node *parent, cmark_inline_parser *ip,
                              Str s, size_t from)
{
	struct parse *p = cmark_syntax_extension_get_private(ext);
	size_t end = end_of_word(s, from + 1, S("-_"));
	Str id = str_sub(s, from + 1, end);
	if (!id_kind(id) || byte_at(s, end) == '@')
		return NULL;
	struct xref *xref = NEW(p->arena, struct xref);
	xref->id = str_copy(p->arena, id);
	xref->at = origin_place(p->origin, parent, s, from);
	struct found *found = NEW(p->arena, struct found);
	found->data = (struct node_data){.kind = NODE_XREF, .xref = xref};
	return take(ext, ip, found, from, end, xref->id);
}

static cmark_node *match_at(cmark_syntax_extension *ext, cmark_node *parent, cmark_inline_parser *ip)
{
	struct parse *p = cmark_syntax_extension_get_private(ext);
	Str s = content_of(ip);
	size_t from = (size_t)cmark_inline_parser_get_offset(ip);
	char before = byte_before(s, from);
	/* Mail addresses. */
	if (is_alnum(before) || before == '.' || before == '_' || before == '+' ||
	    (before == '-' && from > 1 && is_alnum(s.at[from - 2])))
		return NULL;
	cmark_node *xref = match_xref(ext, parent, ip, s, from);
	if (xref)
		return xref;
	if (!is_candidate(s, from))
		return NULL;
	size_t end = end_of_word(s, from + 1, S(":.+-/_"));
	Str key = str_sub(s, from + 1, end);
	/* Mail addresses again, and what autolink would take out of the word or behind it. */
	Str and_next = str_sub(s, from + 1, end + 1);
	if (!key.len || byte_at(s, end) == '@' || str_starts(str_sub(s, end, s.len), S("://")) ||
	    str_search(and_next, S("_www."), 0) < and_next.len)
		return NULL;
	struct cite *cite = NEW(p->arena, struct cite);
	cite->key = str_copy(p->arena, key);
	cite->at = origin_place(p->origin, parent, s, from);
	struct found *found = NEW(p->arena, struct found);
	found->data = (struct node_data){.kind = NODE_CITE, .cite = cite};
	found->opens = behind_bracket(s, from);
	return take(ext, ip, found, from, end, cite->key);
}

static cmark_node *match_inline(cmark_syntax_extension *ext, cmark_parser *parser, cmark_node *parent,
                                unsigned char c, cmark_inline_parser *ip)
{
	(void)parser;
	return c == '$' ? match_math(ext, parent, ip) : c == '@' ? match_at(ext, parent, ip) : NULL;
}

/* ---- the pass over the finished tree ---- */

static struct found *found_of(cmark_node *node, cmark_syntax_extension *ext)
{
	return node && cmark_node_get_syntax_extension(node) == ext ? cmark_node_get_user_data(node) : NULL;
}

static struct cite *cite_of(cmark_node *node, cmark_syntax_extension *ext)
{
	struct found *found = found_of(node, ext);
	return found && found->data.kind == NODE_CITE ? found->data.cite : NULL;
}

static bool is_text(cmark_node *node)
{
	return node && cmark_node_get_type(node) == CMARK_NODE_TEXT;
}

/* Set the text of a TEXT node; an empty one goes. */
static void set_text(cmark_node *node, Str text, struct arena scratch)
{
	if (text.len)
		cmark_node_set_literal(node, str_z(&scratch, text));
	else
		cmark_node_free(node);
}

/* What stands behind a key up to the next one or the closing bracket. */
struct between {
	Str text;               /* line breaks as blanks */
	cmark_node *next;       /* the next key, or the TEXT with the bracket */
	size_t bracket;         /* where in that TEXT */
	bool last;
};

/* False when something else than text comes first. */
static bool read_between(cmark_node *key, cmark_syntax_extension *ext, struct between *b, struct arena *a)
{
	struct buf text = buf_new(a, 0);
	for (cmark_node *node = cmark_node_next(key); node; node = cmark_node_next(node)) {
		if (cite_of(node, ext)) {
			*b = (struct between){.text = buf_str(&text), .next = node};
			return true;
		}
		if (cmark_node_get_type(node) == CMARK_NODE_SOFTBREAK) {
			buf_char(&text, ' ');
			continue;
		}
		if (!is_text(node))
			return false;
		Str literal = str_of(cmark_node_get_literal(node));
		size_t end = str_find(literal, ']', 0);
		buf_add(&text, str_sub(literal, 0, end));
		if (end < literal.len) {
			*b = (struct between){.text = buf_str(&text), .next = node, .bracket = end, .last = true};
			return true;
		}
	}
	return false;
}

/* Split ", p. 7" or ", p. 7; -" into its parts. False when it is not of this form. */
static bool read_locator(const struct between *b, Str *locator, bool *no_author)
{
	Str rest = str_trim(b->text);
	*no_author = false;
	*locator = (Str){0};
	if (!b->last) {
		if (str_ends(rest, S("-"))) {
			*no_author = true;
			rest = str_trim(str_sub(rest, 0, rest.len - 1));
		}
		if (!str_ends(rest, S(";")))
			return false;
		rest = str_trim(str_sub(rest, 0, rest.len - 1));
	}
	if (!rest.len)
		return true;
	if (*rest.at != ',' || str_has(rest, ';') || str_has(rest, '['))
		return false;
	*locator = str_trim(str_sub(rest, 1, rest.len));
	return locator->len > 0;
}

/* Is the bracketed text that begins at `first` a group? Fills the citations of it. */
static bool read_group(struct parse *p, cmark_syntax_extension *ext, cmark_node *first, struct between *end)
{
	Str open = str_of(cmark_node_get_literal(cmark_node_previous(first)));
	bool no_author = str_ends(open, S("-"));
	for (cmark_node *node = first;; node = end->next) {
		struct cite *cite = cite_of(node, ext);
		bool next_no_author;
		if (!read_between(node, ext, end, p->arena) || !read_locator(end, &cite->locator, &next_no_author))
			return false;
		cite->no_author = no_author;
		no_author = next_no_author;
		if (end->last)
			return true;
	}
}

/* Take the brackets and separators of a group out of the tree. */
static void make_group(struct parse *p, cmark_syntax_extension *ext, cmark_node *first, const struct between *end)
{
	cmark_node *open = cmark_node_previous(first);
	Str before = str_of(cmark_node_get_literal(open));
	size_t marks = cite_of(first, ext)->no_author ? 2 : 1;
	set_text(open, str_sub(before, 0, before.len - marks), *p->arena);
	p->group++;
	struct cite *last = NULL;
	for (cmark_node *node = first, *next; node != end->next; node = next) {
		next = cmark_node_next(node);
		struct cite *cite = cite_of(node, ext);
		if (cite) {
			cite->group = p->group;
			last = cite;
		} else {
			cmark_node_free(node);
		}
	}
	last->last_in_group = true;
	Str after = str_of(cmark_node_get_literal(end->next));
	set_text(end->next, str_sub(after, end->bracket + 1, after.len), *p->arena);
}

/* A key within brackets that do not begin with one: [see @key]. */
static bool is_prefixed(cmark_node *node)
{
	cmark_node *before = cmark_node_previous(node), *after = cmark_node_next(node);
	if (!is_text(before) || !is_text(after))
		return false;
	Str left = str_of(cmark_node_get_literal(before)), right = str_of(cmark_node_get_literal(after));
	size_t open = left.len;
	while (open && left.at[open - 1] != '[' && left.at[open - 1] != ']')
		open--;
	size_t close = str_find(right, ']', 0);
	return open && left.at[open - 1] == '[' && close < right.len && str_find(right, '[', 0) > close;
}

static void make_text(cmark_node *node, const struct found *found)
{
	cmark_node *text = cmark_node_new(CMARK_NODE_TEXT);
	cmark_node_set_literal(text, found->raw.at);
	cmark_node_replace(node, text);
	cmark_node_free(node);
}

/* A node of ours as the pass finds it. */
struct seen {
	struct seen *next;
	cmark_node *node;
	struct found *found;
	bool in_link;
};

static struct seen *collect(cmark_syntax_extension *ext, cmark_node *root, struct arena *a)
{
	struct seen *seen = NULL, **tail = &seen;
	int links = 0;
	cmark_iter *it = cmark_iter_new(root);
	for (cmark_event_type ev; (ev = cmark_iter_next(it)) != CMARK_EVENT_DONE; ) {
		cmark_node *node = cmark_iter_get_node(it);
		cmark_node_type type = cmark_node_get_type(node);
		if (type == CMARK_NODE_LINK || type == CMARK_NODE_IMAGE)
			links += ev == CMARK_EVENT_ENTER ? 1 : -1;
		struct found *found = found_of(node, ext);
		if (ev != CMARK_EVENT_ENTER || !found)
			continue;
		*tail = NEW(a, struct seen);
		**tail = (struct seen){.node = node, .found = found, .in_link = links > 0};
		tail = &(*tail)->next;
	}
	cmark_iter_free(it);
	return seen;
}

static cmark_node *after_parse(cmark_syntax_extension *ext, cmark_parser *parser, cmark_node *root)
{
	(void)parser;
	struct parse *p = cmark_syntax_extension_get_private(ext);
	bool changed = false;
	for (struct seen *s = collect(ext, root, p->arena); s; s = s->next) {
		enum node_kind kind = s->found->data.kind;
		if (kind == NODE_MATH && cmark_node_get_type(s->node) == CMARK_NODE_CODE_BLOCK)
			finish_block(p, s->node, s->found);
		if (kind == NODE_MATH || (kind == NODE_XREF && !s->in_link))
			continue;
		/* A key that an earlier one took into its group is done. */
		if (kind == NODE_CITE && s->found->data.cite->group)
			continue;
		struct between end;
		if (s->found->opens && !s->in_link && is_text(cmark_node_previous(s->node))) {
			if (read_group(p, ext, s->node, &end)) {
				make_group(p, ext, s->node, &end);
				continue;
			}
			error_at(s->found->data.cite->at, "a citation is of the form [@key, p. 7; -@other]; "
			         "an '@' that is only text is written \\@");
		} else if (kind == NODE_CITE && !s->in_link && is_prefixed(s->node)) {
			error_at(s->found->data.cite->at, "a citation begins with its key: [@%.*s, p. 7]; "
			         "an '@' that is only text is written \\@", STR_ARG(s->found->data.cite->key));
		}
		make_text(s->node, s->found);
		changed = true;
	}
	if (changed)
		cmark_consolidate_text_nodes(root);
	return NULL;
}

/* ---- the parser ---- */

static const char *type_name(cmark_syntax_extension *ext, cmark_node *node)
{
	struct found *found = found_of(node, ext);
	enum node_kind kind = found ? found->data.kind : NODE_MATH;
	return kind == NODE_CITE ? "cite" : kind == NODE_XREF ? "xref" : "math";
}

static int no_child(cmark_syntax_extension *ext, cmark_node *node, cmark_node_type child)
{
	(void)ext;
	(void)node;
	(void)child;
	return 0;
}

/* cmark's tables of extensions and special characters are per process, and so is ours. */
static cmark_syntax_extension *extension(void)
{
	static cmark_syntax_extension *ext;
	if (ext)
		return ext;
	cmark_gfm_core_extensions_ensure_registered();
	cmark_mem *mem = cmark_get_default_mem_allocator();
	cmark_llist *chars = cmark_llist_append(mem, NULL, (void *)(uintptr_t)'$');
	ext = cmark_syntax_extension_new("weft");
	cmark_syntax_extension_set_special_inline_chars(ext, cmark_llist_append(mem, chars, (void *)(uintptr_t)'@'));
	cmark_syntax_extension_set_match_inline_func(ext, match_inline);
	cmark_syntax_extension_set_open_block_func(ext, open_block);
	cmark_syntax_extension_set_match_block_func(ext, match_block);
	cmark_syntax_extension_set_postprocess_func(ext, after_parse);
	cmark_syntax_extension_set_get_type_string_func(ext, type_name);
	cmark_syntax_extension_set_can_contain_func(ext, no_child);
	return ext;
}

struct cmark_node *mark_parse(const struct file *file, Str text, int options, struct cmark_parser **parser,
                              struct origin *origin, struct arena *a)
{
	static const char *const names[] = {"table", "strikethrough", "autolink", "tasklist"};
	struct parse p = {.file = file, .origin = origin, .arena = a};
	origin_init(origin, file, text, a);
	cmark_syntax_extension *ext = extension();
	cmark_syntax_extension_set_private(ext, &p, NULL);
	*parser = cmark_parser_new(options);
	/* Ours first, so that its pass comes before autolink's. */
	cmark_parser_attach_syntax_extension(*parser, ext);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		cmark_parser_attach_syntax_extension(*parser, cmark_find_syntax_extension(names[i]));
	for (int n = 1; n <= origin->nlines; n++) {
		Str line = origin_line(origin, n);
		if (!within_limits(*parser, line, (Span){file, n, 1}))
			break;
		cmark_parser_feed(*parser, line.at, line.len + (n < origin->nlines));
	}
	cmark_node *root = cmark_parser_finish(*parser);
	cmark_syntax_extension_set_private(ext, NULL, NULL);
	return root;
}

void mark_free(struct cmark_node *root, struct cmark_parser *parser)
{
	cmark_node_free(root);
	cmark_parser_free(parser);
}
