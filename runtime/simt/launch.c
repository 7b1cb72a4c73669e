/* Launches: workers, the order of blocks, and errors.
 *
 * Workers are handed blocks in the order of their numbers. When one block fails, those before it
 * still run to their end and those after it are not begun or are cut short; of several that fail,
 * the first in block order is the one reported. So what a program says of its mistake does not
 * depend on the number of workers either. */
#include "run.h"

#include <errno.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "include/simt/core.h"

struct launch simt_now;
enum mode simt_mode;
int simt_workers;
struct worker simt_crew[MAX_WORKERS];
__thread int simt_my_turn;
__thread char simt_dynamic[SIMT_SHARED_LIMIT] __attribute__((aligned(1024)));

/* simtas defines one of these in every object it writes for such a program. */
extern const char simt_program_counts __attribute__((weak));
extern const char simt_program_checks __attribute__((weak));

_Noreturn void simt_fatal(const char *format, ...)
{
	va_list ap;
	va_start(ap, format);
	fflush(stdout);
	fputs("simt: ", stderr);
	vfprintf(stderr, format, ap);
	fputc('\n', stderr);
	va_end(ap);
	_exit(2);
}

long option(const char *name, long otherwise, long low, long high)
{
	const char *text = getenv(name);
	if (!text || !*text)
		return otherwise;
	char *end;
	errno = 0;
	long n = strtol(text, &end, 10);
	if (*end || errno || n < low || n > high)
		simt_fatal("%s is '%s', want a whole number from %ld to %ld", name, text, low, high);
	return n;
}

/* Errors. */
static int last_error, stuck_error;

int error_set(int error)
{
	if (error)
		last_error = error;
	return error;
}

int error_sticky(void)
{
	return stuck_error;
}

int error_take(bool forget)
{
	int e = stuck_error ? stuck_error : last_error;
	check_asked();
	if (forget)
		last_error = 0;
	return e;
}

/* Failures of blocks: the first in block order is kept. */
static struct {
	atomic_uint_least64_t block;
	int error;
	const struct site *site;
	char text[1024];
} failure;
static pthread_mutex_t failure_lock = PTHREAD_MUTEX_INITIALIZER;

const char *lane_place(const struct worker *w, const struct lane *l)
{
	static __thread char text[160];
	int n = snprintf(text, sizeof text, "block (%u,%u,%u)", w->block.x, w->block.y, w->block.z);
	if (l)
		snprintf(text + n, sizeof text - (size_t)n, ", thread (%u,%u,%u)", l->index.x,
			 l->index.y, l->index.z);
	return text;
}

void block_fail(int error, const struct site *site, const char *format, ...)
{
	struct worker *w = simt_worker;
	va_list ap;
	va_start(ap, format);
	pthread_mutex_lock(&failure_lock);
	if (w->block_number < atomic_load(&failure.block)) {
		failure.error = error;
		failure.site = site;
		vsnprintf(failure.text, sizeof failure.text, format, ap);
		atomic_store(&failure.block, w->block_number);
	}
	pthread_mutex_unlock(&failure_lock);
	va_end(ap);
	w->abandoned = true;
	if (w->running != &w->scheduler)
		block_abandon();
}

/* Blocks in order, and turns. */
static atomic_uint_least64_t next_block, ended_below;
static _Atomic unsigned char *block_ended;
static size_t block_ended_size;
static uint64_t chunk;
static atomic_int waiters;
static atomic_bool takes_turns;
static int active_workers;
static pthread_mutex_t turn_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t turn_given = PTHREAD_COND_INITIALIZER;

/* The block is over: those that wait for it may look again. */
static void block_ends(struct worker *w)
{
	if (w->block_number == NO_BLOCK)
		return;
	if (simt_mode == MODE_COUNT)
		record_block_end(w);
	if (simt_mode == MODE_CHECK && !w->abandoned)
		check_block_end(w);
	output_block_end(w, w->block_number <= atomic_load(&failure.block));
	if (active_workers > 1) {
		atomic_store(&block_ended[w->block_number], 1);
		if (atomic_load(&waiters)) {
			pthread_mutex_lock(&turn_lock);
			pthread_cond_broadcast(&turn_given);
			pthread_mutex_unlock(&turn_lock);
		}
	}
	w->block_number = NO_BLOCK;
}

bool block_next(struct worker *w)
{
	block_ends(w);
	if (w->next == w->end) {
		/* Blocks that wait for each other are best taken one at a time. */
		uint64_t n = atomic_load_explicit(&takes_turns, memory_order_relaxed) ? 1 : chunk;
		w->next = atomic_fetch_add(&next_block, n);
		w->end = w->next + n < simt_now.blocks ? w->next + n : simt_now.blocks;
		if (w->next >= simt_now.blocks) {
			w->next = w->end = 0;
			return false;
		}
	}
	if (w->next > atomic_load(&failure.block))
		return false;
	uint64_t b = w->next++;
	const struct simt_dim grid = simt_now.what.grid;
	w->block_number = b;
	w->block = grid.y == 1 && grid.z == 1
			   ? (struct simt_dim){(unsigned)b, 0, 0}
			   : (struct simt_dim){(unsigned)(b % grid.x), (unsigned)(b / grid.x % grid.y),
					       (unsigned)(b / grid.x / grid.y)};
	simt_my_turn = active_workers == 1;
	return true;
}

/* The lowest block that has not ended, as far as is known. */
static uint64_t first_running(uint64_t mine)
{
	uint64_t known = atomic_load(&ended_below), n = known;
	while (n < mine && atomic_load(&block_ended[n]))
		n++;
	while (known < n && !atomic_compare_exchange_weak(&ended_below, &known, n))
		;
	return n;
}

void simt_wait_turn(const void *at)
{
	struct worker *w = simt_worker;
	if (!w || simt_my_turn || is_shared(w, (uint64_t)(uintptr_t)at))
		return;
	atomic_store_explicit(&takes_turns, true, memory_order_relaxed);
	uint64_t mine = w->block_number, n;
	w->waiting = true;
	for (int spin = 0; (n = first_running(mine)) < mine; spin++) {
		if (atomic_load(&failure.block) < mine)
			break;
		if (spin < 2000) {
#ifdef __x86_64__
			__builtin_ia32_pause();
#endif
			continue;
		}
		pthread_mutex_lock(&turn_lock);
		atomic_fetch_add(&waiters, 1);
		while (!atomic_load(&block_ended[n]) && atomic_load(&failure.block) >= mine)
			pthread_cond_wait(&turn_given, &turn_lock);
		atomic_fetch_sub(&waiters, 1);
		pthread_mutex_unlock(&turn_lock);
	}
	w->waiting = false;
	w->progress++;
	if (atomic_load(&failure.block) < mine)
		block_abandon();
	simt_my_turn = 1;
}

/* Workers. The first is the host's own thread; the others sleep between launches. */
static pthread_mutex_t crew_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t crew_begin = PTHREAD_COND_INITIALIZER, crew_end = PTHREAD_COND_INITIALIZER;
static unsigned crew_round;
static int crew_size = 1, crew_busy;

static int find_tls(struct dl_phdr_info *info, size_t size, void *data)
{
	struct worker *w = data;
	(void)size;
	for (int i = 0; i < info->dlpi_phnum; i++)
		if (info->dlpi_phdr[i].p_type == PT_TLS && info->dlpi_tls_data) {
			w->shared_from = (uintptr_t)info->dlpi_tls_data;
			w->shared_bytes = info->dlpi_phdr[i].p_memsz;
		}
	return 1;       /* the program itself comes first */
}

static void worker_work(struct worker *w)
{
	simt_worker = w;
	if (!w->shared_bytes) {
		dl_iterate_phdr(find_tls, w);
		fault_thread(w);
	}
	worker_prepare(w);
	if (simt_mode == MODE_COUNT)
		record_prepare(w);
	if (simt_mode == MODE_CHECK)
		check_prepare(w);
	while (!w->no_more && block_next(w))
		block_run(w);
	block_ends(w);
	simt_worker = NULL;
}

static void *worker_main(void *data)
{
	struct worker *w = data;
	unsigned seen = 0;
	pthread_mutex_lock(&crew_lock);
	for (;;) {
		while (crew_round == seen)
			pthread_cond_wait(&crew_begin, &crew_lock);
		seen = crew_round;
		if (w->id >= active_workers)
			continue;
		pthread_mutex_unlock(&crew_lock);
		worker_work(w);
		pthread_mutex_lock(&crew_lock);
		if (!--crew_busy)
			pthread_cond_signal(&crew_end);
	}
	return NULL;
}

static void crew_start(void)
{
	pthread_mutex_lock(&crew_lock);
	for (; crew_size < active_workers; crew_size++) {
		struct worker *w = &simt_crew[crew_size];
		w->id = crew_size;
		if (pthread_create(&w->thread, NULL, worker_main, w))
			simt_fatal("cannot start worker %d", crew_size);
	}
	crew_busy = active_workers - 1;
	crew_round++;
	pthread_cond_broadcast(&crew_begin);
	pthread_mutex_unlock(&crew_lock);
}

static void crew_wait(void)
{
	pthread_mutex_lock(&crew_lock);
	while (crew_busy)
		pthread_cond_wait(&crew_end, &crew_lock);
	pthread_mutex_unlock(&crew_lock);
}

/* What the program is and may do, once. */
static void begin(void)
{
	static bool begun;
	if (begun)
		return;
	begun = true;
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	if (cpus < 1)
		cpus = 1;
	simt_workers = (int)option("SIMT_WORKERS", cpus < MAX_WORKERS ? cpus : MAX_WORKERS, 1,
				   MAX_WORKERS);
	simt_mode = &simt_program_checks   ? MODE_CHECK
		    : &simt_program_counts ? MODE_COUNT
					   : MODE_PLAIN;
	if (simt_mode == MODE_CHECK)
		simt_workers = 1;
	simt_crew[0].thread = pthread_self();
	fault_install();
}

/* Static shared memory, from simtas' table; and what cudaFuncSetAttribute() has allowed. */
static struct allowed {
	const void *kernel;
	size_t bytes;
} allowed[256];
static int nallowed;

static const struct kernel_row *kernel_find(const void *function)
{
	if (!__start_simt_kernels)
		return NULL;
	for (const struct kernel_row *k = __start_simt_kernels; k < __stop_simt_kernels; k++)
		if (k->function == (uint64_t)(uintptr_t)function)
			return k;
	return NULL;
}

size_t kernel_static_bytes(const void *function)
{
	size_t sum = 0;
	const struct kernel_row *k = kernel_find(function);
	const struct shared_range *r = k ? (const void *)(uintptr_t)k->ranges : NULL;
	for (unsigned i = 0; k && i < k->nranges; i++)
		sum += r[i].bytes;
	return sum;
}

size_t kernel_allowed_bytes(const void *kernel)
{
	size_t most = 0;
	for (int i = 0; i < nallowed; i++) {
		if (allowed[i].kernel == kernel)
			return allowed[i].bytes;
		/* A launch that only a call can name: any permission may be the one meant. */
		if (!kernel && allowed[i].bytes > most)
			most = allowed[i].bytes;
	}
	return most;
}

int simt_func_allow_shared(const void *kernel, int bytes);
int simt_func_allow_shared(const void *kernel, int bytes)
{
	if (bytes < 0 || kernel_static_bytes(kernel) + (size_t)bytes > SIMT_SHARED_LIMIT)
		return error_set(1);
	int i = 0;
	while (i < nallowed && allowed[i].kernel != kernel)
		i++;
	if (i == (int)(sizeof allowed / sizeof *allowed))
		simt_fatal("more than %d kernels with their own limit of shared memory", i);
	allowed[i] = (struct allowed){kernel, (size_t)bytes};
	if (i == nallowed)
		nallowed++;
	return 0;
}

/* The error a device gives for this configuration, or 0. */
static int configuration_error(const struct simt_launch *l, size_t static_bytes)
{
	const struct simt_dim g = l->grid, b = l->block;
	if (!g.x || !g.y || !g.z || g.x > 2147483647u || g.y > 65535 || g.z > 65535)
		return 9;
	if (!b.x || !b.y || !b.z || b.x > 1024 || b.y > 1024 || b.z > 64)
		return 9;
	if ((uint64_t)b.x * b.y * b.z > MAX_THREADS)
		return 9;
	size_t most = kernel_allowed_bytes(l->kernel);
	if (most < SIMT_STATIC_LIMIT - static_bytes)
		most = SIMT_STATIC_LIMIT - static_bytes;
	return l->dynamic_bytes > most ? 1 : 0;
}

/* Room for one mark a block, kept from launch to launch. */
static void clear_ended(uint64_t blocks)
{
	if (block_ended_size < blocks) {
		free((void *)block_ended);
		block_ended = malloc(blocks);
		if (!block_ended)
			simt_fatal("no memory for %llu blocks", (unsigned long long)blocks);
		block_ended_size = blocks;
	}
	memset((void *)block_ended, 0, blocks);
}

static void set_up(const struct simt_launch *what, const struct kernel_row *row, size_t static_bytes)
{
	simt_now.what = *what;
	simt_now.threads = what->block.x * what->block.y * what->block.z;
	simt_now.blocks = (uint64_t)what->grid.x * what->grid.y * what->grid.z;
	simt_now.shared = row ? (const void *)(uintptr_t)row->ranges : NULL;
	simt_now.nshared = row ? row->nranges : 0;
	simt_now.static_bytes = static_bytes;
	atomic_store(&next_block, 0);
	atomic_store(&ended_below, 0);
	atomic_store(&failure.block, NO_BLOCK);
	atomic_store(&takes_turns, false);
	active_workers = simt_now.blocks < (uint64_t)simt_workers ? (int)simt_now.blocks
								  : simt_workers;
	if (active_workers > 1)
		clear_ended(simt_now.blocks);
	chunk = simt_now.blocks / (uint64_t)active_workers / 16;
	chunk = chunk < 1 ? 1 : chunk > 64 ? 64 : chunk;
}

void simt_launch(const struct simt_launch *what)
{
	begin();
	if (simt_worker)
		simt_fatal("kernel '%s' is launched by a kernel: needs a GPU", what->name);
	if (stuck_error)
		return;
	const void *function = what->loop ? (const void *)(uintptr_t)what->loop
					  : (const void *)(uintptr_t)what->lane;
	size_t static_bytes = kernel_static_bytes(function);
	int error = configuration_error(what, static_bytes);
	if (error) {
		if (simt_mode == MODE_CHECK)
			check_launch(what, static_bytes);
		error_set(error);
		return;
	}
	set_up(what, kernel_find(function), static_bytes);
	if (simt_mode == MODE_COUNT)
		table_begin();
	if (active_workers > 1)
		crew_start();
	worker_work(&simt_crew[0]);
	if (active_workers > 1)
		crew_wait();
	uint64_t failed = atomic_load(&failure.block);
	output_launch_end(failed);
	if (failed != NO_BLOCK) {
		output_show();
		const struct site *s = failure.site;
		fflush(stdout);
		fprintf(stderr, "%s:%u: error: kernel '%s', %s\n",
			s && s->line ? site_file(s) : what->file,
			s && s->line ? s->line : (unsigned)what->line, what->name, failure.text);
		stuck_error = failure.error;
	} else if (simt_mode == MODE_COUNT) {
		table_launch();
	}
	simt_now.number++;
}

/* A program whose kernel has failed, or that has failed a check, does not end with success. */
static int exit_status;

static void on_end(int status, void *unused)
{
	(void)unused;
	exit_status = status;
}

__attribute__((constructor)) static void remember_status(void)
{
	on_exit(on_end, NULL);
}

/* Runs after the other destructors, which write tables and output. */
__attribute__((destructor(101))) static void at_exit(void)
{
	bool clean = check_finish() && !stuck_error;
	if (!clean && !exit_status) {
		fflush(NULL);
		_exit(1);
	}
}

int simt_counting(void)
{
	begin();
	return simt_mode == MODE_COUNT;
}
