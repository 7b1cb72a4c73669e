#include "groups.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "elementary.h"
#include "svd.h"

#define MAX_ORDER 1024
#define MAX_POINTS 6    /* of permutations */

static void *room(size_t count, size_t size)
{
	void *p = calloc(count ? count : 1, size);
	if (!p)
		nn_quit("out of memory: %zu objects", count);
	return p;
}

static double *matrix_at(double *matrices, const struct irrep *r, int element)
{
	return matrices + (size_t)element * (size_t)r->dim * (size_t)r->dim;
}

/* A group without irreps, and room for the table. */
static struct group *blank(const char *name, int order)
{
	struct group *g = room(1, sizeof *g);
	snprintf(g->name, sizeof g->name, "%s", name);
	g->order = order;
	g->product = room((size_t)order * (size_t)order, sizeof *g->product);
	g->irrep = room((size_t)order, sizeof *g->irrep);       /* there are no more than elements */
	return g;
}

static struct irrep *add_irrep(struct group *g, const char *name, int dim)
{
	struct irrep *r = &g->irrep[g->irreps++];
	size_t size = (size_t)g->order * (size_t)dim * (size_t)dim;
	snprintf(r->name, sizeof r->name, "%s", name);
	r->dim = dim;
	r->re = doubles(size);
	r->im = doubles(size);
	return r;
}

/* --- What follows from the table and the matrices --- */

static void find_inverses(struct group *g)
{
	g->inverse = room((size_t)g->order, sizeof *g->inverse);
	for (int a = 0; a < g->order; a++)
		for (int b = 0; b < g->order; b++)
			if (g->product[a * g->order + b] == 0)
				g->inverse[a] = b;
}

static void find_classes(struct group *g)
{
	int n = g->order;
	g->class_of = room((size_t)n, sizeof *g->class_of);
	for (int a = 0; a < n; a++)
		g->class_of[a] = -1;
	for (int a = 0; a < n; a++) {
		if (g->class_of[a] >= 0)
			continue;
		for (int b = 0; b < n; b++)
			g->class_of[g->product[g->product[b * n + a] * n + g->inverse[b]]] = g->classes;
		g->classes++;
	}
}

static void find_characters(struct group *g, struct irrep *r)
{
	r->chi_re = doubles((size_t)g->order);
	r->chi_im = doubles((size_t)g->order);
	for (int a = 0; a < g->order; a++)
		for (int i = 0; i < r->dim; i++) {
			r->chi_re[a] += matrix_at(r->re, r, a)[i * r->dim + i];
			r->chi_im[a] += matrix_at(r->im, r, a)[i * r->dim + i];
		}
}

/* Characters of different irreps are far apart: their squared distance is twice the order. */
static int find_conjugate(const struct group *g, const struct irrep *r)
{
	for (int k = 0; k < g->irreps; k++) {
		const struct irrep *other = &g->irrep[k];
		double distance = 0;
		for (int a = 0; a < g->order; a++) {
			double re = r->chi_re[a] - other->chi_re[a];
			double im = r->chi_im[a] + other->chi_im[a];
			distance += re * re + im * im;
		}
		if (distance < g->order)
			return k;
	}
	nn_quit("irrep %s of %s has no conjugate", r->name, g->name);
}

static struct group *finished(struct group *g)
{
	find_inverses(g);
	find_classes(g);
	for (int k = 0; k < g->irreps; k++)
		find_characters(g, &g->irrep[k]);
	for (int k = 0; k < g->irreps; k++)
		g->irrep[k].conjugate = find_conjugate(g, &g->irrep[k]);
	return g;
}

/* --- Cyclic and dihedral groups --- */

static struct group *cyclic(const char *name, int n)
{
	struct group *g = blank(name, n);
	for (int a = 0; a < n; a++)
		for (int b = 0; b < n; b++)
			g->product[a * n + b] = (a + b) % n;
	for (int k = 0; k < n; k++) {
		char label[16];
		snprintf(label, sizeof label, "k=%d", k);
		struct irrep *r = add_irrep(g, label, 1);
		for (int a = 0; a < n; a++) {
			r->re[a] = turn_cos(k * a, n);
			r->im[a] = turn_sin(k * a, n);
		}
	}
	return g;
}

/* r goes to `of_r`, s to `of_s`, each 1 or -1. */
static void add_signs(struct group *g, const char *name, int of_r, int of_s)
{
	int n = g->order / 2;
	struct irrep *r = add_irrep(g, name, 1);
	for (int a = 0; a < g->order; a++)
		r->re[a] = (a % n % 2 ? of_r : 1) * (a / n ? of_s : 1);
}

/* r is a turn by h/n, s the reflection of the second axis. */
static void add_turns(struct group *g, int h)
{
	int n = g->order / 2;
	char name[16];
	snprintf(name, sizeof name, "E%d", h);
	struct irrep *r = add_irrep(g, name, 2);
	for (int a = 0; a < g->order; a++) {
		double *m = matrix_at(r->re, r, a);
		double c = turn_cos(h * (a % n), n), s = turn_sin(h * (a % n), n);
		double flip = a / n ? -1 : 1;
		m[0] = c;
		m[1] = -s * flip;
		m[2] = s;
		m[3] = c * flip;
	}
}

static struct group *dihedral(const char *name, int n)
{
	struct group *g = blank(name, 2 * n);
	for (int a = 0; a < 2 * n; a++)
		for (int b = 0; b < 2 * n; b++) {
			int turn = a / n ? a % n - b % n + n : a % n + b % n;
			g->product[a * 2 * n + b] = turn % n + n * (a / n ^ b / n);
		}
	add_signs(g, "A1", 1, 1);
	add_signs(g, "A2", 1, -1);
	if (n % 2 == 0) {
		add_signs(g, "B1", -1, 1);
		add_signs(g, "B2", -1, -1);
	}
	for (int h = 1; 2 * h < n; h++)
		add_turns(g, h);
	return g;
}

/* --- Permutations --- */

#define CODES 46656     /* 6^6 */

struct permutations {
	int points, count;
	signed char (*at)[MAX_POINTS];  /* images of 0 .. points-1 */
	int *place;             /* [CODES], of each in the list, by its images as digits */
};

/* The next in lexicographic order; false after the last. */
static bool step(int n, signed char *p)
{
	int i = n - 2;
	while (i >= 0 && p[i] > p[i + 1])
		i--;
	if (i < 0)
		return false;
	int j = n - 1;
	while (p[j] < p[i])
		j--;
	signed char t = p[i];
	p[i] = p[j];
	p[j] = t;
	for (int a = i + 1, b = n - 1; a < b; a++, b--) {
		t = p[a];
		p[a] = p[b];
		p[b] = t;
	}
	return true;
}

static bool is_odd(int n, const signed char *p)
{
	int inversions = 0;
	for (int i = 0; i < n; i++)
		for (int j = i + 1; j < n; j++)
			inversions += p[i] > p[j];
	return inversions % 2;
}

static int factorial(int n)
{
	return n < 2 ? 1 : n * factorial(n - 1);
}

static int code_of(const signed char *p)
{
	int code = 0;
	for (int i = 0; i < MAX_POINTS; i++)
		code = code * MAX_POINTS + p[i];
	return code;
}

static struct permutations permutations_of(int n, bool even_only)
{
	struct permutations list = {
		.points = n,
		.at = room((size_t)factorial(n), sizeof *list.at),
		.place = room(CODES, sizeof *list.place),
	};
	signed char p[MAX_POINTS] = {0, 1, 2, 3, 4, 5};
	do {
		if (even_only && is_odd(n, p))
			continue;
		list.place[code_of(p)] = list.count;
		memcpy(list.at[list.count++], p, sizeof p);
	} while (step(n, p));
	return list;
}

static void fill_products(struct group *g, const struct permutations *list)
{
	for (int a = 0; a < list->count; a++)
		for (int b = 0; b < list->count; b++) {
			signed char p[MAX_POINTS];
			for (int i = 0; i < MAX_POINTS; i++)
				p[i] = list->at[a][(int)list->at[b][i]];
			g->product[a * list->count + b] = list->place[code_of(p)];
		}
}

/* --- Young's orthogonal form ---
 *
 * The standard tableaux of a partition, numbers 0 .. n-1 in boxes so that rows
 * and columns rise, are a basis. Where c(k) is the column less the row of
 * number k and r = c(k+1) - c(k), the transposition of k and k+1 sends tableau T
 * to T / r + sqrt(1 - 1/r^2) T', T' being T with the two exchanged. */

#define MAX_TABLEAUX 16         /* of six boxes: (3,2,1) */

struct tableau {
	int row[MAX_POINTS], col[MAX_POINTS];   /* of each number */
};

struct shape {
	int n;
	int part[MAX_POINTS];   /* falling; zeros at the end */
	int tableaux;
	struct tableau tableau[MAX_TABLEAUX];
};

static void add_tableaux(struct shape *s, struct tableau *t, int *filled, int number)
{
	if (number == s->n) {
		s->tableau[s->tableaux++] = *t;
		return;
	}
	for (int row = 0; row < s->n; row++) {
		if (filled[row] == s->part[row] || (row && filled[row] == filled[row - 1]))
			continue;
		t->row[number] = row;
		t->col[number] = filled[row]++;
		add_tableaux(s, t, filled, number + 1);
		filled[row]--;
	}
}

static struct shape shape_of(int n, const int *part)
{
	struct shape s = {.n = n};
	memcpy(s.part, part, sizeof s.part);
	struct tableau t = {0};
	int filled[MAX_POINTS] = {0};
	add_tableaux(&s, &t, filled, 0);
	return s;
}

static bool is_same(const struct tableau *a, const struct tableau *b, int n)
{
	return !memcmp(a->row, b->row, (size_t)n * sizeof *a->row) &&
	       !memcmp(a->col, b->col, (size_t)n * sizeof *a->col);
}

static int place_of_tableau(const struct shape *s, const struct tableau *t)
{
	int i = 0;
	while (!is_same(&s->tableau[i], t, s->n))
		i++;
	return i;
}

static void exchange(int *a, int *b)
{
	int t = *a;
	*a = *b;
	*b = t;
}

/* m (dim, dim) = the matrix of the transposition of k and k+1. */
static void fill_transposition(const struct shape *s, int k, double *m)
{
	int dim = s->tableaux;
	memset(m, 0, (size_t)(dim * dim) * sizeof *m);
	for (int i = 0; i < dim; i++) {
		struct tableau t = s->tableau[i];
		int r = (t.col[k + 1] - t.row[k + 1]) - (t.col[k] - t.row[k]);
		m[i * dim + i] = 1.0 / r;
		if (r * r == 1)
			continue;       /* neighbours: exchanged, they do not rise */
		exchange(&t.row[k], &t.row[k + 1]);
		exchange(&t.col[k], &t.col[k + 1]);
		m[place_of_tableau(s, &t) * dim + i] = nn_sqrt(1 - 1.0 / (r * r));
	}
}

static void multiply(int dim, double *c, const double *a, const double *b)
{
	for (int i = 0; i < dim; i++)
		for (int j = 0; j < dim; j++) {
			double sum = 0;
			for (int k = 0; k < dim; k++)
				sum += a[i * dim + k] * b[k * dim + j];
			c[i * dim + j] = sum;
		}
}

/* rho(a) of a permutation, from its sorting by exchanges of neighbours: exchanging the images at k
 * and k+1 of p is p times that transposition, and so p is their product, the last one first. */
static void fill_matrix(const struct shape *s, const signed char *a, double *out)
{
	int dim = s->tableaux;
	double m[MAX_TABLEAUX * MAX_TABLEAUX], sum[MAX_TABLEAUX * MAX_TABLEAUX] = {0};
	signed char p[MAX_POINTS];
	memcpy(p, a, sizeof p);
	for (int i = 0; i < dim; i++)
		sum[i * dim + i] = 1;
	for (int k = 0; k + 1 < s->n; ) {
		if (p[k] < p[k + 1]) {
			k++;
			continue;
		}
		signed char t = p[k];
		p[k] = p[k + 1];
		p[k + 1] = t;
		double before[MAX_TABLEAUX * MAX_TABLEAUX];
		memcpy(before, sum, sizeof before);
		fill_transposition(s, k, m);
		multiply(dim, sum, m, before);
		k = 0;
	}
	memcpy(out, sum, (size_t)(dim * dim) * sizeof *out);
}

/* --- Partitions --- */

static void name_of(const struct shape *s, const char *mark, char name[48])
{
	int n = snprintf(name, 48, "(%d", s->part[0]);
	for (int i = 1; i < s->n && s->part[i]; i++)
		n += snprintf(name + n, 48 - (size_t)n, ",%d", s->part[i]);
	snprintf(name + n, 48 - (size_t)n, ")%s", mark);
}

static void conjugate_partition(int n, const int *part, int *other)
{
	for (int j = 0; j < MAX_POINTS; j++) {
		other[j] = 0;
		for (int i = 0; i < n; i++)
			other[j] += part[i] > j;
	}
}

/* The sign of the permutation that reads the numbers row by row. */
static int sign_of(const struct shape *s, const struct tableau *t)
{
	int inversions = 0;
	for (int a = 0; a < s->n; a++)
		for (int b = a + 1; b < s->n; b++)
			inversions += t->row[b] < t->row[a] ||
			              (t->row[b] == t->row[a] && t->col[b] < t->col[a]);
	return inversions % 2 ? -1 : 1;
}

static int mirror_of(const struct shape *s, int i)
{
	struct tableau t;
	memcpy(t.row, s->tableau[i].col, sizeof t.row);
	memcpy(t.col, s->tableau[i].row, sizeof t.col);
	return place_of_tableau(s, &t);
}

static void add_whole(struct group *g, const struct permutations *list, const struct shape *s)
{
	char name[48];
	name_of(s, "", name);
	struct irrep *r = add_irrep(g, name, s->tableaux);
	for (int a = 0; a < list->count; a++)
		fill_matrix(s, list->at[a], matrix_at(r->re, r, a));
}

/* One half of a partition that is its own conjugate.
 *
 * J, which sends T to sign(T) times its mirror image, exchanges the signs of
 * all transpositions and so commutes with even permutations. J^2 is 1 or -1; the
 * half is the eigenspace of the root `sign` or `sign` i, where the vectors
 *
 *     (T + root^-1 J T) / sqrt(2),  one for each pair of mirror images,
 *
 * are a basis. With E(T, U) an element of the orthogonal form, j = sign(T) and
 * z = root^-1, an element between those of T and U is half of
 *
 *     E(T,U) + conj(z) j E(T',U) + z j' E(T,U') + |z|^2 j j' E(T',U') */
static void add_half(struct group *g, const struct permutations *list, const struct shape *s,
                     int sign)
{
	int whole = s->tableaux, dim = whole / 2;
	int first[MAX_TABLEAUX], second[MAX_TABLEAUX], j[MAX_TABLEAUX], n = 0;
	for (int i = 0; i < whole; i++) {
		int mirror = mirror_of(s, i);
		if (mirror < i)
			continue;
		first[n] = i;
		second[n] = mirror;
		j[n++] = sign_of(s, &s->tableau[i]);
	}
	int square = j[0] * sign_of(s, &s->tableau[second[0]]);
	double z_re = square > 0 ? sign : 0, z_im = square > 0 ? 0 : -sign;
	char name[48];
	name_of(s, sign > 0 ? "+" : "-", name);
	struct irrep *r = add_irrep(g, name, dim);
	for (int a = 0; a < list->count; a++) {
		double m[MAX_TABLEAUX * MAX_TABLEAUX];
		fill_matrix(s, list->at[a], m);
		for (int t = 0; t < dim; t++)
			for (int u = 0; u < dim; u++) {
				double tu = m[first[t] * whole + first[u]];
				double tpu = j[t] * m[second[t] * whole + first[u]];
				double tup = j[u] * m[first[t] * whole + second[u]];
				double tpup = j[t] * j[u] * m[second[t] * whole + second[u]];
				int at = t * dim + u;
				matrix_at(r->re, r, a)[at] = 0.5 * (tu + tpup + z_re * (tpu + tup));
				matrix_at(r->im, r, a)[at] = 0.5 * z_im * (tup - tpu);
			}
	}
}

/* > 0, 0 or < 0 as a comes before, is or comes after b in the order of add_partitions(). */
static int precedes(const int *a, const int *b)
{
	for (int i = 0; i < MAX_POINTS; i++)
		if (a[i] != b[i])
			return a[i] - b[i];
	return 0;
}

/* The irreps of a partition: of An, partition and conjugate give the same, and the first counts. */
static void add_partition(struct group *g, const struct permutations *list, bool even,
                          const int *part)
{
	struct shape s = shape_of(list->points, part);
	int conjugate[MAX_POINTS];
	conjugate_partition(list->points, part, conjugate);
	int order = precedes(part, conjugate);
	if (!even || order > 0)
		add_whole(g, list, &s);
	else if (order == 0) {
		add_half(g, list, &s, 1);
		add_half(g, list, &s, -1);
	}
}

/* All partitions of what is left, parts falling, the largest first. */
static void add_partitions(struct group *g, const struct permutations *list, bool even, int *part,
                           int used, int left)
{
	if (!left) {
		add_partition(g, list, even, part);
		return;
	}
	int most = used && part[used - 1] < left ? part[used - 1] : left;
	for (int k = most; k > 0; k--) {
		part[used] = k;
		add_partitions(g, list, even, part, used + 1, left - k);
		part[used] = 0;
	}
}

static struct group *permutation_group(const char *name, int n, bool even)
{
	struct permutations list = permutations_of(n, even);
	struct group *g = blank(name, list.count);
	fill_products(g, &list);
	int part[MAX_POINTS] = {0};
	add_partitions(g, &list, even, part, 0, n);
	free(list.at);
	free(list.place);
	return g;
}

/* --- Products --- */

static void add_product(struct group *g, const struct irrep *a, const struct irrep *b, int orders_b)
{
	char name[2 * sizeof a->name];
	snprintf(name, sizeof name, "%sx%s", a->name, b->name);
	struct irrep *r = add_irrep(g, name, a->dim * b->dim);
	for (int x = 0; x < g->order; x++) {
		size_t ax = (size_t)(x / orders_b * a->dim * a->dim);
		size_t bx = (size_t)(x % orders_b * b->dim * b->dim);
		for (int i = 0; i < r->dim; i++)
			for (int k = 0; k < r->dim; k++) {
				size_t p = ax + (size_t)(i / b->dim * a->dim + k / b->dim);
				size_t q = bx + (size_t)(i % b->dim * b->dim + k % b->dim);
				size_t at = (size_t)(i * r->dim + k);
				matrix_at(r->re, r, x)[at] = a->re[p] * b->re[q] - a->im[p] * b->im[q];
				matrix_at(r->im, r, x)[at] = a->re[p] * b->im[q] + a->im[p] * b->re[q];
			}
	}
}

static struct group *product_of(const char *name, const struct group *a, const struct group *b)
{
	struct group *g = blank(name, a->order * b->order);
	for (int x = 0; x < g->order; x++)
		for (int y = 0; y < g->order; y++) {
			int first = a->product[x / b->order * a->order + y / b->order];
			int second = b->product[x % b->order * b->order + y % b->order];
			g->product[x * g->order + y] = first * b->order + second;
		}
	for (int i = 0; i < a->irreps; i++)
		for (int j = 0; j < b->irreps; j++)
			add_product(g, &a->irrep[i], &b->irrep[j], b->order);
	return g;
}

/* --- Names --- */

/* A letter and a number; returns what follows, NULL if it is not that. */
static const char *read_factor(const char *at, char *letter, int *n)
{
	*letter = *at;
	if (!*at || !strchr("ZDSA", *at) || at[1] < '1' || at[1] > '9')
		return NULL;
	*n = 0;
	for (at++; *at >= '0' && *at <= '9' && *n <= MAX_ORDER; at++)
		*n = *n * 10 + (*at - '0');
	return at;
}

static int order_of(char letter, int n)
{
	if (letter == 'Z')
		return n;
	if (letter == 'D')
		return 2 * n;
	if (n < 2 || n > MAX_POINTS)
		return MAX_ORDER + 1;
	return letter == 'S' ? factorial(n) : factorial(n) / 2;
}

static struct group *factor(const char *name, char letter, int n)
{
	if (letter == 'Z')
		return cyclic(name, n);
	if (letter == 'D')
		return dihedral(name, n);
	return permutation_group(name, n, letter == 'A');
}

/* The number of elements of a well-formed name, 0 for another or too many. */
static int order_of_name(const char *name)
{
	int order = 1;
	for (const char *at = name; ; at++) {
		char letter;
		int n;
		at = read_factor(at, &letter, &n);
		if (!at || order_of(letter, n) > MAX_ORDER / order)
			return 0;
		order *= order_of(letter, n);
		if (!*at)
			return order;
		if (*at != 'x')
			return 0;
	}
}

struct group *group_new(const char *name)
{
	if (strlen(name) >= sizeof ((struct group *)0)->name || !order_of_name(name))
		nn_quit("wanted a group of at most %d elements, as Z59, D5, S4, A5 or Z2xZ12; "
		        "found '%s'", MAX_ORDER, name);
	struct group *g = NULL;
	for (const char *at = name; ; at++) {
		char letter;
		int n;
		at = read_factor(at, &letter, &n);
		struct group *next = factor(name, letter, n);
		struct group *all = g ? product_of(name, g, next) : next;
		if (g) {
			group_free(g);
			group_free(next);
		}
		g = all;
		if (!*at)
			return finished(g);
	}
}

void group_free(struct group *g)
{
	for (int k = 0; k < g->irreps; k++) {
		free(g->irrep[k].re);
		free(g->irrep[k].im);
		free(g->irrep[k].chi_re);
		free(g->irrep[k].chi_im);
	}
	free(g->irrep);
	free(g->product);
	free(g->inverse);
	free(g->class_of);
	free(g);
}

/* --- Functions on a group --- */

void group_fourier(const struct group *g, int irrep, size_t d, double *re, double *im,
                   const double *x)
{
	const struct irrep *r = &g->irrep[irrep];
	size_t size = (size_t)(r->dim * r->dim);
	memset(re, 0, size * d * sizeof *re);
	memset(im, 0, size * d * sizeof *im);
	for (size_t a = 0; a < (size_t)g->order; a++)
		for (size_t i = 0; i < size; i++)
			for (size_t j = 0; j < d; j++) {
				re[i * d + j] += x[a * d + j] * r->re[a * size + i];
				im[i * d + j] += x[a * d + j] * r->im[a * size + i];
			}
}

void group_power(const struct group *g, size_t d, double *power, const double *x)
{
	for (int k = 0; k < g->irreps; k++) {
		int dim = g->irrep[k].dim;
		size_t size = (size_t)(dim * dim) * d;
		double *re = doubles(size), *im = doubles(size);
		group_fourier(g, k, d, re, im, x);
		power[k] = (weft_dot(re, re, size) + weft_dot(im, im, size)) * dim / g->order;
		free(re);
		free(im);
	}
}

void group_project(const struct group *g, int irrep, size_t d, double *out, const double *x)
{
	const struct irrep *r = &g->irrep[irrep];
	double weight = (double)r->dim / g->order * (r->conjugate == irrep ? 1 : 2);
	memset(out, 0, (size_t)g->order * d * sizeof *out);
	for (int a = 0; a < g->order; a++)
		for (int b = 0; b < g->order; b++) {
			double chi = weight * r->chi_re[g->product[a * g->order + g->inverse[b]]];
			for (size_t j = 0; j < d; j++)
				out[(size_t)a * d + j] += chi * x[(size_t)b * d + j];
		}
}

int group_space(const struct group *g, int irrep)
{
	const struct irrep *r = &g->irrep[irrep];
	return r->dim * r->dim * (r->conjugate == irrep ? 1 : 2);
}
