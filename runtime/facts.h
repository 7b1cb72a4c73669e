/* Static facts: what nvcc says of the kernels of CUDA programs, without a GPU. */
#ifndef WEFT_FACTS_H
#define WEFT_FACTS_H

#include "build.h"

/* Compile every CUDA program of the essays asked for, and record its tables `ptxas` and `occupancy` in
 * essays/ESSAY/recorded/PROGRAM/static/. With `compare` nothing is written: facts that the same nvcc does not reproduce are a
 * mistake, those of another nvcc a remark. Returns the exit status; 2 without nvcc. */
int facts_run(const struct build_options *opt, bool compare);

#endif
