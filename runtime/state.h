/* What weft remembers between builds, so that a build with nothing to do only stats files.
 *
 * build/state is a text of records; deleting it costs time and nothing else:
 *
 *   weft-state FORMAT
 *   machine BOOT TIER                 the sandbox tier that was found to work since this boot
 *   which NAME PATH                   where a tool was found in PATH
 *   parts PATH REAL…                  programs behind a tool (cc1, as, ld)
 *   file DEV INO SIZE MTIME CTIME DIGEST PATH      all zero: was asked for and did not exist
 *   essay NAME OK INPUTS WAS OUTPUTS WAS TITLE CATEGORY SUMMARY DATE UPDATED TAGS MINUTES CLAIMS HELD DRAFT
 *                                     INPUTS and OUTPUTS: indices into the file records, blank-separated; WAS: their sum
 *   end DIGEST                        of everything above; a state that is not whole counts as none
 */
#ifndef WEFT_STATE_H
#define WEFT_STATE_H

#include "../tangle/digest.h"
#include "fs.h"
#include "sandbox.h"

/* A set of files, by index, and what they were when they came into it. The files' own records follow the disk; whether
 * an essay is as it should be can only be told from what it saw. */
struct uses {
	int *at;
	Digest *was;            /* NULL for a set from the state, which has only the sum */
	int n, room;
	Digest sum;             /* of a set from the state: digest of its files' digests */
};

/* A file known by its stamp and digest. */
struct known {
	Str path;               /* as opened: relative to the site, or absolute */
	struct stamp stamp;
	Digest digest;
	bool fresh;             /* compared with the disk in this process */
};

/* What the site's index needs of an essay without reading it again. */
struct essay_facts {
	struct essay_facts *next;
	Str name;
	bool ok;                /* published as it is now */
	struct uses inputs, outputs;
	Str title, category, summary, date, updated, tags;      /* tags: separated by newlines */
	int minutes, nclaims, nheld;
	bool draft;             /* not in the list of essays */
	bool seen;              /* its file is still there */
};

struct tool_parts {
	struct tool_parts *next;
	Str path, parts;        /* parts: separated by newlines */
};

struct which {
	struct which *next;
	Str name, path;
};

struct state {
	Str path;
	Str boot;               /* boot the tier was found in */
	bool has_tier;
	enum sandbox tier;
	struct known *known;    /* [nknown] */
	int nknown, room;
	int *slot;              /* hash table of indices + 1 */
	int nslots;
	struct which *which;
	struct tool_parts *parts;
	struct essay_facts *essays;
	int64_t written_ns;     /* when the state was written: younger files may have changed unseen since */
	bool loaded;            /* from a file of this format */
	struct arena *arena;
};

/* Read the state, or begin an empty one when there is none of this format, or not all of it. */
void state_load(struct state *s, Str path, struct arena *a);
void state_save(struct state *s);

/* Digest of a file, read only when its stamp is new. All zero when it does not exist. Notes the use in `uses` unless NULL. */
Digest state_file(struct state *s, Str path, struct uses *uses);
/* Its bytes as well. False when it does not exist. */
bool state_read(struct state *s, Str path, struct uses *uses, Str *bytes, Digest *digest, struct arena *a);
/* We wrote it ourselves, and it has this digest now. */
void state_wrote(struct state *s, Str path, Digest digest, struct uses *uses);
/* Is every file of the set as it was? Reads only those too young to be told by their stamps. */
bool state_unchanged(struct state *s, const struct uses *uses);

/* Path of a tool in PATH, remembered; empty when there is none. */
Str state_which(struct state *s, Str name);
/* Do all remembered tools still resolve to the same paths? */
bool state_tools_unchanged(struct state *s);

struct essay_facts *state_essay(struct state *s, Str name, bool make);

#endif
