/* Pieces of Lua and their places. */
#include "lua_source.h"

#include "arena.h"

static bool is_anonymous(const struct block *b, int kinds)
{
	return b->chunk && (b->chunk->kind & kinds) && !b->chunk->name.len;
}

static Str joined_text(const struct chunk *c, struct arena *a)
{
	if (!c->blocks->more)
		return c->blocks->text;
	struct buf text = buf_new(a, 4096);
	for (const struct block *b = c->blocks; b; b = b->more)
		buf_add(&text, b->text);
	return buf_str(&text);
}

struct lua_source *lua_sources(const struct doc *doc, int kinds, bool inlines, struct arena *a)
{
	struct lua_source *first = NULL, **tail = &first;
	int anonymous = 0;
	for (const struct block *b = doc->blocks; b; b = b->next) {
		struct chunk *c = b->chunk;
		bool unnamed = is_anonymous(b, kinds);
		if (!c || !(c->kind & kinds) || (!unnamed && b->index != 1))
			continue;
		struct lua_source *s = *tail = NEW(a, struct lua_source);
		tail = &s->next;
		*s = (struct lua_source){.kind = c->kind, .chunk = c, .name = c->name, .inline_index = -1};
		s->block = unnamed ? anonymous++ : -1;
		s->text = unnamed ? b->text : joined_text(c, a);
	}
	for (const struct inline_lua *l = doc->luas; inlines && l; l = l->next) {
		struct lua_source *s = *tail = NEW(a, struct lua_source);
		tail = &s->next;
		*s = (struct lua_source){.block = -1, .inline_index = l->index, .text = l->expr};
	}
	return first;
}

/* Line `line` of a block's text, at its first byte that is not blank. */
static Span line_of_block(const struct block *b, int line)
{
	Str rest = b->text, text = str_cut(&rest, '\n');
	for (int i = 1; i < line; i++)
		text = str_cut(&rest, '\n');
	int indent = 0;
	while ((size_t)indent < text.len && (text.at[indent] == ' ' || text.at[indent] == '\t'))
		indent++;
	return (Span){b->body.file, b->body.line + line - 1, b->body.col + indent};
}

static int count_lines(Str text)
{
	int n = 0;
	while (text.len) {
		str_cut(&text, '\n');
		n++;
	}
	return n;
}

static const struct block *anonymous_block(const struct doc *doc, int kinds, int block)
{
	for (const struct block *b = doc->blocks; b; b = b->next)
		if (is_anonymous(b, kinds) && block-- == 0)
			return b;
	return NULL;
}

Span lua_place(const struct doc *doc, int kinds, Str name, int block, int inline_index, int line)
{
	for (const struct inline_lua *l = doc->luas; inline_index >= 0 && l; l = l->next)
		if (l->index == inline_index)
			return l->at;
	const struct block *b = NULL;
	if (block >= 0)
		b = anonymous_block(doc, kinds, block);
	for (const struct chunk *c = doc->chunks; name.len && c; c = c->next)
		if (str_eq(c->name, name))
			b = c->blocks;
	if (!b)
		return (Span){doc->file, 1, 1};
	if (line < 1)
		return b->at;
	for (; block < 0 && b->more && line > count_lines(b->text); b = b->more)
		line -= count_lines(b->text);
	/* A complaint about the end of the text may name a line after the last. */
	int lines = count_lines(b->text);
	if (line > lines)
		line = lines ? lines : 1;
	return line_of_block(b, line);
}
