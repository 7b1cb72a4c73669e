/* The smaller commands. */
#include "commands.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../tangle/expand.h"
#include "child.h"

static Str essay_path(Str name, struct arena *a)
{
	return str_fmt(a, "essays/%.*s.md", STR_ARG(name));
}

/* Parse one essay without opening the site. NULL after reporting that it cannot be read. */
static struct doc *parse_essay(Str name, struct arena *a)
{
	struct file *file = NEW(a, struct file);
	file->path = essay_path(name, a);
	if (!fs_read(file->path.at, a, &file->text)) {
		error_text("no essay '%.*s': cannot read '%s'", STR_ARG(name), file->path.at);
		return NULL;
	}
	return doc_parse(file, a);
}

static int all_essays(Str **names, struct arena *a)
{
	int n = fs_list("essays", S(".md"), names, a);
	for (int i = 0; i < n; i++)
		(*names)[i] = str_sub((*names)[i], 0, (*names)[i].len - 3);
	return n;
}

bool find_chunk(Str spec, Str *essay, Str *name, struct arena *a)
{
	size_t colon = str_find(spec, ':', 0);
	if (colon < spec.len) {
		*essay = str_sub(spec, 0, colon);
		*name = str_sub(spec, colon + 1, spec.len);
		return true;
	}
	Str *names;
	int n = all_essays(&names, a), found = 0;
	*name = spec;
	/* The essay that is meant is read again, and says then what is wrong with it. */
	diag_silent = true;
	for (int i = 0; i < n; i++) {
		struct doc *doc = parse_essay(names[i], a);
		if (doc && doc_chunk(doc, spec)) {
			*essay = names[i];
			found++;
		}
		if (doc)
			doc_close(doc);
	}
	diag_silent = false;
	if (found != 1)
		error_text(found ? "several essays have a chunk '%.*s'; say ESSAY:%.*s" : "no essay has a chunk '%.*s'", STR_ARG(spec), STR_ARG(spec));
	return found == 1;
}

struct program *essay_program(struct essay *e, Str name)
{
	for (struct program *p = e->plan.programs; p; p = p->next)
		if (p->doc == e->doc && str_eq(p->chunk->name, name))
			return p;
	error_at((Span){&e->file, 0, 0}, "no program '%.*s'", STR_ARG(name));
	for (struct program *p = e->plan.programs; p; p = p->next)
		note_at(p->chunk->at, "there is '%.*s'", STR_ARG(p->chunk->name));
	return NULL;
}

bool action_needed(const struct action *goal, const struct action *act)
{
	if (goal == act)
		return true;
	for (int i = 0; i < goal->nneeds; i++)
		if (action_needed(goal->needs[i], act))
			return true;
	return false;
}

int parse_run(Str essay)
{
	struct arena a = arena_map((size_t)1 << 30);
	struct doc *doc = parse_essay(essay, &a);
	if (!doc)
		return 1;
	struct buf out = buf_new(&a, 1 << 16);
	doc_print(doc, &out);
	fwrite(out.at, 1, out.len, stdout);
	doc_close(doc);
	return diag_errors ? 1 : 0;
}

/* The recipe's directive and extension for a chunk's language. */
static const struct recipe *recipe_for(const struct build *b, Str language)
{
	for (const struct recipe *r = b->config->recipes; r; r = r->next)
		if (str_eq(r->language, language))
			return r;
	return NULL;
}

static bool tangle_chunk(struct build *b, struct doc *doc, struct chunk *c, struct buf *out)
{
	const struct recipe *r = recipe_for(b, c->language);
	return expand(doc, c, r && r->line.len ? PLACES_REAL : PLACES_NONE, r ? r->line : (Str){0}, out);
}

/* Programs of an essay with mistakes are not written. */
static void tangle_essay(struct build *b, Str name, struct arena *a)
{
	int errors = diag_errors;
	struct doc *doc = parse_essay(name, a);
	for (struct chunk *c = diag_errors == errors ? doc->chunks : NULL; c; c = c->next) {
		const struct recipe *r = recipe_for(b, c->language);
		struct buf text = buf_new(a, 8192);
		if (c->kind != CHUNK_PROGRAM || !r || !tangle_chunk(b, doc, c, &text))
			continue;
		Str path = str_fmt(a, "build/tangle/%.*s/%.*s.%.*s", STR_ARG(name), STR_ARG(c->name), STR_ARG(r->extension));
		if (!fs_write_if_changed(path.at, buf_str(&text), NULL))
			fatal("write '%s':", path.at);
		printf("%s\n", path.at);
	}
	if (doc)
		doc_close(doc);
}

int tangle_run(const struct build_options *opt, Str essay, Str root)
{
	struct arena a = arena_map((size_t)4 << 30);
	struct build b;
	build_open(&b, opt, &a);
	build_prepare(&b);
	if (root.len) {
		struct doc *doc = parse_essay(essay, &a);
		struct chunk *c = doc ? doc_chunk(doc, root) : NULL;
		struct buf out = buf_new(&a, 8192);
		if (doc && !c)
			error_text("'%s' has no chunk '%.*s'", essay_path(essay, &a).at, STR_ARG(root));
		if (c && !diag_errors && tangle_chunk(&b, doc, c, &out))
			fwrite(out.at, 1, out.len, stdout);
	} else {
		Str *names;
		int n = all_essays(&names, &a);
		for (int i = 0; i < n; i++)
			tangle_essay(&b, names[i], &a);
	}
	build_close(&b);
	return diag_errors ? 1 : 0;
}

int chosen_essays(const struct build_options *opt, Str **names, struct arena *a)
{
	*names = opt->essays;
	return opt->nessays ? opt->nessays : all_essays(names, a);
}

int plan_run(const struct build_options *opt)
{
	struct arena a = arena_map((size_t)4 << 30);
	struct build b;
	build_open(&b, opt, &a);
	build_prepare(&b);
	Str *names;
	int n = chosen_essays(opt, &names, &a);
	for (int i = 0; i < n; i++) {
		struct essay *e = essay_open(&b, names[i]);
		if (!e)
			continue;
		struct buf out = buf_new(&a, 1 << 14);
		plan_print(&e->plan, false, &out);
		fwrite(out.at, 1, out.len, stdout);
		essay_close(&b, e);
	}
	build_close(&b);
	return diag_errors ? 1 : 0;
}

/* Run the compiled program here, in the sandbox, on this terminal. */
static int run_here(struct build *b, struct essay *e, struct program *p, char **args, int nargs)
{
	struct arena *a = &e->arena;
	struct action *run = NEW(a, struct action);
	*run = *p->runs[0];
	run->argc = 0;
	run->argv = NEWS(a, Str, (size_t)(p->recipe->nrun + nargs) + 1);
	if (!p->compile)
		for (int i = 0; i < p->recipe->nrun; i++)
			run->argv[run->argc++] = p->runs[0]->argv[i];
	for (int i = 0; i < nargs; i++)
		run->argv[run->argc++] = str_of(args[i]);
	return perform_on_terminal(b, e, run);
}

int run_run(const struct build_options *opt, Str essay, Str program, char **args, int nargs)
{
	struct arena a = arena_map((size_t)4 << 30);
	struct build b;
	build_open(&b, opt, &a);
	build_prepare(&b);
	struct essay *e = essay_open(&b, essay);
	struct program *p = e && !e->faulty ? essay_program(e, program) : NULL;
	int status = 1;
	if (p && p->gpu) {
		error_at(p->chunk->at, "program '%.*s' runs on a GPU; 'weft build --record' runs it where there is one", STR_ARG(program));
	} else if (p) {
		/* Only what the run needs: all else counts as skipped. */
		for (struct action *act = e->plan.first; act; act = act->next)
			if (act == p->runs[0] || !action_needed(p->runs[0], act))
				act->state = ACTION_SKIPPED;
		b.essays = e;
		build_carry_out(&b, e);
		bool ready = true;
		for (int i = 0; i < p->runs[0]->nneeds; i++)
			ready = ready && p->runs[0]->needs[i]->state == ACTION_DONE;
		if (ready)
			status = run_here(&b, e, p, args, nargs);
	}
	build_close(&b);
	return status;
}

int check_run(const struct build_options *opt)
{
	struct build_options look = *opt;
	look.no_run = look.look_only = true;
	return build_run(&look);
}

static const char new_essay[] =
	"---\n"
	"title: %.*s\n"
	"category: Notes\n"
	"summary: One or two sentences for the index and the head of the page.\n"
	"date: %s\n"
	"tags: [C]\n"
	"---\n"
	"\n"
	"The sum of the first $n$ integers is $n(n+1)/2$. The program adds them one by one:\n"
	"\n"
	"```c {#add .program args=\"n=1000\"}\n"
	"#include \"weft.h\"\n"
	"\n"
	"int main(int argc, char **argv)\n"
	"{\n"
	"\tlong n = weft_param_int(argc, argv, \"n\", 10), sum = 0;\n"
	"\tweft_table sums = weft_table_open(\"sums\", \"i sum\");\n"
	"\tfor (long i = 1; i <= n; i++) {\n"
	"\t\tsum += i;\n"
	"\t\tweft_row(&sums, i, sum);\n"
	"\t}\n"
	"\tweft_table_close(&sums);\n"
	"\tweft_value(\"n\", n, \"\");\n"
	"\tweft_value(\"sum\", sum, \"\");\n"
	"\treturn 0;\n"
	"}\n"
	"```\n"
	"\n"
	"For $n$ = `{lua} add.values.n` it finds `{lua} fmt.int(add.values.sum)`, and @fig-sums shows the way there.\n"
	"\n"
	"```gnuplot {#fig-sums .figure from=\"add\" caption=\"The sum grows with the square of n.\" alt=\"A parabola from 1 to 500500.\"}\n"
	"set xlabel \"n\"\n"
	"plot \"sums.tsv\" using \"i\":\"sum\" with lines ls 1\n"
	"```\n"
	"\n"
	"```lua {#claim-formula .claim}\n"
	"says \"The program's sum is the formula's.\"\n"
	"holds(add.values.sum, \"==\", add.values.n * (add.values.n + 1) / 2)\n"
	"```\n";

static const char new_site[] =
	"return {\n"
	"\tname = \"Your name\",\n"
	"\trole = \"What you do\",\n"
	"\ttagline = \"What the site is about.\",\n"
	"\tsection = { title = \"Writing\", lead = \"Essays with their programs\", about = \"Every number comes out of the code on its page.\" },\n"
	"\torder = { \"hello\" },\n"
	"}\n";

static bool is_name(Str s)
{
	if (!s.len || !(s.at[0] >= 'a' && s.at[0] <= 'z'))
		return false;
	for (size_t i = 0; i < s.len; i++)
		if (!((s.at[i] >= 'a' && s.at[i] <= 'z') || (s.at[i] >= '0' && s.at[i] <= '9') || s.at[i] == '-'))
			return false;
	return true;
}

/* Write a file that must not be there yet. */
static bool create(const char *path, Str text)
{
	if (!access(path, F_OK)) {
		error_text("'%s' is there already", path);
		return false;
	}
	if (!fs_write(path, text, 0644))
		fatal("write '%s':", path);
	printf("%s\n", path);
	return true;
}

int new_essay_run(Str name)
{
	struct arena a = arena_map(1 << 20);
	if (!is_name(name)) {
		error_text("'%.*s' is no name for an essay: lower-case letters, digits and '-', a letter first", STR_ARG(name));
		return 2;
	}
	if (access("essays", F_OK))
		fatal("no directory 'essays' here; 'weft new site DIR' makes a site");
	char date[16];
	time_t now = time(NULL);
	strftime(date, sizeof date, "%Y-%m-%d", gmtime(&now));
	return create(essay_path(name, &a).at, str_fmt(&a, new_essay, STR_ARG(name), date)) ? 0 : 1;
}

int new_site_run(Str dir)
{
	struct arena a = arena_map(1 << 20);
	fs_mkdirs(str_fmt(&a, "%.*s/essays", STR_ARG(dir)).at);
	if (chdir(str_z(&a, dir)))
		fatal("change to '%.*s':", STR_ARG(dir));
	if (!create("essays/site.lua", str_of(new_site)) || !create(".gitignore", S("/build/\n")))
		return 1;
	return new_essay_run(S("hello"));
}

int clean_run(void)
{
	fs_remove_tree("build/site");
	fs_remove_tree("build/draft");
	fs_remove_tree("build/tangle");
	fs_remove_tree("build/out");
	fs_remove_tree("build/store");
	fs_remove_tree("build/math");
	fs_remove_tree("build/run");
	fs_remove_tree("build/tmp");
	unlink("build/state");
	return 0;
}
