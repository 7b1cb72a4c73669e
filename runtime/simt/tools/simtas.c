/* simtas: between the compiler and the assembler (x86-64, AT&T syntax, gcc or clang).
 *
 *   simtas plain|count|check < in.s > out.s
 *
 * All programs get a table of the static shared memory each function reaches, and are refused if
 * a kernel reaches more than a device has. Programs that count or check get a table of sites:
 * places where the sanitizers' call-backs, compiled in by -fsanitize=thread and
 * -fsanitize-coverage=trace-pc, report a load, a store or a basic block.
 *
 * Counting: a call-back becomes a few instructions. The compiler believes a call happens there,
 * so the registers a call destroys are free. Sites that always run together (no jump, label or
 * foreign call between) form a run. The first lane of a warp writes the run's number and, in its
 * column, the addresses; the lanes after it compare the number once and add theirs:
 *
 *	movq %fs:simt_cursor, %rax          first site of a run
 *	cmpl $site, (%rax)
 *	jne  slow
 *	addq $size_of_record, %rax
 *	movq %rax, %fs:simt_cursor
 *	movq %fs:simt_column, %rcx          every access
 *	movq %rdi, -offset(%rax, %rcx)
 *
 * Checking: a call-back becomes a call with the site as second argument.
 *
 * Sites are numbered by flow_order(), functions before their callers; see order.h. Functions that
 * no kernel reaches are host code: their call-backs are taken out again. */
#include "order.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum mode { PLAIN, COUNT, CHECK };
enum kind { BLOCK, LOAD, STORE, ATOMIC, BARRIER, WARP };        /* as in run.h */
enum { ROWS_MAX = 24, WARP_LANES = 32, STATIC_LIMIT = 48 << 10 };

/* How a site is written. */
enum form {
	INLINE,                 /* load, store or block */
	WITH_R9,                /* a call that takes the site in %r9 */
	WITH_RDX,               /* ... in %rdx */
	RANGE,                  /* address and size: site in %rdx */
	COPY,                   /* memcpy and memmove: two sites, in %rcx */
	FILL                    /* memset: one, in %rcx */
};

struct site {
	int line, function;
	enum kind kind;
	enum form form;
	int size;
	int head, rows, access; /* of its run: first site, sites in it, accesses before this one */
	int rank;
	int file, source_line;
	const char *callee;     /* for COPY, FILL, RANGE */
};

/* The arithmetic of one line in one basic block. */
struct work {
	int block_site, file, source_line;
	int flops32, flops64, special, halves;
};

struct line {
	char *text;
	int site, function;
};

struct block {
	int first, last;        /* lines */
	int next[2];
	int function;
};

struct names {
	int *item;
	int n, cap;
};

struct function {
	char *name, *group;     /* COMDAT group or null */
	int block, blocks;      /* its first block, and how many */
	int first_line, last_line;
	struct names callees, shared;
	bool reached, is_entry, is_taken, ordered, seen;        /* taken: its address is */
	int file, source_line;  /* first line of the essay in it */
};

/* Thread-local variables of kernels. */
struct variable {
	char *name;
	long bytes;
};

static enum mode mode;
static struct line *lines;
static int nlines;
static struct site *sites;
static int nsites;
static struct work *works;
static int nworks;
static struct block *blocks;
static int nblocks;
static struct function *functions;
static int nfunctions;
static struct variable *variables;
static int nvariables, variables_cap;
static char *files[4096];
static bool file_is_header[4096];
static int errors;

static _Noreturn void fatal(const char *format, ...)
{
	va_list ap;
	va_start(ap, format);
	fputs("simtas: ", stderr);
	vfprintf(stderr, format, ap);
	fputc('\n', stderr);
	va_end(ap);
	exit(2);
}

static void *zeroed(size_t n, size_t size)
{
	void *p = calloc(n ? n : 1, size);
	if (!p)
		fatal("out of memory");
	return p;
}

static char *copy_of(const char *s, size_t n)
{
	char *p = zeroed(n + 1, 1);
	memcpy(p, s, n);
	return p;
}

/* A hash table from names to numbers: blocks by label, functions and variables by symbol. */
struct table {
	struct slot {
		char *name;
		int value;
	} *slots;
	size_t size, used;
};

static struct slot *table_slot(struct table *t, const char *name, size_t len)
{
	if (2 * t->used >= t->size) {
		struct table bigger = {zeroed(t->size ? 2 * t->size : 1024, sizeof(struct slot)),
				       t->size ? 2 * t->size : 1024, 0};
		for (size_t i = 0; i < t->size; i++)
			if (t->slots[i].name) {
				struct slot *s = table_slot(&bigger, t->slots[i].name,
							    strlen(t->slots[i].name));
				free(s->name);
				*s = t->slots[i];
			}
		free(t->slots);
		*t = bigger;
	}
	uint64_t h = 1469598103934665603u;
	for (size_t i = 0; i < len; i++)
		h = (h ^ (unsigned char)name[i]) * 1099511628211u;
	size_t i = h & (t->size - 1);
	while (t->slots[i].name &&
	       (strncmp(t->slots[i].name, name, len) || t->slots[i].name[len]))
		i = (i + 1) & (t->size - 1);
	if (!t->slots[i].name) {
		t->slots[i] = (struct slot){copy_of(name, len), -1};
		t->used++;
	}
	return &t->slots[i];
}

static struct table labels, symbols, locals;
enum { NOT_A_BLOCK = -1, JUMPED_TO = -2 };

static void add(struct names *list, int item)
{
	for (int i = 0; i < list->n; i++)
		if (list->item[i] == item)
			return;
	if (list->n == list->cap) {
		list->cap = list->cap ? 2 * list->cap : 8;
		list->item = realloc(list->item, (size_t)list->cap * sizeof(int));
		if (!list->item)
			fatal("out of memory");
	}
	list->item[list->n++] = item;
}

/* The next word of an assembler line: up to a blank, comma, '@' or '#'. */
struct word {
	const char *at;
	size_t len;
};

static struct word take(const char **p)
{
	while (isspace((unsigned char)**p) || **p == ',')
		(*p)++;
	struct word w = {*p, 0};
	while (**p && !isspace((unsigned char)**p) && !strchr(",@;", **p))
		(*p)++;
	w.len = (size_t)(*p - w.at);
	return w;
}

static bool is(struct word w, const char *text)
{
	return w.len == strlen(text) && !memcmp(w.at, text, w.len);
}

static bool begins(struct word w, const char *text)
{
	return w.len >= strlen(text) && !memcmp(w.at, text, strlen(text));
}

/* Sites by the name that is called. Sizes 0 are told by a suffix. */
static const struct callback {
	const char *name;
	enum kind kind;
	enum form form;
} callbacks[] = {
	{"__tsan_read", LOAD, INLINE},
	{"__tsan_write", STORE, INLINE},
	{"__tsan_unaligned_read", LOAD, INLINE},
	{"__tsan_unaligned_write", STORE, INLINE},
	{"__tsan_volatile_read", LOAD, INLINE},
	{"__tsan_volatile_write", STORE, INLINE},
	{"__tsan_unaligned_volatile_read", LOAD, INLINE},
	{"__tsan_unaligned_volatile_write", STORE, INLINE},
	{"__sanitizer_cov_trace_pc", BLOCK, INLINE},
	{"simt_atomic", ATOMIC, WITH_R9},
	{"simt_warp", WARP, WITH_R9},
	{"simt_barrier", BARRIER, WITH_RDX},
	{"__tsan_read_range", LOAD, RANGE},
	{"__tsan_write_range", STORE, RANGE},
	{"__tsan_memcpy", LOAD, COPY},
	{"__tsan_memmove", LOAD, COPY},
	{"__tsan_memset", STORE, FILL},
	{"memcpy", LOAD, COPY},
	{"memmove", LOAD, COPY},
	{"memset", STORE, FILL},
};

/* The call-back that a call's target names, or null; *size gets the access's. */
static const struct callback *find_callback(struct word target, int *size)
{
	*size = 0;
	for (size_t i = 0; i < sizeof callbacks / sizeof *callbacks; i++) {
		const struct callback *c = &callbacks[i];
		if (is(target, c->name))
			return c->form == INLINE && c->kind != BLOCK ? NULL : c;
		if (c->form != INLINE || !begins(target, c->name))
			continue;
		const char *digits = target.at + strlen(c->name);
		char *end;
		long n = strtol(digits, &end, 10);
		if (end == target.at + target.len && n >= 1 && n <= 16) {
			*size = (int)n;
			return c;
		}
	}
	return NULL;
}

/* Calls that neither record nor block, so that a run may go on across them. */
static bool is_harmless(struct word target)
{
	static const char *const stems[] = {"simt_threadIdx_", "simt_blockIdx_", "simt_blockDim_",
					    "simt_gridDim_", "simt_fm", "simt_exp",
					    "simt_log", NULL};
	for (const char *const *s = stems; *s; s++)
		if (begins(target, *s))
			return true;
	return false;
}

static bool is_call(struct word w)
{
	return is(w, "call") || is(w, "callq");
}

/* Floating-point work of an instruction. */
static void add_flops(struct work *s, struct word op)
{
	static const char *const stems[] = {"add", "sub", "mul", "div", "sqrt", NULL};
	if (op.len && *op.at == 'v') {
		op.at++;
		op.len--;
	}
	for (const char *const *p = stems; *p; p++) {
		if (!begins(op, *p) || op.len != strlen(*p) + 2)
			continue;
		const char *type = op.at + strlen(*p);
		if (!memcmp(type, "ss", 2))
			s->flops32++;
		else if (!memcmp(type, "sd", 2))
			s->flops64++;
		else if (!memcmp(type, "ps", 2))
			s->flops32 += 4;
		else if (!memcmp(type, "pd", 2))
			s->flops64 += 2;
		return;
	}
}

/* Device maths, by the stems of its names. */
static bool is_special(struct word target)
{
	static const char *const stems[] = {"exp", "log", "sin", "cos", "tan", "pow", "erf", "cbrt",
					    "rsqrt", "atan", "asin", "acos", "hypot", "normcdf",
					    NULL};
	if (!begins(target, "simt_"))
		return false;
	target.at += 5;
	target.len -= 5;
	for (const char *const *s = stems; *s; s++)
		if (begins(target, *s))
			return true;
	return false;
}

static void add_call_flops(struct work *s, struct word target)
{
	if (is(target, "fmaf"))
		s->flops32 += 2;
	else if (is(target, "fma"))
		s->flops64 += 2;
	else if (is(target, "simt_half_fma") || is(target, "simt_half_bf_fma"))
		s->halves += 2;
	else if (begins(target, "simt_half_") && !is(target, "simt_half_from_double") &&
		 !is(target, "simt_half_bf_from_double"))
		s->halves++;
	else if (is_special(target))
		s->special++;
}

/* Reading. */
static void split_lines(char *text)
{
	int n = 1;
	for (char *p = text; *p; p++)
		n += *p == '\n';
	lines = zeroed((size_t)n + 1, sizeof *lines);
	sites = zeroed((size_t)n + 1, sizeof *sites);
	works = zeroed((size_t)n + 1, sizeof *works);
	blocks = zeroed((size_t)n + 2, sizeof *blocks);
	functions = zeroed((size_t)n + 1, sizeof *functions);
	for (char *p = text; *p;) {
		char *end = strchr(p, '\n');
		if (end)
			*end = '\0';
		lines[nlines++] = (struct line){p, -1, -1};
		if (!end)
			break;
		p = end + 1;
	}
}

/* .file NUMBER ["directory"] "name" */
static void read_file(const char *p)
{
	char *end;
	long n = strtol(p, &end, 10);
	if (end == p || n < 0 || n >= (long)(sizeof files / sizeof *files))
		return;
	char *part[2] = {NULL, NULL};
	for (int i = 0; i < 2; i++) {
		end += strspn(end, " \t");
		if (*end != '"')
			break;
		size_t len = strcspn(end + 1, "\"");
		part[i] = copy_of(end + 1, len);
		end += len + 2;
	}
	if (!part[0])
		return;
	char *name = part[0];
	if (part[1]) {
		size_t room = strlen(part[0]) + strlen(part[1]) + 2;
		name = zeroed(room, 1);
		if (*part[1] == '/' || *part[1] == '<' || !strcmp(part[0], ".") || *part[0] == '/')
			snprintf(name, room, "%s", part[1]);
		else
			snprintf(name, room, "%s/%s", part[0], part[1]);
		free(part[0]);
		free(part[1]);
	}
	free(files[n]);
	files[n] = name;
	file_is_header[n] = *name == '<' || strstr(name, "/<");
}

static int variable_of(const char *name, size_t len)
{
	struct slot *s = table_slot(&locals, name, len);
	if (s->value < 0) {
		if (nvariables == variables_cap) {
			variables_cap = variables_cap ? 2 * variables_cap : 64;
			variables = realloc(variables, (size_t)variables_cap * sizeof *variables);
			if (!variables)
				fatal("out of memory");
		}
		s->value = nvariables;
		variables[nvariables++] = (struct variable){copy_of(name, len), 0};
	}
	return s->value;
}

/* `$` begins an immediate, but clang also puts it into the names of closures. */
static bool is_name_char(int c)
{
	return isalnum(c) || c == '_' || c == '.' || c == '$';
}

/* The thread-local variables an instruction names: SYMBOL@tpoff. */
static void note_shared(struct function *f, const char *s)
{
	for (const char *p = s; (p = strchr(p, '@'));) {
		bool local = !strncasecmp(p, "@tpoff", 6);
		const char *from = p;
		while (from > s && is_name_char((unsigned char)from[-1]))
			from--;
		from += *from == '$';
		size_t len = (size_t)(p - from);
		p++;
		if (!local || !len)
			continue;
		char *name = copy_of(from, len);
		if (!strstr(name, "simt_")) {
			int v = variable_of(name, len);
			add(&f->shared, v);
		}
		free(name);
	}
}

/* Every function whose name an instruction mentions may be called by it; one that is mentioned
 * and not called, by anybody. */
static void note_callees(struct function *f, const char *s, bool transfer)
{
	for (const char *p = s; *p;) {
		if (!is_name_char((unsigned char)*p) || (p > s && p[-1] == '%')) {
			p++;
			continue;
		}
		p += *p == '$';
		const char *from = p;
		while (is_name_char((unsigned char)*p))
			p++;
		if (p == from || *from == '.' || isdigit((unsigned char)*from))
			continue;
		char *name = copy_of(from, (size_t)(p - from));
		struct slot *slot = table_slot(&symbols, name, strlen(name));
		if (slot->value >= 0) {
			add(&f->callees, slot->value);
			functions[slot->value].is_taken |= !transfer;
		}
		free(name);
	}
}

/* First pass: functions by name, labels that are jumped to, sizes of objects. */
static void collect_names(void)
{
	for (int i = 0; i < nlines; i++) {
		const char *p = lines[i].text;
		struct word w = take(&p);
		if (is(w, ".type")) {
			struct word name = take(&p);
			if (strstr(p, "@function")) {
				struct slot *s = table_slot(&symbols, name.at, name.len);
				if (s->value < 0) {
					s->value = nfunctions;
					functions[nfunctions++].name = s->name;
				}
			}
		} else if (is(w, ".size")) {
			struct word name = take(&p);
			struct word size = take(&p);
			if (size.len && isdigit((unsigned char)*size.at)) {
				int v = variable_of(name.at, name.len);
				variables[v].bytes = atol(size.at);
			}
		} else if (is(w, ".file")) {
			read_file(p);
		} else if (w.len && *w.at == 'j') {
			struct word target = take(&p);
			if (target.len && *target.at == '.')
				table_slot(&labels, target.at, target.len)->value = JUMPED_TO;
		}
	}
}

/* The state of the second pass. */
struct reading {
	int function, run, block_site, file, line;
	bool open;              /* a basic block has begun */
	char *group;
};

static int open_block(struct reading *r, int line)
{
	blocks[nblocks] = (struct block){line, line - 1, {-1, -1}, r->function};
	r->open = true;
	return nblocks++;
}

static void read_section(struct reading *r, const char *text)
{
	free(r->group);
	r->group = NULL;
	const char *comdat = strstr(text, ",comdat");
	if (!comdat || !strstr(text, "G"))
		return;
	const char *from = comdat;
	while (from > text && from[-1] != ',')
		from--;
	r->group = copy_of(from, (size_t)(comdat - from));
}

static void begin_function(struct reading *r, int f, int line)
{
	struct function *fn = &functions[f];
	r->function = f;
	r->open = false;
	r->run = r->block_site = -1;
	r->file = r->line = 0;
	fn->group = r->group ? copy_of(r->group, strlen(r->group)) : NULL;
	fn->block = nblocks;
	fn->first_line = line;
	fn->is_entry = strstr(fn->name, "simt_entry_l");
}

static void read_label(struct reading *r, int i, struct word name)
{
	name.len--;             /* the colon */
	struct slot *s = table_slot(&symbols, name.at, name.len);
	if (r->function < 0) {
		if (s->value < 0)
			return;
		begin_function(r, s->value, i);
	}
	struct slot *label = table_slot(&labels, name.at, name.len);
	if (*name.at == '.' && label->value == NOT_A_BLOCK) {
		/* a debugger's label: nothing jumps here */
		if (r->open)
			blocks[nblocks - 1].last = i;
		return;
	}
	r->run = -1;
	bool empty = r->open && blocks[nblocks - 1].last < blocks[nblocks - 1].first;
	if (!empty) {
		if (r->open)
			blocks[nblocks - 1].next[0] = nblocks;
		open_block(r, i);
	}
	label->value = nblocks - 1;
	blocks[nblocks - 1].last = i;
}

static void read_loc(struct reading *r, const char *p)
{
	char *end;
	long file = strtol(p, &end, 10), line = strtol(end, &end, 10);
	if (file < 0 || file >= (long)(sizeof files / sizeof *files) || line <= 0)
		return;
	/* Text of a header has no line of its own: it counts for the line that uses it. */
	if (!files[file] || file_is_header[file])
		return;
	r->file = (int)file;
	r->line = (int)line;
	struct function *f = &functions[r->function];
	if (!f->source_line) {
		f->file = r->file;
		f->source_line = r->line;
	}
}

/* #simt line NUMBER: simtpp's mark at a call of the runtime. */
static void read_mark(struct reading *r, const char *text)
{
	const char *at = strstr(text, "#simt line ");
	if (at && r->line)
		r->line = (int)strtol(at + 11, NULL, 10);
}

static void add_site(struct reading *r, int i, const struct callback *c, int size)
{
	struct site *s = &sites[nsites];
	*s = (struct site){.line = i, .function = r->function, .kind = c->kind, .form = c->form,
			   .size = size, .head = nsites, .rows = 1, .rank = -1,
			   .file = r->file, .source_line = r->line, .callee = c->name};
	lines[i].site = nsites;
	if (c->form != INLINE) {
		r->run = -1;
		/* memcpy of host code and of headers is everywhere; its size is unknown here */
		s->size = c->form == WITH_R9 || c->form == WITH_RDX ? 0 : 4;
	} else if (r->run >= 0 && c->kind != BLOCK && sites[r->run].rows < ROWS_MAX) {
		struct site *head = &sites[r->run];
		s->head = r->run;
		s->access = head->rows - (head->kind == BLOCK);
		head->rows++;
	} else {
		r->run = nsites;
	}
	if (c->kind == BLOCK)
		r->block_site = nsites;
	nsites++;
}

/* Where the arithmetic of the current line and block is added up. */
static struct work *work_here(const struct reading *r)
{
	for (int i = nworks; i-- > 0 && works[i].block_site == r->block_site;)
		if (works[i].file == r->file && works[i].source_line == r->line)
			return &works[i];
	works[nworks] = (struct work){r->block_site, r->file, r->line, 0, 0, 0, 0};
	return &works[nworks++];
}

static void read_instruction(struct reading *r, int i, struct word op, const char *p)
{
	struct function *f = &functions[r->function];
	if (!r->open) {
		r->run = -1;
		open_block(r, i);
	}
	blocks[nblocks - 1].last = i;
	lines[i].function = r->function;
	note_shared(f, p);
	note_callees(f, p, is_call(op) || *op.at == 'j');
	if (is_call(op)) {
		struct word target = take(&p);
		int size;
		const struct callback *c = mode == PLAIN ? NULL : find_callback(target, &size);
		if (c)
			add_site(r, i, c, size);
		else if (!is_harmless(target))
			r->run = -1;
		if (!c && r->block_site >= 0)
			add_call_flops(work_here(r), target);
	} else if (*op.at == 'j' || is(op, "notrack")) {
		if (*op.at == 'j' && !is(op, "jmp") && !is(op, "jmpq"))
			blocks[nblocks - 1].next[0] = nblocks;
		r->open = false;
	} else if (begins(op, "ret") || is(op, "ud2")) {
		r->open = false;
	} else if (r->block_site >= 0) {
		add_flops(work_here(r), op);
	}
}

static void read_text(void)
{
	struct reading r = {.function = -1};
	for (int i = 0; i < nlines; i++) {
		const char *p = lines[i].text;
		struct word w = take(&p);
		if (!w.len)
			continue;
		if (is(w, ".text")) {
			free(r.group);
			r.group = NULL;
		} else if (is(w, ".section")) {
			if (r.function < 0)
				read_section(&r, lines[i].text);
		} else if (w.at[w.len - 1] == ':' && *w.at != '#') {
			read_label(&r, i, w);
		} else if (r.function < 0) {
			continue;
		} else if (*w.at == '#') {
			read_mark(&r, lines[i].text);
		} else if (is(w, ".loc")) {
			read_loc(&r, p);
		} else if (is(w, ".size")) {
			struct word name = take(&p);
			struct function *f = &functions[r.function];
			if (is(name, f->name)) {
				f->blocks = nblocks - f->block;
				f->last_line = i;
				r.function = -1;
				r.open = false;
			}
		} else if (*w.at != '.') {
			read_instruction(&r, i, w, p);
		}
	}
	free(r.group);
}

static void connect_blocks(void)
{
	for (int b = 0; b < nblocks; b++) {
		struct block *k = &blocks[b];
		const char *p = lines[k->last].text;
		struct word op = take(&p);
		if (op.len && *op.at == 'j') {
			struct word target = take(&p);
			int to = target.len ? table_slot(&labels, target.at, target.len)->value : -1;
			if (to >= 0 && blocks[to].function == k->function)
				k->next[1] = to;
		}
		if (k->next[0] >= nblocks ||
		    (k->next[0] >= 0 && blocks[k->next[0]].function != k->function))
			k->next[0] = -1;
	}
}

/* Which functions kernels reach, from the entries. Functions whose address is taken, or that data
 * name (tables of function pointers, virtual functions), may be called from anywhere: a kernel may
 * be launched through a pointer. */
static void reach(int f)
{
	if (functions[f].reached)
		return;
	functions[f].reached = true;
	for (int i = 0; i < functions[f].callees.n; i++)
		reach(functions[f].callees.item[i]);
}

static void reach_from_data(void)
{
	for (int i = 0; i < nlines; i++) {
		const char *p = lines[i].text;
		struct word w = take(&p);
		if (!is(w, ".quad"))
			continue;
		struct word name = take(&p);
		struct slot *s = table_slot(&symbols, name.at, name.len);
		/* the compiler's own tables name functions too; only those of code matter */
		if (s->value >= 0 && name.len && isalpha((unsigned char)*name.at))
			reach(s->value);
	}
}

static void reach_all(void)
{
	for (int f = 0; f < nfunctions; f++)
		if (functions[f].is_entry || functions[f].is_taken)
			reach(f);
	reach_from_data();
}

/* Number the sites: callees first, blocks in the order of flow. */
static int ranks;

static void order_function(int f)
{
	struct function *fn = &functions[f];
	if (fn->ordered || !fn->reached)
		return;
	fn->ordered = true;
	for (int i = 0; i < fn->callees.n; i++)
		order_function(fn->callees.item[i]);
	int n = fn->blocks, *order = zeroed((size_t)n, sizeof *order);
	struct flow flow = {n, zeroed((size_t)n, sizeof *flow.next)};
	for (int b = 0; b < n; b++)
		for (int k = 0; k < 2; k++) {
			int to = blocks[fn->block + b].next[k];
			flow.next[b][k] = to < 0 ? -1 : to - fn->block;
		}
	flow_order(&flow, order);
	for (int b = 0; b < n; b++) {
		const struct block *k = &blocks[fn->block + order[b]];
		for (int i = k->first; i <= k->last; i++)
			if (lines[i].site >= 0) {
				sites[lines[i].site].rank = ranks;
				ranks += sites[lines[i].site].form == COPY ? 2 : 1;
			}
	}
	free(order);
	free(flow.next);
}

/* Static shared memory: what a function reaches, itself and through calls. */
static void gather_shared(int f, struct names *into)
{
	struct function *fn = &functions[f];
	if (fn->seen)
		return;
	fn->seen = true;
	for (int i = 0; i < fn->shared.n; i++)
		add(into, fn->shared.item[i]);
	for (int i = 0; i < fn->callees.n; i++)
		gather_shared(fn->callees.item[i], into);
}

/* Entries are told of last: their line is the launch's, where the kernel's own is better. */
static void check_limit(const struct function *f, const struct names *reached)
{
	static int last_file = -1, last_line = -1;
	bool is_device = f->reached || f->shared.n;
	long sum = 0;
	for (int i = 0; i < reached->n; i++)
		sum += variables[reached->item[i]].bytes;
	if (sum <= STATIC_LIMIT || !is_device || (f->is_entry && errors) || !f->source_line)
		return;
	if (f->file == last_file && f->source_line == last_line)
		return;
	last_file = f->file;
	last_line = f->source_line;
	fprintf(stderr, "%s:%d:1: error: a kernel reaches %ld bytes of static shared memory; "
			"%d are all a block can have\n",
		files[f->file], f->source_line, sum, STATIC_LIMIT);
	errors++;
}

static void write_shared_of(bool entries)
{
	for (int f = 0; f < nfunctions; f++) {
		if (functions[f].is_entry != entries)
			continue;
		struct names reached = {0};
		for (int i = 0; i < nfunctions; i++)
			functions[i].seen = false;
		gather_shared(f, &reached);
		if (reached.n && functions[f].blocks) {
			check_limit(&functions[f], &reached);
			printf("\t.section simt_ranges,\"a\",@progbits\n\t.balign 4\n.Lsimt_r%d:\n",
			       f);
			for (int i = 0; i < reached.n; i++)
				printf("\t.long %s@tpoff, %ld\n", variables[reached.item[i]].name,
				       variables[reached.item[i]].bytes);
			printf("\t.section simt_kernels,\"a\",@progbits\n\t.balign 8\n"
			       "\t.quad %s\n\t.long .Lsimt_r%d, %d\n",
			       functions[f].name, f, reached.n);
		}
		free(reached.item);
	}
}

static void write_shared(void)
{
	write_shared_of(false);
	write_shared_of(true);
}

/* Writing. */
static int record_bytes(const struct site *head)
{
	return 8 + 8 * WARP_LANES * (head->rows - (head->kind == BLOCK));
}

static void write_inline(int k)
{
	const struct site *s = &sites[k], *head = &sites[s->head];
	int bytes = record_bytes(head);
	printf("\tmovq %%fs:simt_cursor@tpoff, %%rax\n");
	if (s->head == k)
		printf("\tcmpl $.Lsimt_s%d, (%%rax)\n\tjne .Lsimt_slow%d\n\taddq $%d, %%rax\n"
		       "\tmovq %%rax, %%fs:simt_cursor@tpoff\n",
		       k, k, bytes);
	if (s->kind != BLOCK)
		printf("\tmovq %%fs:simt_column@tpoff, %%rcx\n\tmovq %%rdi, -%d(%%rax,%%rcx)\n",
		       bytes - 8 - 8 * WARP_LANES * s->access);
	printf(".Lsimt_back%d:\n", k);
}

static void write_site(int k)
{
	const struct site *s = &sites[k];
	switch (s->form) {
	case INLINE:
		if (mode == COUNT)
			write_inline(k);
		else if (s->kind != BLOCK)
			printf("\tmovl $.Lsimt_s%d, %%esi\n\tcall simt_%s\n", k,
			       s->kind == LOAD ? "check_load" : "check_store");
		break;
	case WITH_R9:
		printf("\tmovl $.Lsimt_s%d, %%r9d\n\tcall %s\n", k, s->callee);
		break;
	case WITH_RDX:
		printf("\tmovl $.Lsimt_s%d, %%edx\n\tcall %s\n", k, s->callee);
		break;
	case RANGE:
		printf("\tmovl $.Lsimt_s%d, %%edx\n\tcall simt_range\n", k);
		break;
	case COPY:
		printf("\tmovl $.Lsimt_s%d, %%ecx\n\tcall simt_%s\n", k,
		       strstr(s->callee, "memmove") ? "memmove" : "memcpy");
		break;
	case FILL:
		printf("\tmovl $.Lsimt_s%d, %%ecx\n\tcall simt_memset\n", k);
		break;
	}
}

/* Host code: as if the sanitizers had never been asked for. */
static void write_host(int k)
{
	const struct site *s = &sites[k];
	switch (s->form) {
	case INLINE:
	case RANGE:
		break;
	case COPY:
		printf("\tcall %s\n", strstr(s->callee, "memmove") ? "memmove" : "memcpy");
		break;
	case FILL:
		printf("\tcall memset\n");
		break;
	default:
		puts(lines[s->line].text);
	}
}

static void write_slow(const struct function *f)
{
	if (!f->reached || mode != COUNT)
		return;
	for (int i = f->first_line; i < f->last_line; i++) {
		int k = lines[i].site;
		if (k >= 0 && sites[k].form == INLINE && sites[k].head == k)
			printf(".Lsimt_slow%d:\n\tmovl $.Lsimt_s%d, %%esi\n\tcall simt_event\n"
			       "\tjmp .Lsimt_back%d\n",
			       k, k, k);
	}
}

static void write_text(void)
{
	int *ends = zeroed((size_t)nlines + 1, sizeof *ends);
	for (int f = 0; f < nfunctions; f++)
		if (functions[f].blocks)
			ends[functions[f].last_line] = f + 1;
	for (int i = 0; i < nlines; i++) {
		if (ends[i])
			write_slow(&functions[ends[i] - 1]);
		int k = lines[i].site;
		if (k < 0)
			puts(lines[i].text);
		else if (functions[sites[k].function].reached)
			write_site(k);
		else
			write_host(k);
	}
	free(ends);
}

static void write_row(const struct site *s, int kind, const char *label)
{
	if (label)
		printf("%s:\n", label);
	if (s->source_line)
		printf("\t.long .Lsimt_f%d, %d\n", s->file, s->source_line);
	else
		printf("\t.long 0, 0\n");
	printf("\t.byte %d, %d, %d, 0\n\t.long %d\n", kind, s->size, s->rows, record_bytes(s));
}

static void write_works(bool *used)
{
	int last = -1;
	for (int i = 0; mode == COUNT && i < nworks; i++) {
		const struct work *k = &works[i];
		const struct site *s = &sites[k->block_site];
		if (s->rank < 0 || !(k->flops32 | k->flops64 | k->special | k->halves))
			continue;
		const char *group = functions[s->function].group;
		if (s->function != last && group)
			printf("\t.section simt_work,\"aG\",@progbits,%s,comdat\n\t.balign 8\n", group);
		else if (s->function != last)
			printf("\t.section simt_work,\"a\",@progbits\n\t.balign 8\n");
		last = s->function;
		if (k->source_line) {
			printf("\t.long .Lsimt_f%d, %d\n", k->file, k->source_line);
			used[k->file] = true;
		} else {
			printf("\t.long 0, 0\n");
		}
		printf("\t.short %d, %d, %d, %d\n\t.quad .Lsimt_s%d\n", k->flops32, k->flops64,
		       k->special, k->halves, k->block_site);
	}
}

static void write_sites(void)
{
	int *at = zeroed((size_t)ranks + 1, sizeof *at);
	bool used[sizeof files / sizeof *files] = {false};
	for (int k = 0; k < nsites; k++)
		if (sites[k].rank >= 0) {
			at[sites[k].rank] = k + 1;
			if (sites[k].source_line)
				used[sites[k].file] = true;
		}
	printf("\t.section simt_sites,\"aw\",@progbits\n\t.balign 16\n");
	int last = -1;
	for (int r = 0; r < ranks; r++) {
		if (!at[r])
			continue;
		const struct site *s = &sites[at[r] - 1];
		const struct function *f = &functions[s->function];
		if (s->function != last) {
			last = s->function;
			if (f->group)
				printf("\t.section simt_sites,\"awG\",@progbits,%s,comdat\n",
				       f->group);
			else
				printf("\t.section simt_sites,\"aw\",@progbits\n");
		}
		char label[32];
		snprintf(label, sizeof label, ".Lsimt_s%d", at[r] - 1);
		write_row(s, (int)s->kind, label);
		if (s->form == COPY)
			write_row(s, STORE, NULL);
	}
	write_works(used);
	printf("\t.section .rodata.simt_files,\"a\",@progbits\n");
	for (size_t i = 0; i < sizeof files / sizeof *files; i++)
		if (used[i])
			printf(".Lsimt_f%zu:\n\t.asciz \"%s\"\n", i, files[i]);
	const char *name = mode == COUNT ? "simt_program_counts" : "simt_program_checks";
	printf("\t.weak %s\n\t.section .rodata\n%s:\n\t.byte 1\n", name, name);
	free(at);
}

static char *read_all(FILE *f)
{
	size_t n = 0, cap = 1 << 20;
	char *text = malloc(cap + 1);
	while (text) {
		n += fread(text + n, 1, cap - n, f);
		if (n < cap)
			break;
		cap *= 2;
		text = realloc(text, cap + 1);
	}
	if (!text || ferror(f))
		fatal("cannot read the input");
	text[n] = '\0';
	return text;
}

int main(int argc, char **argv)
{
	static const char *const names[] = {"plain", "count", "check"};
	int m = 0;
	while (argc == 2 && m < 3 && strcmp(argv[1], names[m]))
		m++;
	if (argc != 2 || m == 3) {
		fprintf(stderr, "usage: simtas plain|count|check < in.s > out.s\n");
		return 2;
	}
	mode = (enum mode)m;
	split_lines(read_all(stdin));
	collect_names();
	read_text();
	connect_blocks();
	reach_all();
	for (int f = 0; mode != PLAIN && f < nfunctions; f++)
		order_function(f);
	write_text();
	if (mode != PLAIN)
		write_sites();
	write_shared();
	puts("\t.section .note.GNU-stack,\"\",@progbits");
	if (fflush(stdout) || ferror(stdout))
		fatal("cannot write the output");
	return errors != 0;
}
