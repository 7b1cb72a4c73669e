/* Places: the one function that turns chunk-relative lines into the essay's. */
#include "place.h"

#include "arena.h"

/* A place within a text. */
struct hit {
	size_t from, end;       /* its bytes, "essays/x.md#tiles:7" */
	int line;               /* in the essay; 0: the text names the chunk alone */
};

static size_t name_end(Str s, size_t i)
{
	while (i < s.len && ((s.at[i] >= 'a' && s.at[i] <= 'z') || (s.at[i] >= '0' && s.at[i] <= '9') || s.at[i] == '-'))
		i++;
	return i;
}

/* Read a number of at most nine digits; the offset behind it, or `i` when there is none. */
static size_t read_number(Str s, size_t i, int *number)
{
	size_t from = i;
	*number = 0;
	for (; i < s.len && i - from < 9 && s.at[i] >= '0' && s.at[i] <= '9'; i++)
		*number = 10 * *number + (s.at[i] - '0');
	return i < s.len && s.at[i] >= '0' && s.at[i] <= '9' ? from : i;
}

/* Block `index` of a chunk. A compiler's places mostly go forward: go on from the last one asked for. */
static const struct block *find_block(const struct chunk *chunk, int index, const struct block **last)
{
	const struct block *b = *last && (*last)->chunk == chunk && (*last)->index <= index ? *last : chunk->blocks;
	while (b && b->index < index)
		b = b->more;
	if (b)
		*last = b;
	return b && b->index == index ? b : NULL;
}

/* Read "#tiles.2:7" or "#tiles.2(7)" at `i`, or the "#tiles.2" of "essays/x.md#tiles.2: In function 'f':". */
static bool read_place(const struct doc *doc, Str s, size_t i, struct hit *hit, const struct block **last)
{
	if (i >= s.len || s.at[i] != '#')
		return false;
	size_t name = i + 1, end = name_end(s, name);
	const struct chunk *chunk = doc_chunk(doc, str_sub(s, name, end));
	int index = 1, line;
	if (end < s.len && s.at[end] == '.')
		end = read_number(s, end + 1, &index);
	if (!chunk || end >= s.len || (s.at[end] != ':' && s.at[end] != '('))
		return false;
	size_t digits = end + 1, after = read_number(s, digits, &line);
	bool parenthesis = s.at[end] == '(';
	if (after == digits && !parenthesis && after < s.len && s.at[after] == ' ') {
		hit->end = end;
		hit->line = 0;
		return true;
	}
	if (after == digits || (parenthesis && (after >= s.len || s.at[after] != ')')))
		return false;
	const struct block *block = find_block(chunk, index, last);
	if (!block || line < 1)
		return false;
	hit->end = after + parenthesis;
	hit->line = block->body.line + line - 1;
	return true;
}

/* The next place at or after `from`. */
static bool next_hit(const struct doc *doc, Str text, size_t from, struct hit *hit, const struct block **last)
{
	Str path = doc->file->path;
	for (size_t i = from; (i = str_search(text, path, i)) < text.len; i++) {
		hit->from = i;
		/* A linker writes "./essays/x.md". */
		if (i >= 2 && str_eq(str_sub(text, i - 2, i), S("./")) && (i == 2 || text.at[i - 3] == ' ' || text.at[i - 3] == '\n'))
			hit->from = i - 2;
		if (read_place(doc, text, i + path.len, hit, last))
			return true;
	}
	return false;
}

Str place_translate(const struct doc *doc, Str text, struct arena *a)
{
	struct hit hit;
	const struct block *last = NULL;
	size_t from = 0;
	if (!next_hit(doc, text, 0, &hit, &last))
		return text;
	struct buf out = buf_new(a, text.len);
	do {
		buf_add(&out, str_sub(text, from, hit.from));
		buf_add(&out, doc->file->path);
		if (hit.line)
			buf_fmt(&out, ":%d", hit.line);
		from = hit.end;
	} while (next_hit(doc, text, from, &hit, &last));
	buf_add(&out, str_sub(text, from, text.len));
	return buf_str(&out);
}

bool place_find(const struct doc *doc, Str text, Span *at)
{
	struct hit hit;
	const struct block *last = NULL;
	for (size_t from = 0; ; from = hit.end) {
		if (!next_hit(doc, text, from, &hit, &last))
			return false;
		if (hit.line)
			break;
	}
	*at = (Span){doc->file, hit.line, 1};
	int column;
	size_t digits = hit.end + 1;
	if (hit.end < text.len && text.at[hit.end] == ':' && read_number(text, digits, &column) > digits && column > 0)
		at->col = column;
	return true;
}
