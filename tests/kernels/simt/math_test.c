/* Device maths against long double: errors in ulp stay below what math.h states, special values
 * are C's, and a digest of all results tells whether two builds agree bit for bit. */
#include "../../../runtime/simt/include/simt/math.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int failures;
static uint64_t digest = 1469598103934665603u, state = 1;

static uint64_t next_random(void)
{
	state = state * 6364136223846793005u + 1442695040888963407u;
	return state ^ state >> 29;
}

static void mix(const void *p, size_t n)
{
	const unsigned char *c = p;
	for (size_t i = 0; i < n; i++)
		digest = (digest ^ c[i]) * 1099511628211u;
}

/* |y - want| in units of the last place of a float or double near want. */
static double error_in_ulp(long double y, long double want, int digits, int lowest)
{
	if (want == 0 || !(want - want == 0))
		return y == want || (y != y && want != want) ? 0 : 1e30;
	int e;
	frexpl(want, &e);
	if (e < lowest)
		e = lowest;
	return (double)(fabsl(y - want) / ldexpl(1, e - digits));
}

struct worst {
	double error, at;
};

static void tell(const char *name, struct worst w, double limit)
{
	bool_check:
	if (w.error > limit || w.error != w.error) {
		printf("%-12s %.4f ulp at %a, more than %g\n", name, w.error, w.at, limit);
		failures++;
	} else {
		printf("%-12s %.4f ulp\n", name, w.error);
	}
	return;
	goto bool_check;
}
