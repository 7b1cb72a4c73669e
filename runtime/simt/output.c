/* What kernels print. A block's text is kept while it runs, put in block order when the launch
 * ends, and shown when the host synchronises, which is when a device shows it. */
#include "run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "include/simt/core.h"

static struct piece {
	uint64_t block;
	char *text;
	size_t len;
} *pieces;
static size_t npieces, pieces_cap;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static char *shown;
static size_t shown_len, shown_cap;

/* Grow a buffer so that `more` bytes fit behind `len`. */
static void reserve(char **text, size_t *cap, size_t len, size_t more)
{
	if (len + more <= *cap)
		return;
	size_t want = *cap ? *cap : 256;
	while (want < len + more)
		want *= 2;
	*text = realloc(*text, want);
	if (!*text)
		simt_fatal("no memory for %zu bytes that kernels printed", want);
	*cap = want;
}

int simt_printf(const char *format, ...)
{
	struct worker *w = simt_worker;
	va_list ap, again;
	va_start(ap, format);
	if (!w) {
		int n = vprintf(format, ap);
		va_end(ap);
		return n;
	}
	va_copy(again, ap);
	int n = vsnprintf(NULL, 0, format, ap);
	va_end(ap);
	if (n >= 0) {
		reserve(&w->text, &w->text_cap, w->text_len, (size_t)n + 1);
		vsnprintf(w->text + w->text_len, (size_t)n + 1, format, again);
		w->text_len += (size_t)n;
	}
	va_end(again);
	return n;
}

void output_block_end(struct worker *w, bool keep)
{
	if (!w->text_len)
		return;
	if (keep) {
		pthread_mutex_lock(&lock);
		if (npieces == pieces_cap) {
			pieces_cap = pieces_cap ? 2 * pieces_cap : 64;
			pieces = realloc(pieces, pieces_cap * sizeof *pieces);
			if (!pieces)
				simt_fatal("no memory for what kernels printed");
		}
		char *text = malloc(w->text_len);
		if (!text)
			simt_fatal("no memory for what kernels printed");
		memcpy(text, w->text, w->text_len);
		pieces[npieces++] = (struct piece){w->block_number, text, w->text_len};
		pthread_mutex_unlock(&lock);
	}
	w->text_len = 0;
}

static int by_block(const void *a, const void *b)
{
	const struct piece *x = a, *y = b;
	return x->block < y->block ? -1 : x->block > y->block;
}

void output_launch_end(uint64_t last_block)
{
	if (!npieces)
		return;
	qsort(pieces, npieces, sizeof *pieces, by_block);
	for (size_t i = 0; i < npieces; i++) {
		if (pieces[i].block <= last_block) {
			reserve(&shown, &shown_cap, shown_len, pieces[i].len);
			memcpy(shown + shown_len, pieces[i].text, pieces[i].len);
			shown_len += pieces[i].len;
		}
		free(pieces[i].text);
	}
	npieces = 0;
}

void output_show(void)
{
	if (shown_len)
		fwrite(shown, 1, shown_len, stdout);
	shown_len = 0;
}

__attribute__((destructor)) static void at_exit(void)
{
	output_show();
	fflush(stdout);
}

void simt_trap(void)
{
	block_fail(715, NULL, "%s: __trap()", lane_place(simt_worker, simt_worker->lane));
	abort();
}

/* glibc's assert() ends here, in kernels and on the host. */
void __assert_fail(const char *what, const char *file, unsigned line, const char *function);
void __assert_fail(const char *what, const char *file, unsigned line, const char *function)
{
	if (simt_worker) {
		struct worker *w = simt_worker;
		block_fail(710, NULL, "%s: %s:%u: %s: assertion '%s' failed",
			   lane_place(w, w->lane), file, line, function, what);
	}
	output_show();
	fflush(stdout);
	fprintf(stderr, "%s:%u: %s: assertion '%s' failed\n", file, line, function, what);
	abort();
}
