#include "real.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void nn_quit(const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	fputs("error: ", stderr);
	vfprintf(stderr, fmt, args);
	fputc('\n', stderr);
	va_end(args);
	exit(2);
}

real *reals(size_t count)
{
	if (count > (SIZE_MAX - 64) / sizeof(real))
		nn_quit("out of memory: %zu numbers", count);
	size_t size = (count * sizeof(real) + 63) / 64 * 64;
	real *p = aligned_alloc(64, size ? size : 64);
	if (!p)
		nn_quit("out of memory: %zu numbers", count);
	return memset(p, 0, size);
}
