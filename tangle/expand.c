/* Tangle: chunks into source text. The stack of chunks under way is kept in memory, since a chain
 * of references may be as long as the essay. */
#include "expand.h"

#include "arena.h"
#include "check.h"

/* Chunks that use one another twice double at each level: bound the work, not the depth. */
enum { BYTES_MOST = 64 << 20, STEPS_MOST = 8 << 20 };

/* A chunk being written. */
struct frame {
	struct frame *up;
	struct chunk *chunk;
	const struct block *block;      /* the block being read, NULL behind the last */
	Str rest;                       /* of its text */
	int line;                       /* of the next line in it */
	const struct block *from;       /* the reference: its block and line, none for the root */
	int from_line;
	size_t indent;                  /* bytes of the indentation before the reference's own were added */
	size_t lines;                   /* lines the output had at the start */
};

struct expansion {
	struct doc *doc;
	enum places places;
	Str directive;
	struct buf *out;
	struct buf indent;              /* the indentation of all frames, one behind the other */
	struct frame *top, *free;
	size_t start, lines, steps;     /* of the output, where it began; lines written; frames entered */
	/* Where a compiler believes the next line comes from. */
	const struct block *told;
	int told_line;
	bool continues;                 /* the last line ended in a backslash */
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* Is `s` "<<…>>" and nothing else? Sets the name; not "<<<" or ">>>", nothing empty. */
static bool is_bracketed(Str s, Str *name)
{
	if (s.len < 5 || !str_starts(s, S("<<")) || !str_ends(s, S(">>")))
		return false;
	*name = str_sub(s, 2, s.len - 2);
	return !str_has(*name, '<') && !str_has(*name, '>') && !is_blank(*name->at) &&
	       !is_blank(name->at[name->len - 1]);
}

bool is_reference(Str line, Str *name, Str *indent)
{
	size_t lead = 0;
	while (lead < line.len && is_blank(line.at[lead]))
		lead++;
	*indent = str_sub(line, 0, lead);
	return is_bracketed(str_trim(line), name);
}

/* noweb's escape: a line "@<<name>>" stands for the text "<<name>>". */
static bool is_escaped(Str line)
{
	Str name, trimmed = str_trim(line);
	return str_starts(trimmed, S("@")) && is_bracketed(str_sub(trimmed, 1, trimmed.len), &name);
}

static void write_directive(struct expansion *x, const struct block *block, int line)
{
	const struct file *file = x->doc->file;
	Str name = file->path;
	if (x->places == PLACES_REAL) {
		line = block->body.line + line - 1;
	} else {
		Str chunk = block->chunk ? block->chunk->name : S("");
		name = str_fmt(x->out->arena, block->index > 1 ? "%.*s#%.*s.%d" : "%.*s#%.*s",
		               STR_ARG(file->path), STR_ARG(chunk), block->index);
	}
	for (size_t i = 0; i < x->directive.len; i++) {
		char c = x->directive.at[i], next = i + 1 < x->directive.len ? x->directive.at[i + 1] : 0;
		if (c == '%' && (next == 'd' || next == 's')) {
			if (next == 'd')
				buf_fmt(x->out, "%d", line);
			else
				buf_add(x->out, name);
			i++;
		} else {
			buf_char(x->out, c);
		}
	}
	buf_char(x->out, '\n');
}

static void write_line(struct expansion *x, const struct block *block, int line, Str text)
{
	bool told = x->told == block && x->told_line == line;
	if (x->directive.len && x->places != PLACES_NONE && !told && !x->continues) {
		write_directive(x, block, line);
		x->told = block;
		x->told_line = line;
	}
	if (text.len) {
		buf_add(x->out, buf_str(&x->indent));
		size_t escape = is_escaped(text) ? str_find(text, '@', 0) : text.len;
		buf_add(x->out, str_sub(text, 0, escape));
		buf_add(x->out, str_sub(text, escape + 1, text.len));
	}
	buf_char(x->out, '\n');
	x->told_line++;
	x->lines++;
	x->continues = text.len && text.at[text.len - 1] == '\\';
}

static void next_block(struct frame *f, const struct block *block)
{
	f->block = block;
	f->rest = block ? block->text : (Str){0};
	f->line = 1;
}

static void enter(struct expansion *x, struct chunk *chunk, const struct block *from, int from_line, Str indent)
{
	struct frame *f = x->free ? x->free : NEW(x->out->arena, struct frame);
	x->free = x->free ? x->free->up : NULL;
	*f = (struct frame){
		.up = x->top, .chunk = chunk, .from = from, .from_line = from_line,
		.indent = x->indent.len, .lines = x->lines,
	};
	next_block(f, chunk->blocks);
	buf_add(&x->indent, indent);
	chunk->busy = true;
	x->top = f;
	x->steps++;
}

static void leave(struct expansion *x)
{
	struct frame *f = x->top;
	f->chunk->busy = false;
	x->indent.len = f->indent;
	x->top = f->up;
	f->up = x->free;
	x->free = f;
}

/* Line `line` of `block`, in the top frame, uses a chunk that is under way. */
static bool refuse_cycle(const struct expansion *x, const struct chunk *meets, const struct block *block, int line)
{
	int n = 1;
	for (const struct frame *f = x->top; f->chunk != meets; f = f->up)
		n++;
	struct link *links = NEWS(x->out->arena, struct link, (size_t)n);
	const struct chunk *to = meets;
	const struct frame *f = x->top;
	for (int i = n - 1; i >= 0; i--, f = f->up) {
		links[i] = (struct link){f->chunk, to, reference_place(x->doc, block, line)};
		to = f->chunk;
		block = f->from;
		line = f->from_line;
	}
	report_cycle(links, n);
	return false;
}

/* Write or enter one line of the top frame. False after reporting. */
static bool step(struct expansion *x)
{
	struct frame *f = x->top;
	const struct block *block = f->block;
	int line = f->line++;
	Str name, indent, text = str_cut(&f->rest, '\n');
	if (!is_reference(text, &name, &indent)) {
		write_line(x, block, line, text);
		return true;
	}
	struct chunk *chunk = doc_chunk(x->doc, name);
	if (!chunk) {
		error_at(reference_place(x->doc, block, line), "undefined chunk '%.*s'", STR_ARG(name));
		return false;
	}
	if (chunk->busy)
		return refuse_cycle(x, chunk, block, line);
	enter(x, chunk, block, line, indent);
	return true;
}

/* Behind the frame's last line. As in noweb, a reference to a chunk without text leaves its line empty. */
static void finish(struct expansion *x)
{
	struct frame *f = x->top;
	const struct block *from = f->from;
	bool empty = from && x->lines == f->lines;
	leave(x);
	if (empty)
		write_line(x, from, f->from_line, (Str){0});
}

bool expand(struct doc *doc, struct chunk *root, enum places places, Str directive, struct buf *out)
{
	struct expansion x = {
		.doc = doc, .places = places, .directive = directive, .out = out,
		.indent = buf_new(out->arena, 256), .start = out->len,
	};
	bool fine = true;
	enter(&x, root, NULL, 0, (Str){0});
	while (fine && x.top) {
		struct frame *f = x.top;
		if (f->rest.len)
			fine = step(&x);
		else if (f->block)
			next_block(f, f->block->more);
		else
			finish(&x);
		if (out->len - x.start > BYTES_MOST || x.steps > STEPS_MOST) {
			error_at(root->at, "'%.*s' expands to more than %d MB or %d references",
			         STR_ARG(root->name), BYTES_MOST >> 20, STEPS_MOST);
			fine = false;
		}
	}
	while (x.top)
		leave(&x);
	return fine;
}
