/* What a plan asks of the world: files of the site and of weft, and the real programs behind a recipe's tools. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../tangle/arena.h"
#include "build.h"
#include "child.h"

struct asked {
	struct build *b;
	struct essay *e;
};

static bool world_file(void *ctx, Str path, Str *bytes, Digest *digest, Str *real)
{
	struct asked *w = ctx;
	struct arena *a = &w->e->arena;
	/* The use is noted first: a file that is not there today may appear tomorrow. */
	*digest = state_file(&w->b->state, path, &w->e->inputs);
	if (digest_is_zero(*digest) || !fs_read_beneath(".", path, a, bytes))
		return false;
	*real = path;
	return true;
}

static void world_data(void *ctx, Str path, Str *bytes, Digest *digest, Str *real)
{
	struct asked *w = ctx;
	struct arena *a = &w->e->arena;
	*real = str_copy(a, path);
	if (state_read(&w->b->state, *real, &w->e->inputs, bytes, digest, a))
		return;
	*real = str_fmt(a, "%.*s/%.*s", STR_ARG(w->b->data), STR_ARG(path));
	if (!state_read(&w->b->state, *real, &w->e->inputs, bytes, digest, a))
		fatal("weft's own file '%.*s' is missing", STR_ARG(*real));
}

/* Weft's scripts and those of the site; a site's file of the same name stands for weft's (see world_data()). */
static int world_plot_scripts(void *ctx, Str **names)
{
	struct asked *w = ctx;
	struct arena *a = &w->e->arena;
	Str *own, *site;
	int nown = fs_list(str_fmt(a, "%.*s/figures", STR_ARG(w->b->data)).at, S(".gp"), &own, a);
	int nsite = fs_list("figures", S(".gp"), &site, a), n = 0;
	*names = NEWS(a, Str, (size_t)(nown + nsite) + 1);
	for (int i = 0, k = 0; i < nown || k < nsite; ) {
		int order = i == nown ? 1 : k == nsite ? -1 : str_cmp(own[i], site[k]);
		(*names)[n++] = str_fmt(a, "figures/%.*s", STR_ARG(order <= 0 ? own[i] : site[k]));
		i += order <= 0;
		k += order >= 0;
	}
	return n;
}

/* What `tool -print-prog-name=PART` answers; a bare name is looked up in PATH. Empty when it is no program. */
static Str part_path(struct build *b, Str tool, Str part)
{
	const char *path = getenv("PATH");
	char *argv[] = {str_z(b->arena, tool), str_z(b->arena, str_join(b->arena, S("-print-prog-name="), part)), NULL};
	char *env[] = {str_z(b->arena, str_join(b->arena, S("PATH="), str_of(path))), NULL};
	struct child_spec spec = {.argv = argv, .env = env, .timeout_s = 10};
	struct child_end end;
	child_start(&spec, NULL);
	while (!child_wait(&end, -1))
		continue;
	return end.status ? (Str){0} : fs_which(str_trim(str_copy(b->arena, end.out)), b->arena);
}

/* A file told by its place from the directory of the tool's real program. */
static Str part_beside(struct build *b, Str tool, Str part)
{
	char real[PATH_MAX];
	if (!realpath(str_z(b->arena, tool), real))
		return (Str){0};
	Str dir = str_of(real);
	while (dir.len && dir.at[dir.len - 1] != '/')
		dir.len--;
	Str path = str_fmt(b->arena, "%.*s%.*s", STR_ARG(dir), STR_ARG(part));
	return access(path.at, R_OK) ? (Str){0} : path;
}

/* The programs behind a tool, newline-separated; asked once and remembered until the tool itself changes. */
static Str parts_of(struct build *b, const struct recipe *r, Str tool, Digest tool_digest)
{
	Str id = str_join(b->arena, tool, str_join(b->arena, S(" "), digest_text(b->arena, tool_digest)));
	for (struct tool_parts *p = b->state.parts; p; p = p->next)
		if (str_eq(p->path, id))
			return p->parts;
	struct buf parts = buf_new(b->arena, 256);
	for (int i = 0; i < r->nparts && !b->opt.no_run; i++) {
		bool beside = r->parts[i].len && r->parts[i].at[0] == '.';
		Str path = beside ? part_beside(b, tool, r->parts[i]) : part_path(b, tool, r->parts[i]);
		if (path.len)
			buf_fmt(&parts, "%.*s\n", STR_ARG(path));
	}
	if (b->opt.no_run)
		return (Str){0};
	struct tool_parts *p = NEW(b->arena, struct tool_parts);
	*p = (struct tool_parts){b->state.parts, id, buf_str(&parts)};
	b->state.parts = p;
	return p->parts;
}

static bool add_tool(struct asked *w, struct hash *h, Str name, Span at, Str *path)
{
	*path = state_which(&w->b->state, name);
	if (!path->len) {
		error_at(at, "the tool '%.*s' is not in PATH", STR_ARG(name));
		return false;
	}
	hash_digest(h, state_file(&w->b->state, *path, &w->e->inputs));
	return true;
}

static bool world_tools(void *ctx, const struct recipe *recipe, Str one_tool, Span at, Digest *digest)
{
	struct asked *w = ctx;
	struct hash h = {0};
	Str path;
	bool ok = true;
	if (!recipe)
		ok = add_tool(w, &h, one_tool, at, &path);
	for (int i = 0; recipe && i < recipe->ntools; i++) {
		ok = add_tool(w, &h, recipe->tools[i], at, &path) && ok;
		if (i + 1 < recipe->ntools || !ok || !recipe->nparts)
			continue;
		Str parts = parts_of(w->b, recipe, path, state_file(&w->b->state, path, NULL));
		while (parts.len)
			hash_digest(&h, state_file(&w->b->state, str_cut(&parts, '\n'), &w->e->inputs));
	}
	*digest = hash_done(&h);
	return ok;
}

static bool world_has_tools(void *ctx, const struct recipe *recipe)
{
	struct asked *w = ctx;
	bool all = !w->b->opt.no_run;
	for (int i = 0; i < recipe->ntools; i++)
		all = state_which(&w->b->state, recipe->tools[i]).len && all;
	return all;
}

static struct doc *world_other(void *ctx, Str essay, Span at)
{
	struct asked *w = ctx;
	struct other_doc *o = essay_other(w->b, w->e, essay);
	if (!o)
		error_at(at, "no essay '%.*s'", STR_ARG(essay));
	else if (o->faulty)
		error_at(at, "the essay '%.*s' has mistakes; its results cannot be used", STR_ARG(essay));
	return o && !o->faulty ? o->doc : NULL;
}

void world_of(struct build *b, struct essay *e, struct world *w)
{
	struct asked *ctx = NEW(&e->arena, struct asked);
	*ctx = (struct asked){b, e};
	*w = (struct world){world_file, world_data, world_plot_scripts, world_tools, world_has_tools, world_other, ctx};
}
