/* Progress. A report of diag.c starts at the beginning of a line: the progress line is cleared before any is printed, as
 * it is drawn only while the driver waits. */
#include "progress.h"

#include <stdio.h>
#include <unistd.h>

#include "../tangle/arena.h"
#include "child.h"

struct progress {
	bool quiet, verbose, terminal, drawn;
	int expected, done;
	const struct action *latest;    /* started last */
	double started_s;
};

struct progress *progress_new(bool quiet, bool verbose, struct arena *a)
{
	struct progress *p = NEW(a, struct progress);
	*p = (struct progress){.quiet = quiet, .verbose = verbose, .terminal = isatty(2), .started_s = now_s()};
	return p;
}

void progress_clear(struct progress *p)
{
	if (p && p->drawn)
		fputs("\r\033[K", stderr);
	if (p)
		p->drawn = false;
}

void progress_expect(struct progress *p)
{
	p->expected++;
}

void progress_tick(struct progress *p)
{
	if (!p->terminal || p->quiet || !p->latest || p->latest->state != ACTION_RUNNING)
		return;
	progress_clear(p);
	fprintf(stderr, "[%d/%d] %.1f s  %.*s", p->done, p->expected, now_s() - p->started_s, STR_ARG(p->latest->label));
	fflush(stderr);
	p->drawn = true;
}

void progress_started(struct progress *p, const struct action *act)
{
	p->latest = act;
	progress_clear(p);
}

void progress_done(struct progress *p, const struct action *act)
{
	p->done++;
	if (p->expected < p->done)
		p->expected = p->done;
	progress_clear(p);
	if (p->quiet || (!act->executed && !p->verbose))
		return;
	static const char *const ending[] = {[ACTION_DONE] = "", [ACTION_FAILED] = "  failed"};
	if (act->executed && (p->verbose || !p->terminal))
		fprintf(stderr, "[%d/%d] %.*s  %.2f s%s\n", p->done, p->expected, STR_ARG(act->label), act->result ? act->result->wall_s : 0.0,
		        ending[act->state]);
	else if (p->verbose)
		fprintf(stderr, "[%d/%d] (in store) %.*s\n", p->done, p->expected, STR_ARG(act->label));
	if (p->latest == act)
		p->latest = NULL;
}

int progress_interval_ms(const struct progress *p)
{
	return p->terminal && !p->quiet ? 200 : -1;
}

void progress_end(struct progress *p)
{
	progress_clear(p);
}
