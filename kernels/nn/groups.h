/* Small finite groups with all their irreducible representations.
 *
 * Names: Z<n>, D<n> (2n elements), S<n> and A<n> for n = 2 .. 6, and direct
 * products of these joined by x, as in Z2xZ12; at most 1024 elements. Elements
 * are numbers from 0, the identity:
 *
 *     Zn    i, added modulo n
 *     Dn    r^i s^j is i + n j, where r^n = s^2 = 1, s r s = 1/r
 *     Sn    permutations in lexicographic order of (a(1), .., a(n)); ab is b first, then a
 *     An    the even ones of these, in the same order
 *     GxH   (g, h) is g |H| + h
 *
 * Representations are unitary, of complex double matrices, real where they can
 * be for Zn (orders 1 and 2), Dn and Sn. Those of Sn are Young's orthogonal
 * form (James and Kerber, The Representation Theory of the Symmetric Group,
 * 1981, section 3.4); those of An are their restrictions, and the two halves
 * of the ones whose partition is its own conjugate. */
#ifndef NN_GROUPS_H
#define NN_GROUPS_H

#include <stddef.h>

struct irrep {
	char name[48];          /* k=3; A1, B2, E1 of Dn; (3,1); (2,2)+; joined by x */
	int dim;
	int conjugate;          /* the one with conjugate characters; itself if they are real */
	double *re, *im;        /* (order, dim, dim): a matrix for each element */
	double *chi_re, *chi_im;        /* (order): their traces */
};

struct group {
	char name[48];
	int order;
	int *product;           /* (order, order): product[a * order + b] is a b */
	int *inverse;           /* (order) */
	int classes;            /* of conjugate elements, numbered by their least member */
	int *class_of;          /* (order) */
	int irreps;             /* as many as classes; the first is trivial */
	struct irrep *irrep;
};

/* A name that is none of the above is one line on stderr and exit status 2. */
struct group *group_new(const char *name);
void group_free(struct group *g);

/* --- Functions on a group ---
 *
 * x is (order, d), row-major: d functions at once, such as an embedding with a
 * row for every element. By Peter and Weyl's theorem the functions on G are the
 * orthogonal sum, over the irreps rho, of spaces of dimension dim^2, which the
 * matrix elements of rho span. */

/* X = the sum over g of x[g,:] rho(g); re and im (dim, dim, d). */
void group_fourier(const struct group *g, int irrep, size_t d, double *re, double *im,
                   const double *x);

/* power[r], for every irrep: the part of the sum of squares of x in the space of
 * r, which is dim / order * |X|^2. They add up to the sum of x^2 (Plancherel). */
void group_power(const struct group *g, size_t d, double *power, const double *x);

/* out (order, d) = the part of x in the space of an irrep and its conjugate,
 * which is real: dim / order * the sum over h of Re chi(g / h) x[h,:], twice
 * that if the two differ. out may not be x. */
void group_project(const struct group *g, int irrep, size_t d, double *out, const double *x);

/* The dimension of what group_project() projects to: dim^2, or twice that. */
int group_space(const struct group *g, int irrep);

#endif
