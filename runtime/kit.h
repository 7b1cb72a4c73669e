/* The GPU kit: all that a machine with a GPU, nvcc and a shell needs to run the essays' GPU programs, and the way back. */
#ifndef WEFT_KIT_H
#define WEFT_KIT_H

#include "build.h"

/* Pack the GPU programs of the essays asked for as build/gpu-kit/ and build/gpu-kit.tar.gz. Programs whose results they need are
 * run first; a program that needs what is not recorded is left out, with a remark. Returns the exit status. */
int kit_run(const struct build_options *opt);

/* Import a result directory of the kit: every recording in it is verified, then all are written to the essays' recorded/, or
 * none is. Returns the exit status. */
int import_run(const struct build_options *opt, Str dir);

/* With a GPU and nvcc at hand: run the kit here for what is not recorded as it is now (all with --all), and import its results.
 * Else nothing. Reports what failed. */
void kit_record_here(struct build *b, Str *names, int n);

#endif
