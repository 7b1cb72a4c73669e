/* Numbers that should be close, and what the tests of kernels/nn share. Include after tests/unit/test.h. */
#ifndef NEAR_H
#define NEAR_H

#define NEAR(got, want, within) ((got) - (want) <= (within) && (want) - (got) <= (within))

#define EXPECT_NEAR(got, want, within) expect_near(got, want, within, __FILE__, __LINE__)

static inline void expect_near(double got, double want, double within, const char *file, int line)
{
	if (NEAR(got, want, within))
		return;
	print_error("wanted %.17g within %g, found %.17g\n", want, within, got);
	_fail(file, line);
}

#endif
