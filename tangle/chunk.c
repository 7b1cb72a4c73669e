/* From info strings to chunks: roles are a table, options are option_set()'s. */
#include "chunk.h"

#include "arena.h"
#include "info.h"
#include "nearest.h"
#include "sweep.h"

static const struct role {
	const char *name;       /* behind the '.' */
	enum chunk_kind kind;
	const char *prefix;     /* of its id; NULL: none of the prefixes */
	const char *language;   /* NULL: any */
	bool named;             /* must have an id */
} roles[] = {
	{"program", CHUNK_PROGRAM, NULL,     NULL,      true},
	{"figure",  CHUNK_FIGURE,  "fig-",   "gnuplot", true},
	{"table",   CHUNK_TABLE,   "tab-",   "lua",     true},
	{"claim",   CHUNK_CLAIM,   "claim-", "lua",     true},
	{"helpers", CHUNK_HELPERS, NULL,     "lua",     false},
	{"setup",   CHUNK_SETUP,   NULL,     "lua",     false},
};

enum { NROLES = sizeof roles / sizeof *roles };

static const struct role no_role = {"", CHUNK_SHOWN, NULL, NULL, false};

/* ---- the name space ---- */

static size_t hash(Str id)
{
	uint64_t h = 14695981039346656037u;
	for (size_t i = 0; i < id.len; i++)
		h = (h ^ (unsigned char)id.at[i]) * 1099511628211u;
	return (size_t)(h ^ h >> 32);
}

/* The slot that holds `id`, or the free one where it goes. */
static struct anchor **slot_of(const struct doc *doc, Str id)
{
	for (size_t i = hash(id);; i++) {
		struct anchor **slot = &doc->slots[i & (doc->nslots - 1)];
		if (!*slot || str_eq((*slot)->id, id))
			return slot;
	}
}

const struct anchor *doc_anchor(const struct doc *doc, Str id)
{
	return doc->nslots ? *slot_of(doc, id) : NULL;
}

static void grow(struct doc *doc, struct arena *a)
{
	struct anchor **old = doc->slots;
	size_t nold = doc->nslots;
	doc->nslots = nold ? 2 * nold : 64;
	doc->slots = NEWS(a, struct anchor *, doc->nslots);
	for (size_t i = 0; i < nold; i++)
		if (old[i])
			*slot_of(doc, old[i]->id) = old[i];
}

bool anchor_add(struct doc *doc, struct anchor *anchor, struct arena *a)
{
	if (2 * doc->nanchors >= doc->nslots)
		grow(doc, a);
	struct anchor **slot = slot_of(doc, anchor->id);
	if (*slot) {
		error_at(anchor->at, "the id '%.*s' is taken", STR_ARG(anchor->id));
		note_at((*slot)->at, "it was given here first");
		return false;
	}
	*slot = anchor;
	doc->nanchors++;
	return true;
}

struct chunk *doc_chunk(const struct doc *doc, Str name)
{
	const struct anchor *anchor = doc_anchor(doc, name);
	return anchor ? (struct chunk *)anchor->chunk : NULL;
}

/* ---- one info string ---- */

/* NULL after reporting. */
static const struct role *find_role(const struct info_item *item, struct arena *a)
{
	struct nearest near = nearest_to(item->name);
	for (int i = 0; i < NROLES; i++) {
		if (str_eq(item->name, str_of(roles[i].name)))
			return &roles[i];
		nearest_try(&near, str_of(roles[i].name));
	}
	error_at(item->at, "unknown role '.%.*s'%.*s", STR_ARG(item->name), STR_ARG(nearest_hint(&near, a)));
	return NULL;
}

/* The one item of a kind; a second one is a mistake. */
static const struct info_item *only(const struct info *info, int kind, const char *what)
{
	const struct info_item *found = NULL;
	for (const struct info_item *item = info->items; item; item = item->next) {
		if ((int)item->kind != kind)
			continue;
		if (found)
			error_at(item->at, "a block has one %s; '%.*s' is the first", what, STR_ARG(found->name));
		else
			found = item;
	}
	return found;
}

static void set_options(struct options *opts, const struct chunk *chunk, bool later, const struct info *info,
                        struct arena *a)
{
	for (const struct info_item *item = info->items; item; item = item->next)
		if (item->kind == ITEM_FLAG || item->kind == ITEM_VALUE)
			option_set(opts, chunk->kind, later, item->name, item->at,
			           item->kind == ITEM_VALUE ? &item->value : NULL, item->value_at, a);
}

static void check_name(const struct role *role, const struct info_item *id, Span at)
{
	if (!id) {
		if (role->named)
			error_at(at, "a .%s chunk has an id: {#%sname .%s}", role->name,
			         role->prefix ? role->prefix : "", role->name);
		return;
	}
	if (id->name.len > NAME_MOST)
		error_at(id->at, "an id has at most %d characters, this one %zu", NAME_MOST, id->name.len);
	const struct id_kind *kind = id_kind(id->name);
	if (role->prefix && !(kind && str_eq(kind->prefix, str_of(role->prefix))))
		error_at(id->at, "the id of a .%s chunk begins with '%s', not '%.*s'", role->name, role->prefix,
		         STR_ARG(id->name));
	if (!role->prefix && kind)
		error_at(id->at, "'%.*s': ids that begin with '%.*s' are for %s", STR_ARG(id->name),
		         STR_ARG(kind->prefix), kind->owners);
}

static void need(const struct chunk *chunk, enum option o)
{
	if (!chunk->opt.value[o].given)
		error_at(chunk->at, "the figure has no '%s'", option_name(o));
}

/* What a whole chunk must have; its first block and the options are known. */
static void check_chunk(struct chunk *chunk, const struct role *role, struct arena *a)
{
	if (role->language && !str_eq(chunk->language, str_of(role->language)) && chunk->language.len)
		error_at(chunk->blocks->at, "a .%s chunk is written in %s, not %.*s", role->name, role->language,
		         STR_ARG(chunk->language));
	if (chunk->kind == CHUNK_FIGURE) {
		need(chunk, OPT_FROM);
		need(chunk, OPT_CAPTION);
		need(chunk, OPT_ALT);
	}
	const struct option_value *device = &chunk->opt.value[OPT_DEVICE];
	if (str_eq(device->text, S("gpu")) && !str_eq(chunk->language, S("cuda")) && chunk->language.len)
		error_at(device->at, "a program that runs on a GPU is written in cuda, not %.*s", STR_ARG(chunk->language));
	const struct option_value *sweep = &chunk->opt.value[OPT_SWEEP];
	if (sweep->given)
		chunk->sweep = sweep_parse(sweep->text, sweep->at, a);
}

static struct chunk *new_chunk(struct doc *doc, const struct info_item *id, const struct role *role,
                               struct block *block, struct arena *a)
{
	struct chunk *chunk = NEW(a, struct chunk);
	chunk->kind = role->kind;
	chunk->language = block->language;
	chunk->at = block->at;
	chunk->blocks = chunk->last = block;
	block->index = 1;
	if (!id)
		return chunk;
	chunk->name = id->name;
	struct anchor *anchor = NEW(a, struct anchor);
	*anchor = (struct anchor){.id = id->name, .at = id->at, .chunk = chunk};
	anchor_add(doc, anchor, a);
	return chunk;
}

static void continue_chunk(struct chunk *chunk, struct block *block, const struct info *info, struct arena *a)
{
	const struct info_item *role = only(info, ITEM_ROLE, "role");
	block->index = chunk->last->index + 1;
	chunk->last->more = block;
	chunk->last = block;
	if (role) {
		error_at(role->at, "the role stands on the first block of '%.*s'", STR_ARG(chunk->name));
		note_at(chunk->at, "the first block is here");
	}
	if (!str_eq(block->language, chunk->language) && block->language.len && chunk->language.len) {
		error_at(info->at, "'%.*s' is written in %.*s, not %.*s", STR_ARG(chunk->name),
		         STR_ARG(chunk->language), STR_ARG(block->language));
		note_at(chunk->at, "the first block is here");
	}
	struct options opts = {0};
	set_options(&opts, chunk, true, info, a);
	block->hide = opts.value[OPT_HIDE].given;
	block->fold = opts.value[OPT_FOLD].given;
}

void chunk_take(struct doc *doc, struct block *block, Str text, Span at, struct arena *a)
{
	struct info info;
	bool fine = info_parse(text, at, &info, a);
	block->language = info.language;
	if (!info.braces)
		return;
	if (!info.language.len)
		error_at(info.brace, "the language is missing before '{'");
	const struct info_item *id = only(&info, ITEM_ID, "id");
	struct chunk *chunk = id ? doc_chunk(doc, id->name) : NULL;
	if (chunk) {
		block->chunk = chunk;
		continue_chunk(chunk, block, &info, a);
		return;
	}
	const struct info_item *item = only(&info, ITEM_ROLE, "role");
	const struct role *role = item ? find_role(item, a) : &no_role;
	chunk = block->chunk = new_chunk(doc, id, role ? role : &no_role, block, a);
	/* Options that fit an unknown role cannot be told. */
	if (!role)
		return;
	set_options(&chunk->opt, chunk, false, &info, a);
	block->hide = chunk->opt.value[OPT_HIDE].given;
	block->fold = chunk->opt.value[OPT_FOLD].given;
	if (fine) {
		check_name(role, id, info.brace);
		check_chunk(chunk, role, a);
	}
}
