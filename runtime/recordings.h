/* Recordings as files: read with every digest checked, written so that they outlive a power cut. */
#ifndef WEFT_RECORDINGS_H
#define WEFT_RECORDINGS_H

#include "../tangle/recording.h"
#include "state.h"

/* Read the recording in `dir`, and every file it names.
 *
 *   s, uses   the files are remembered and noted as read, also when there is no recording; NULL: neither
 *   bytes     [nfiles] contents of its files
 *
 * NULL when there is none, with an empty *problem, or when it is damaged: *problem then says how. */
struct recording *recording_load(struct state *s, struct uses *uses, Str dir, Str **bytes, Str *problem, struct arena *a);

/* Write a recording and its files to `dir`, the record last, each synced to the disk; files of an earlier recording that
 * this one does not have are removed. Fatal when the disk refuses. */
void recording_save(Str dir, const struct recording *r, const Str *bytes, struct arena scratch);

#endif
