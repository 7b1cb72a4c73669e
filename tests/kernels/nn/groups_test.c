/* Groups and their irreps, held to the identities that define them. */
#include "kernels/nn/groups.h"

#include <stdlib.h>

#include "kernels/nn/svd.h"

#include "tests/unit/test.h"
#include "tests/kernels/nn/near.h"

static const char *const names[] = {"Z1", "Z2", "Z7", "Z12", "D1", "D2", "D5", "D6", "S3", "A3", "A4",
                                    "S4", "A5", "S5", "Z2xZ12", "S3xZ3", "A4xD3"};
#define COUNT (sizeof names / sizeof names[0])

TEST(products_form_a_group)
{
	for (size_t k = 0; k < COUNT; k++) {
		struct group *g = group_new(names[k]);
		int n = g->order;
		for (int a = 0; a < n; a++) {
			EXPECT_INT(g->product[a], a);
			EXPECT_INT(g->product[a * n], a);
			EXPECT_INT(g->product[a * n + g->inverse[a]], 0);
			for (int b = 0; b < n; b++)
				for (int c = 0; c < n; c += 1 + n / 16)
					EXPECT_INT(g->product[g->product[a * n + b] * n + c],
					           g->product[a * n + g->product[b * n + c]]);
		}
		group_free(g);
	}
}

/* rho(a) rho(b) = rho(ab) and rho(1/a) = the adjoint of rho(a). */
static void check_representation(const struct group *g, const struct irrep *r)
{
	int d = r->dim, size = d * d;
	for (int a = 0; a < g->order; a++)
		for (int b = 0; b < g->order; b += 1 + g->order / 24)
			for (int i = 0; i < d; i++)
				for (int j = 0; j < d; j++) {
					double re = 0, im = 0;
					for (int k = 0; k < d; k++) {
						int p = a * size + i * d + k, q = b * size + k * d + j;
						re += r->re[p] * r->re[q] - r->im[p] * r->im[q];
						im += r->re[p] * r->im[q] + r->im[p] * r->re[q];
					}
					int at = g->product[a * g->order + b] * size + i * d + j;
					EXPECT_NEAR(re, r->re[at], 1e-13);
					EXPECT_NEAR(im, r->im[at], 1e-13);
				}
	for (int a = 0; a < g->order; a++)
		for (int i = 0; i < d; i++)
			for (int j = 0; j < d; j++) {
				int at = a * size + i * d + j;
				int mirrored = g->inverse[a] * size + j * d + i;
				EXPECT_NEAR(r->re[at], r->re[mirrored], 1e-13);
				EXPECT_NEAR(r->im[at], -r->im[mirrored], 1e-13);
			}
}

TEST(irreps_are_unitary_representations)
{
	for (size_t k = 0; k < COUNT; k++) {
		struct group *g = group_new(names[k]);
		for (int i = 0; i < g->irreps; i++)
			check_representation(g, &g->irrep[i]);
		group_free(g);
	}
}

TEST(squares_of_dimensions_add_up_to_the_order)
{
	for (size_t k = 0; k < COUNT; k++) {
		struct group *g = group_new(names[k]);
		int sum = 0;
		for (int i = 0; i < g->irreps; i++)
			sum += g->irrep[i].dim * g->irrep[i].dim;
		EXPECT_INT(sum, g->order);
		EXPECT_INT(g->irreps, g->classes);
		group_free(g);
	}
}

TEST(characters_are_orthonormal_and_constant_on_classes)
{
	for (size_t k = 0; k < COUNT; k++) {
		struct group *g = group_new(names[k]);
		for (int i = 0; i < g->irreps; i++)
			for (int j = 0; j < g->irreps; j++) {
				const struct irrep *r = &g->irrep[i], *s = &g->irrep[j];
				double re = 0, im = 0;
				for (int a = 0; a < g->order; a++) {
					re += r->chi_re[a] * s->chi_re[a] + r->chi_im[a] * s->chi_im[a];
					im += r->chi_im[a] * s->chi_re[a] - r->chi_re[a] * s->chi_im[a];
				}
				EXPECT_NEAR(re / g->order, i == j, 1e-13);
				EXPECT_NEAR(im / g->order, 0, 1e-13);
			}
		for (int i = 0; i < g->irreps; i++)
			for (int a = 0; a < g->order; a++)
				for (int b = 0; b < a; b++)
					if (g->class_of[a] == g->class_of[b])
						EXPECT_NEAR(g->irrep[i].chi_re[a],
						            g->irrep[i].chi_re[b], 1e-13);
		group_free(g);
	}
}

/* The sum over g of rho_ij conj(sigma_kl) is order / dim where all is equal, and else 0. */
TEST(matrix_elements_are_orthogonal)
{
	struct group *g = group_new("A5");
	for (int r = 0; r < g->irreps; r++)
		for (int s = 0; s < g->irreps; s++) {
			const struct irrep *a = &g->irrep[r], *b = &g->irrep[s];
			int m = a->dim * a->dim, n = b->dim * b->dim;
			for (int i = 0; i < m; i++)
				for (int j = 0; j < n; j++) {
					double re = 0;
					for (int e = 0; e < g->order; e++)
						re += a->re[e * m + i] * b->re[e * n + j] +
						      a->im[e * m + i] * b->im[e * n + j];
					EXPECT_NEAR(re, r == s && i == j ? g->order / a->dim : 0, 1e-12);
				}
		}
	group_free(g);
}

static void expect_dimensions(const char *name, int n, const int *want)
{
	struct group *g = group_new(name);
	EXPECT_INT(g->irreps, n);
	int seen[8] = {0}, wanted[8] = {0};
	for (int i = 0; i < n; i++) {
		seen[g->irrep[i].dim]++;
		wanted[want[i]]++;
	}
	for (int d = 0; d < 8; d++)
		EXPECT_INT(seen[d], wanted[d]);
	for (int a = 0; a < g->order; a++)
		EXPECT_NEAR(g->irrep[0].re[a], 1, 1e-15);
	group_free(g);
}

TEST(dimensions_are_those_of_the_character_tables)
{
	expect_dimensions("A4", 4, (int[]){1, 1, 1, 3});
	expect_dimensions("S4", 5, (int[]){1, 1, 2, 3, 3});
	expect_dimensions("A5", 5, (int[]){1, 3, 3, 4, 5});
	expect_dimensions("S5", 7, (int[]){1, 1, 4, 4, 5, 5, 6});
	expect_dimensions("D5", 4, (int[]){1, 1, 2, 2});
	expect_dimensions("D6", 6, (int[]){1, 1, 1, 1, 2, 2});
}

/* The golden ratio, on the five-cycles: no rounding accident could put it there. */
TEST(five_cycles_of_a5_have_golden_characters)
{
	struct group *g = group_new("A5");
	int golden = 0;
	for (int i = 0; i < g->irreps; i++)
		for (int a = 0; a < g->order; a++)
			if (g->irrep[i].dim == 3 && NEAR(g->irrep[i].chi_re[a], 1.618033988749895, 1e-13))
				golden++;
	EXPECT_INT(golden, 24);
	group_free(g);
}

TEST(conjugates_pair_up)
{
	struct group *g = group_new("A4");
	int complex_ones = 0;
	for (int i = 0; i < g->irreps; i++) {
		EXPECT_INT(g->irrep[g->irrep[i].conjugate].conjugate, i);
		complex_ones += g->irrep[i].conjugate != i;
	}
	EXPECT_INT(complex_ones, 2);
	group_free(g);
}

static double *random_functions(const struct group *g, size_t d)
{
	weft_rng rng = weft_seed(7);
	double *x = doubles((size_t)g->order * d);
	for (size_t i = 0; i < (size_t)g->order * d; i++)
		x[i] = weft_normal(&rng);
	return x;
}

TEST(power_adds_up_to_the_sum_of_squares)
{
	const size_t d = 3;
	for (size_t k = 0; k < COUNT; k++) {
		struct group *g = group_new(names[k]);
		double *x = random_functions(g, d), *power = doubles((size_t)g->irreps);
		group_power(g, d, power, x);
		double all = weft_dot(x, x, (size_t)g->order * d);
		EXPECT_NEAR(weft_sum(power, (size_t)g->irreps) / all, 1, 1e-13);
		free(x);
		free(power);
		group_free(g);
	}
}

/* Projections add up to what was projected, hold the power of their irrep, and project to what they
 * are. */
TEST(projections_split_a_function)
{
	const size_t d = 2;
	for (size_t k = 0; k < COUNT; k++) {
		struct group *g = group_new(names[k]);
		size_t n = (size_t)g->order * d;
		double *x = random_functions(g, d), *sum = doubles(n), *part = doubles(n);
		double *again = doubles(n), *power = doubles((size_t)g->irreps);
		group_power(g, d, power, x);
		int dimensions = 0;
		for (int i = 0; i < g->irreps; i++) {
			int other = g->irrep[i].conjugate;
			if (other < i)
				continue;
			group_project(g, i, d, part, x);
			group_project(g, i, d, again, part);
			double held = power[i] + (other != i ? power[other] : 0);
			EXPECT_NEAR(weft_dot(part, part, n), held, 1e-12 * (1 + held));
			for (size_t j = 0; j < n; j++) {
				EXPECT_NEAR(again[j], part[j], 1e-12);
				sum[j] += part[j];
			}
			dimensions += group_space(g, i);
		}
		for (size_t j = 0; j < n; j++)
			EXPECT_NEAR(sum[j], x[j], 1e-12);
		EXPECT_INT(dimensions, g->order);
		free(x);
		free(sum);
		free(part);
		free(again);
		free(power);
		group_free(g);
	}
}

/* A matrix element of an irrep lies in its space alone. */
TEST(a_matrix_element_has_the_power_of_its_irrep)
{
	struct group *g = group_new("S5");
	double *x = doubles((size_t)g->order), *power = doubles((size_t)g->irreps);
	for (int i = 0; i < g->irreps; i++) {
		int dim = g->irrep[i].dim;
		for (int a = 0; a < g->order; a++)
			x[a] = g->irrep[i].re[a * dim * dim + dim - 1];
		group_power(g, 1, power, x);
		for (int j = 0; j < g->irreps; j++)
			EXPECT_NEAR(power[j], i == j ? (double)g->order / dim : 0, 1e-11);
	}
	free(x);
	free(power);
	group_free(g);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(products_form_a_group),
		CASE(irreps_are_unitary_representations),
		CASE(squares_of_dimensions_add_up_to_the_order),
		CASE(characters_are_orthonormal_and_constant_on_classes),
		CASE(matrix_elements_are_orthogonal),
		CASE(dimensions_are_those_of_the_character_tables),
		CASE(five_cycles_of_a5_have_golden_characters),
		CASE(conjugates_pair_up),
		CASE(power_adds_up_to_the_sum_of_squares),
		CASE(projections_split_a_function),
		CASE(a_matrix_element_has_the_power_of_its_irrep),
	};
	return RUN(tests);
}
