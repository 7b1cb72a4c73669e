#include "svd.h"

#include <assert.h>
#include <float.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "elementary.h"

double *doubles(size_t count)
{
	double *p = calloc(count ? count : 1, sizeof *p);
	if (!p)
		nn_quit("out of memory: %zu numbers", count);
	return p;
}

double *doubles_of(size_t count, const real *x)
{
	double *p = doubles(count);
	for (size_t i = 0; i < count; i++)
		p[i] = (double)x[i];
	return p;
}

/* (rows, cols) to (cols, rows). */
static void transpose(size_t rows, size_t cols, double *to, const double *from)
{
	for (size_t i = 0; i < rows; i++)
		for (size_t j = 0; j < cols; j++)
			to[j * rows + i] = from[i * cols + j];
}

/* --- Jacobi ---
 *
 * The columns of A lie in the rows of `a`, (n, m) with n <= m, and those of V in
 * the rows of `v`, (n, n), so that rotations run along memory. */

static void rotate(size_t n, double *x, double *y, double c, double s)
{
	for (size_t i = 0; i < n; i++) {
		double p = x[i], q = y[i];
		x[i] = c * p - s * q;
		y[i] = s * p + c * q;
	}
}

/* Make two columns orthogonal; false if they are, or if one has a square of at most `nothing`. */
static bool rotate_pair(size_t m, size_t n, double *a, double *v, size_t p, size_t q,
                        double nothing)
{
	const double small = 1e-14;
	double *x = a + p * m, *y = a + q * m;
	double xx = weft_dot(x, x, m), yy = weft_dot(y, y, m), xy = weft_dot(x, y, m);
	double size = xy < 0 ? -xy : xy;
	if (xx <= nothing || yy <= nothing || size <= small * (nn_sqrt(xx) * nn_sqrt(yy)))
		return false;
	double zeta = (yy - xx) / (2 * xy);
	double root = nn_sqrt(1 + zeta * zeta);
	double t = zeta < 0 ? 1 / (zeta - root) : 1 / (zeta + root);
	double c = 1 / nn_sqrt(1 + t * t);
	rotate(m, x, y, c, c * t);
	rotate(n, v + p * n, v + q * n, c, c * t);
	return true;
}

/* Sweeps shrink the angles quadratically in the end: ten are many. */
static void orthogonalise(size_t m, size_t n, double *a, double *v, double nothing)
{
	for (int sweep = 0; sweep < 60; sweep++) {
		bool moved = false;
		for (size_t p = 0; p + 1 < n; p++)
			for (size_t q = p + 1; q < n; q++)
				moved |= rotate_pair(m, n, a, v, p, q, nothing);
		if (!moved)
			return;
	}
	nn_quit("svd_of: the columns of a %zu x %zu matrix did not become orthogonal", m, n);
}

/* --- Bases --- */

/* Take from x what lies along the first `count` rows of u. Twice is enough (Kahan and Parlett):
 * the second pass removes what rounding left of the first. */
static void remove_rows(size_t m, size_t count, const double *u, double *x)
{
	for (int pass = 0; pass < 2; pass++)
		for (size_t i = 0; i < count; i++) {
			double along = weft_dot(u + i * m, x, m);
			for (size_t k = 0; k < m; k++)
				x[k] -= along * u[i * m + k];
		}
}

static void normalise(size_t m, double *x)
{
	double length = nn_sqrt(weft_dot(x, x, m));
	for (size_t k = 0; k < m; k++)
		x[k] /= length;
}

/* Row `at` of u becomes a unit vector orthogonal to those before it: what is left of the axis that
 * they hold least of. */
static void complete(size_t m, size_t at, double *u)
{
	size_t best = 0;
	double least = DBL_MAX;
	for (size_t k = 0; k < m; k++) {
		double held = 0;
		for (size_t i = 0; i < at; i++)
			held += u[i * m + k] * u[i * m + k];
		if (held < least) {
			least = held;
			best = k;
		}
	}
	double *x = u + at * m;
	memset(x, 0, m * sizeof *x);
	x[best] = 1;
	remove_rows(m, at, u, x);
	normalise(m, x);
}

/* --- Singular values --- */

/* The power of two that brings the largest |a| into [1, 2); 1 for zeros. */
static double scale_of(size_t count, const double *a)
{
	double top = 0;
	for (size_t i = 0; i < count; i++) {
		double size = a[i] < 0 ? -a[i] : a[i];
		if (!(size <= DBL_MAX))
			nn_quit("svd_of: element %zu is not a finite number", i);
		top = size > top ? size : top;
	}
	double scale = 1;
	while (top * scale >= 2)
		scale /= 2;
	while (top > 0 && top * scale < 1)
		scale *= 2;
	return scale;
}

static size_t place_of_largest(size_t n, const double *x)
{
	size_t best = 0;
	for (size_t i = 1; i < n; i++)
		if (x[i] * x[i] > x[best] * x[best])
			best = i;
	return best;
}

/* Rows of `a` and `v` by falling length of those of `a`, which become unit vectors. */
static void sort_and_scale(size_t m, size_t n, double *a, double *v, double *s, double nothing)
{
	size_t *order = malloc((n ? n : 1) * sizeof *order);
	double *u = doubles(n * m), *w = doubles(n * n), *length = doubles(n);
	if (!order)
		nn_quit("out of memory: %zu numbers", n);
	for (size_t i = 0; i < n; i++) {
		double square = weft_dot(a + i * m, a + i * m, m);
		length[i] = square <= nothing ? 0 : nn_sqrt(square);
		size_t at = i;
		for (; at > 0 && length[order[at - 1]] < length[i]; at--)
			order[at] = order[at - 1];
		order[at] = i;
	}
	for (size_t i = 0; i < n; i++) {
		const double *from = a + order[i] * m;
		s[i] = length[order[i]];
		memcpy(w + i * n, v + order[i] * n, n * sizeof *w);
		for (size_t k = 0; k < m && s[i] > 0; k++)
			u[i * m + k] = from[k] / s[i];
		if (s[i] == 0)
			complete(m, i, u);
	}
	memcpy(a, u, n * m * sizeof *a);
	memcpy(v, w, n * n * sizeof *v);
	free(order);
	free(u);
	free(w);
	free(length);
}

static void negate(size_t n, double *x)
{
	for (size_t i = 0; i < n; i++)
		x[i] = -x[i];
}

struct svd svd_of(size_t rows, size_t cols, const double *a)
{
	bool wide = cols > rows;
	size_t m = wide ? cols : rows, n = wide ? rows : cols;
	double *columns = doubles(n * m), *v = doubles(n * n), *s = doubles(n);
	double scale = scale_of(rows * cols, a);
	if (wide)
		memcpy(columns, a, n * m * sizeof *a);
	else
		transpose(rows, cols, columns, a);
	for (size_t i = 0; i < n * m; i++)
		columns[i] *= scale;
	for (size_t i = 0; i < n; i++)
		v[i * n + i] = 1;
	/* What is left of a column that depends on others is rounding, and rotating it again leaves
	 * less of it, without end. */
	double nothing = 0x1p-120 * weft_dot(columns, columns, n * m);
	orthogonalise(m, n, columns, v, nothing);
	sort_and_scale(m, n, columns, v, s, nothing);
	struct svd d = {rows, cols, n, doubles(rows * n), s, doubles(cols * n)};
	double *left = wide ? v : columns, *right = wide ? columns : v;
	for (size_t i = 0; i < n; i++) {
		s[i] /= scale;
		double *x = right + i * cols;
		if (x[place_of_largest(cols, x)] < 0) {
			negate(cols, x);
			negate(rows, left + i * rows);
		}
	}
	transpose(n, rows, d.u, left);
	transpose(n, cols, d.v, right);
	free(columns);
	free(v);
	return d;
}

void svd_free(struct svd *d)
{
	free(d->u);
	free(d->s);
	free(d->v);
	*d = (struct svd){0};
}

void svd_truncated(const struct svd *d, size_t rank, double *out)
{
	assert(rank <= d->k);
	for (size_t i = 0; i < d->rows; i++)
		for (size_t j = 0; j < d->cols; j++) {
			double sum = 0;
			for (size_t r = 0; r < rank; r++)
				sum += d->u[i * d->k + r] * d->s[r] * d->v[j * d->k + r];
			out[i * d->cols + j] = sum;
		}
}

/* --- Subspaces --- */

void random_basis(size_t n, size_t k, weft_rng *rng, double *basis)
{
	assert(k <= n);
	double *rows = doubles(k * n);
	for (size_t i = 0; i < k; i++) {
		for (size_t j = 0; j < n; j++)
			rows[i * n + j] = weft_normal(rng);
		normalise(n, rows + i * n);
		remove_rows(n, i, rows, rows + i * n);
		normalise(n, rows + i * n);
	}
	transpose(k, n, basis, rows);
	free(rows);
}

void project_onto(size_t n, size_t k, const double *basis, size_t d, const double *x, double *out)
{
	double *along = doubles(k * d);
	for (size_t i = 0; i < n; i++)
		for (size_t r = 0; r < k; r++)
			for (size_t j = 0; j < d; j++)
				along[r * d + j] += basis[i * k + r] * x[i * d + j];
	memset(out, 0, n * d * sizeof *out);
	for (size_t i = 0; i < n; i++)
		for (size_t r = 0; r < k; r++)
			for (size_t j = 0; j < d; j++)
				out[i * d + j] += basis[i * k + r] * along[r * d + j];
	free(along);
}
