/* What numerical code needs besides exp and log (weft.h), with the same bits on
 * every machine: additions, multiplications and divisions of doubles in a fixed
 * order, no libm. Errors are against the true value. */
#ifndef NN_ELEMENTARY_H
#define NN_ELEMENTARY_H

/* IEEE's square root; nan below zero. */
double nn_sqrt(double x);

/* Sine and cosine for |x| <= 2^20, within 2^-52 of the true value, and within
 * 1 ulp where |x| <= pi/4; nan beyond. For angles that are a fraction of a full
 * turn, turn_cos() is better. */
double nn_sin(double x);
double nn_cos(double x);

/* cos(2 pi k / n) and sin(2 pi k / n), within 2 ulp, for 0 < n <= 2^40. The angle is
 * reduced as a fraction, without loss: turn_cos(n, 4 * n) is 0, and what is
 * equal by symmetry is equal in every bit. */
double turn_cos(long k, long n);
double turn_sin(long k, long n);

#endif
