/* Where an action runs: a private directory, a clean environment, and walls as high as the system allows. */
#ifndef WEFT_SANDBOX_H
#define WEFT_SANDBOX_H

#include "../tangle/str.h"

/* From weak to strong. */
enum sandbox {
	SANDBOX_LIMITS,         /* resource limits, an own session, a private directory; nothing is hidden */
	SANDBOX_BWRAP,          /* bubblewrap: only what is bound in is visible, no network, no processes but its own */
};

const char *sandbox_name(enum sandbox tier);
/* Find the strongest tier that works by running /bin/true in it (some 10 ms). */
enum sandbox sandbox_probe(struct arena *a);

/* One thing made visible. */
struct bind {
	Str real;               /* absolute */
	Str seen;               /* absolute inside: /out/texts/austen.txt, /prog/tiles */
	bool writable;
	bool device;            /* a device file, to be opened as one */
};

/* The command line and environment for one command.
 *
 *   dir      absolute path of the private directory; seen as /out inside bubblewrap, working directory in both tiers
 *   tool     absolute path of the program; its directory is made visible when it is not below /usr
 *   argv     [argc] words after the program; $PWD in a word becomes the working directory as the command sees it
 *   binds    [nbinds] what else is visible; in the limits tier the caller has put copies there itself
 *
 * Results live in the arena, NULL-terminated. */
struct command {
	char **argv, **env;
	const char *dir;        /* to change to before exec */
};
struct command sandbox_command(enum sandbox tier, Str dir, Str tool, const Str *argv, int argc,
                               const struct bind *binds, int nbinds, struct arena *a);

#endif
