/* What a build says while it runs: one line that changes on a terminal, plain lines elsewhere; on stderr. */
#ifndef WEFT_PROGRESS_H
#define WEFT_PROGRESS_H

#include "../tangle/plan.h"

struct progress;

struct progress *progress_new(bool quiet, bool verbose, struct arena *a);
/* One more action is to be done. */
void progress_expect(struct progress *p);
void progress_started(struct progress *p, const struct action *act);
void progress_done(struct progress *p, const struct action *act);
/* Redraw the line: how long it has been. */
void progress_tick(struct progress *p);
/* How often to do that; -1: never. */
int progress_interval_ms(const struct progress *p);
/* Take the line away, so that a report can be printed. */
void progress_clear(struct progress *p);
void progress_end(struct progress *p);

#endif
