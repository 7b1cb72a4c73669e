/* Counting: launches.tsv, a row a launch; lines.tsv, a row a kernel and line of the essay, summed
 * over its launches. Both hold the same figures, each a sum over sites. Rows are in order of
 * launch; lines by file and line. A model of a cache that was not asked for leaves its cells
 * empty. */
#include "count.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum figure {
	LOADS, LOAD_LANES, LOAD_SECTORS, LOAD_BYTES,
	STORES, STORE_LANES, STORE_SECTORS, STORE_BYTES,
	ATOMICS, ATOMIC_LANES, ATOMIC_SECTORS,
	SHARED_LOADS, SHARED_LOAD_WAVEFRONTS, SHARED_LOAD_CONFLICTS, SHARED_LOAD_BYTES,
	SHARED_STORES, SHARED_STORE_WAVEFRONTS, SHARED_STORE_CONFLICTS, SHARED_STORE_BYTES,
	SHARED_ATOMICS, CONSTANT_LOADS,
	BARRIERS, COLLECTIVES,
	STEPS, STEP_LANES,
	FLOPS32, FLOPS64, FLOPS16, SPECIAL,
	FIGURES
};
static const struct {
	const char *name, *unit;
} figures[FIGURES] = {
	[LOADS] = {"loads", NULL},
	[LOAD_LANES] = {"load_lanes", NULL},
	[LOAD_SECTORS] = {"load_sectors", NULL},
	[LOAD_BYTES] = {"load_bytes", "B"},
	[STORES] = {"stores", NULL},
	[STORE_LANES] = {"store_lanes", NULL},
	[STORE_SECTORS] = {"store_sectors", NULL},
	[STORE_BYTES] = {"store_bytes", "B"},
	[ATOMICS] = {"atomics", NULL},
	[ATOMIC_LANES] = {"atomic_lanes", NULL},
	[ATOMIC_SECTORS] = {"atomic_sectors", NULL},
	[SHARED_LOADS] = {"shared_loads", NULL},
	[SHARED_LOAD_WAVEFRONTS] = {"shared_load_wavefronts", NULL},
	[SHARED_LOAD_CONFLICTS] = {"shared_load_conflicts", NULL},
	[SHARED_LOAD_BYTES] = {"shared_load_bytes", "B"},
	[SHARED_STORES] = {"shared_stores", NULL},
	[SHARED_STORE_WAVEFRONTS] = {"shared_store_wavefronts", NULL},
	[SHARED_STORE_CONFLICTS] = {"shared_store_conflicts", NULL},
	[SHARED_STORE_BYTES] = {"shared_store_bytes", "B"},
	[SHARED_ATOMICS] = {"shared_atomics", NULL},
	[CONSTANT_LOADS] = {"constant_loads", NULL},
	[BARRIERS] = {"barriers", NULL},
	[COLLECTIVES] = {"collectives", NULL},
	[STEPS] = {"steps", NULL},
	[STEP_LANES] = {"step_lanes", NULL},
	[FLOPS32] = {"flops32", NULL},
	[FLOPS64] = {"flops64", NULL},
	[FLOPS16] = {"flops16", NULL},
	[SPECIAL] = {"special", NULL},
};

/* Figures of a launch that no line has. */
enum whole {
	READ_DISTINCT, WRITTEN_DISTINCT, PARTIAL_STEPS, ASYNC_COPIES, ASYNC_BYTES, TENSOR_FLOPS,
	L1_HITS, L1_MISSES, L2_HITS, L2_MISSES, L2_WRITTEN_BACK,
	WHOLES
};
static const char *const wholes[WHOLES] = {
	[READ_DISTINCT] = "distinct_load_sectors",
	[WRITTEN_DISTINCT] = "distinct_store_sectors",
	[PARTIAL_STEPS] = "partial_steps",
	[ASYNC_COPIES] = "async_copies",
	[ASYNC_BYTES] = "async_bytes[B]",
	[TENSOR_FLOPS] = "tensor_flops",
	[L1_HITS] = "l1_model_hits",
	[L1_MISSES] = "l1_model_misses",
	[L2_HITS] = "l2_model_hits",
	[L2_MISSES] = "l2_model_misses",
	[L2_WRITTEN_BACK] = "l2_model_written_back",
};

struct sum {
	uint64_t of[FIGURES];
};

/* The last launch, for simt_count(). */
static struct sum launch;
static uint64_t launch_whole[WHOLES];

struct line {
	char *kernel;
	const char *file;
	unsigned number, launches, last_launch;
	struct sum sum;
};
static struct line *lines;
static size_t nlines, lines_cap;
static FILE *out;

static void add_global(struct sum *s, const struct site *site, const struct tally *t)
{
	uint64_t bytes = t->lanes * site->size;
	int first = site->kind == SITE_LOAD ? LOADS : site->kind == SITE_STORE ? STORES : ATOMICS;
	s->of[first] += t->requests;
	s->of[first + 1] += t->lanes;
	s->of[first + 2] += t->sectors;
	if (site->kind != SITE_ATOMIC)
		s->of[first + 3] += bytes;
}

static void add_shared(struct sum *s, const struct site *site, const struct tally *t)
{
	if (site->kind == SITE_ATOMIC) {
		s->of[SHARED_ATOMICS] += t->requests;
		return;
	}
	int first = site->kind == SITE_LOAD ? SHARED_LOADS : SHARED_STORES;
	s->of[first] += t->requests;
	s->of[first + 1] += t->wavefronts;
	s->of[first + 2] += t->wavefronts - t->ideal;
	s->of[first + 3] += t->lanes * site->size;
}

/* Add what one site has counted. */
static void add_site(struct sum *s, const struct site *site, const struct tally *t)
{
	const struct tally *g = &t[SPACE_GLOBAL];
	switch (site->kind) {
	case SITE_BLOCK:
		s->of[STEPS] += g->requests;
		s->of[STEP_LANES] += g->lanes;
		break;
	case SITE_BARRIER:
		s->of[BARRIERS] += g->requests;
		break;
	case SITE_WARP:
		s->of[COLLECTIVES] += g->requests;
		break;
	default:
		add_global(s, site, g);
		add_shared(s, site, &t[SPACE_SHARED]);
		s->of[CONSTANT_LOADS] += t[SPACE_CONSTANT].requests;
	}
}

static struct line *find_line(const char *kernel, const char *file, unsigned number)
{
	for (size_t i = nlines; i-- > 0;)
		if (lines[i].number == number && !strcmp(lines[i].kernel, kernel) &&
		    !strcmp(lines[i].file, file))
			return &lines[i];
	if (nlines == lines_cap) {
		lines_cap = lines_cap ? 2 * lines_cap : 64;
		lines = realloc(lines, lines_cap * sizeof *lines);
		if (!lines)
			simt_fatal("no memory for lines.tsv");
	}
	lines[nlines] = (struct line){.kernel = strdup(kernel), .file = file, .number = number,
				      .last_launch = ~0u};
	return &lines[nlines++];
}

static bool is_idle(const struct tally *t)
{
	return !(t[0].requests | t[1].requests | t[2].requests);
}

/* The workers' tallies of one site, added up. */
static void sum_workers(size_t site, struct tally into[SPACES])
{
	memset(into, 0, SPACES * sizeof *into);
	for (int w = 0; w < simt_workers; w++) {
		const struct totals *totals = simt_crew[w].totals;
		if (!totals)
			continue;
		for (int k = 0; k < SPACES; k++) {
			const struct tally *t = &totals->tally[site * SPACES + (size_t)k];
			into[k].requests += t->requests;
			into[k].lanes += t->lanes;
			into[k].sectors += t->sectors;
			into[k].wavefronts += t->wavefronts;
			into[k].ideal += t->ideal;
		}
	}
}

/* The line's sum, for adding what this launch did there. */
static struct line *touch_line(const char *file, unsigned number)
{
	struct line *line = find_line(simt_now.what.name, file, number);
	line->launches += line->last_launch != simt_now.number;
	line->last_launch = simt_now.number;
	return line;
}

static void add_work(struct sum *s, const struct work *work, uint64_t lanes)
{
	s->of[FLOPS32] += lanes * work->flops32;
	s->of[FLOPS64] += lanes * work->flops64;
	s->of[FLOPS16] += lanes * work->halves;
	s->of[SPECIAL] += lanes * work->special;
}

static void sum_work(void)
{
	for (const struct work *k = __start_simt_work; k < __stop_simt_work; k++) {
		struct tally t[SPACES];
		sum_workers(site_number((const struct site *)(uintptr_t)k->block), t);
		uint64_t lanes = t[SPACE_GLOBAL].lanes;
		if (!lanes)
			continue;
		add_work(&launch, k, lanes);
		if (k->line)
			add_work(&touch_line((const char *)(uintptr_t)k->file, k->line)->sum, k,
				 lanes);
	}
}

static void sum_launch(void)
{
	memset(&launch, 0, sizeof launch);
	memset(launch_whole, 0, sizeof launch_whole);
	for (size_t i = 0; i < site_count(); i++) {
		const struct site *site = &__start_simt_sites[i];
		struct tally t[SPACES];
		sum_workers(i, t);
		if (is_idle(t))
			continue;
		add_site(&launch, site, t);
		if (!site->line)
			continue;
		add_site(&touch_line(site_file(site), site->line)->sum, site, t);
	}
	sum_work();
	for (int w = 0; w < simt_workers; w++) {
		struct totals *t = simt_crew[w].totals;
		if (!t)
			continue;
		launch_whole[PARTIAL_STEPS] += t->partial_steps;
		launch_whole[ASYNC_COPIES] += t->async_copies;
		launch_whole[ASYNC_BYTES] += t->async_bytes;
		launch_whole[TENSOR_FLOPS] += t->tensor_flops;
	}
	launch_whole[READ_DISTINCT] = space_distinct(false);
	launch_whole[WRITTEN_DISTINCT] = space_distinct(true);
	if (cache_wanted()) {
		struct cache_figures c = cache_end();
		launch_whole[L1_HITS] = c.l1_hits;
		launch_whole[L1_MISSES] = c.l1_misses;
		launch_whole[L2_HITS] = c.l2_hits;
		launch_whole[L2_MISSES] = c.l2_misses;
		launch_whole[L2_WRITTEN_BACK] = c.l2_written_back;
	}
}

static void write_names(FILE *f)
{
	for (int i = 0; i < FIGURES; i++)
		fprintf(f, figures[i].unit ? "\t%s[%s]" : "\t%s", figures[i].name, figures[i].unit);
}

static void write_sum(FILE *f, const struct sum *s)
{
	for (int i = 0; i < FIGURES; i++)
		fprintf(f, "\t%llu", (unsigned long long)s->of[i]);
}

/* A ratio, or an empty cell. */
static void write_ratio(FILE *f, uint64_t part, uint64_t whole)
{
	if (whole)
		fprintf(f, "\t%.17g", (double)part / (double)whole);
	else
		fputc('\t', f);
}

static void open_launches(void)
{
	out = fopen("launches.tsv", "w");
	if (!out)
		simt_fatal("cannot write 'launches.tsv'");
	fputs("launch\tkernel\tgrid_x\tgrid_y\tgrid_z\tblock_x\tblock_y\tblock_z\tthreads\twarps"
	      "\tstatic_shared[B]\tdynamic_shared[B]",
	      out);
	write_names(out);
	for (int i = 0; i < WHOLES; i++)
		fprintf(out, "\t%s", wholes[i]);
	fputs("\tload_efficiency\tstore_efficiency\tsimt_efficiency\n", out);
}

static void write_launch(void)
{
	const struct simt_dim g = simt_now.what.grid, b = simt_now.what.block;
	fprintf(out, "%u\t%s\t%u\t%u\t%u\t%u\t%u\t%u\t%llu\t%llu\t%zu\t%zu", simt_now.number,
		simt_now.what.name, g.x, g.y, g.z, b.x, b.y, b.z,
		(unsigned long long)(simt_now.blocks * simt_now.threads),
		(unsigned long long)(simt_now.blocks * ((simt_now.threads + WARP - 1) / WARP)),
		simt_now.static_bytes, simt_now.what.dynamic_bytes);
	write_sum(out, &launch);
	for (int i = 0; i < WHOLES; i++)
		if (i < L1_HITS || cache_wanted())
			fprintf(out, "\t%llu", (unsigned long long)launch_whole[i]);
		else
			fputc('\t', out);
	write_ratio(out, launch.of[LOAD_BYTES], 32 * launch.of[LOAD_SECTORS]);
	write_ratio(out, launch.of[STORE_BYTES], 32 * launch.of[STORE_SECTORS]);
	write_ratio(out, launch.of[STEP_LANES], WARP * launch.of[STEPS]);
	fputc('\n', out);
}

/* Also of workers that this launch leaves idle. */
static void clear_totals(struct totals *t)
{
	memset(t->tally, 0, site_count() * SPACES * sizeof *t->tally);
	*t = (struct totals){.tally = t->tally};
}

void table_begin(void)
{
	for (int w = 0; w < simt_workers; w++)
		if (simt_crew[w].totals)
			clear_totals(simt_crew[w].totals);
	space_launch();
	if (cache_wanted())
		cache_launch();
}

void table_launch(void)
{
	if (!out)
		open_launches();
	sum_launch();
	write_launch();
}

static int by_place(const void *a, const void *b)
{
	const struct line *x = a, *y = b;
	int order = strcmp(x->file, y->file);
	if (!order)
		order = x->number < y->number ? -1 : x->number > y->number;
	return order ? order : strcmp(x->kernel, y->kernel);
}

static void write_lines(void)
{
	FILE *f = fopen("lines.tsv", "w");
	if (!f)
		simt_fatal("cannot write 'lines.tsv'");
	fputs("kernel\tfile\tline\tlaunches", f);
	write_names(f);
	fputc('\n', f);
	qsort(lines, nlines, sizeof *lines, by_place);
	for (size_t i = 0; i < nlines; i++) {
		fprintf(f, "%s\t%s\t%u\t%u", lines[i].kernel, lines[i].file, lines[i].number,
			lines[i].launches);
		write_sum(f, &lines[i].sum);
		fputc('\n', f);
		free(lines[i].kernel);
	}
	free(lines);
	if (fclose(f))
		simt_fatal("cannot write 'lines.tsv'");
}

__attribute__((destructor)) static void at_exit(void)
{
	if (!out)
		return;
	if (fclose(out))
		simt_fatal("cannot write 'launches.tsv'");
	write_lines();
}

uint64_t simt_count(const char *name)
{
	if (simt_mode != MODE_COUNT)
		return 0;
	for (int i = 0; i < FIGURES; i++)
		if (!strcmp(figures[i].name, name))
			return launch.of[i];
	for (int i = 0; i < WHOLES; i++)
		if (!strncmp(wholes[i], name, strlen(name)) &&
		    (!wholes[i][strlen(name)] || wholes[i][strlen(name)] == '['))
			return launch_whole[i];
	simt_fatal("no figure is called '%s'", name);
}
