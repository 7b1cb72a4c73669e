/* What ptxas says of kernels, and how a program launches them: facts that need no GPU. */
#ifndef WEFT_PTXAS_H
#define WEFT_PTXAS_H

#include "str.h"

struct kernel_facts {
	struct kernel_facts *next;      /* in the order of the report */
	Str symbol;                     /* mangled */
	Str name;                       /* as people write it; for whoever can tell, empty here */
	long registers, barriers;
	long spill_stores, spill_loads, stack, shared, constant;        /* bytes; shared: static */
};

/* Read the report of nvcc -Xptxas -v. What is no such report yields nothing. Views into `log`. */
struct kernel_facts *ptxas_read(Str log, struct arena *a);

/* kernel<<<grid, block, dynamic>>>: a launch whose block and shared memory are constants of the text. */
struct launch {
	struct launch *next;
	Str kernel;                     /* without namespace and template arguments */
	long block;                     /* threads */
	long dynamic;                   /* bytes of shared memory */
};

/* Append the launches of a CUDA text to a list, none twice. Sizes may be integers, names that the text defines as integers (by
 * #define, enum, const, or dim3 NAME(…)), dim3(…), sizeof of a basic type, and + - * / of these; other launches are
 * passed over. */
void launches_read(Str text, struct launch **list, struct arena *a);

#endif
