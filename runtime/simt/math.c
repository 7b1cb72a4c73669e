/* Device maths from +, -, *, / and square roots, which IEEE 754 fixes: so the bits are the same
 * on every machine. No table of values, no fused operation, no libm.
 *
 * Everything rests on five functions of double: exponential, logarithm, sine and cosine after an
 * exact reduction, arcus tangent, and the error function. Series are Taylor's, taken until the
 * next term is below 2^-56; their coefficients are quotients of small integers and so need no
 * table of digits either. Where a double result must be within one ulp, the last step adds a
 * small correction to a large exact part. Must be compiled without contraction of a * b + c. */
#include "include/simt/math.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define LN2_HIGH 0x1.62e42feep-1                /* 32 bits: k * LN2_HIGH is exact */
#define LN2_LOW  0x1.a39ef35793c76p-33
#define INV_LN2  0x1.71547652b82fep+0
#define INV_LN2_LOW 0x1.777d0ffda0d24p-56
#define LN10     0x1.26bb1bbb55516p+1
#define LN10_LOW -0x1.f48ad494ea3e9p-53
#define INV_LN10 0x1.bcb7b1526e50ep-2
#define INV_LN10_LOW 0x1.95355baaafad3p-57
#define PI       0x1.921fb54442d18p+1

__extension__ typedef unsigned __int128 uint128;

static uint64_t bits_of(double x)
{
	uint64_t u;
	memcpy(&u, &x, sizeof u);
	return u;
}

static double from_bits(uint64_t u)
{
	double x;
	memcpy(&x, &u, sizeof x);
	return x;
}

static bool is_nan(double x)
{
	return x != x;
}

static double infinity(void)
{
	return from_bits(0x7ffull << 52);
}

static double not_a_number(void)
{
	return from_bits(0x7ff8ull << 48);
}

/* x rounded to an integer; |x| < 2^51. */
static double nearest(double x)
{
	const double big = 0x1.8p52;
	double sum = x + big;   /* kept by compilers that do not reorder floating point, as here */
	return sum - big;
}

/* x * 2^k, rounded once, also to a subnormal; x in [1/4, 4]. */
static double scale(double x, int k)
{
	if (k > 1023)
		return x * 0x1p1023 * from_bits((uint64_t)(k - 1023 > 1023 ? 2046 : k) << 52);
	if (k >= -1000)
		return x * from_bits((uint64_t)(k + 1023) << 52);
	if (k < -1200)
		k = -1200;
	return x * from_bits((uint64_t)(k + 200 + 1023) << 52) * 0x1p-200;
}

/* Double-double: high + low, |low| <= ulp(high) / 2. */
struct two {
	double high, low;
};

static struct two two_sum(double a, double b)
{
	double s = a + b, back = s - a;
	return (struct two){s, (a - (s - back)) + (b - back)};
}

static struct two two_product(double a, double b)
{
	const double split = 0x1p27 + 1;
	double p = a * b, t = split * a, ah = t - (t - a), al = a - ah;
	t = split * b;
	double bh = t - (t - b), bl = b - bh;
	return (struct two){p, ((ah * bh - p) + ah * bl + al * bh) + al * bl};
}

static struct two two_add(struct two a, struct two b)
{
	struct two s = two_sum(a.high, b.high);
	return two_sum(s.high, s.low + a.low + b.low);
}

static struct two two_times(struct two a, struct two b)
{
	struct two p = two_product(a.high, b.high);
	return two_sum(p.high, p.low + a.high * b.low + a.low * b.high);
}

static struct two two_over(struct two a, struct two b)
{
	double q = a.high / b.high;
	struct two p = two_times(b, (struct two){q, 0});
	double rest = (a.high - p.high) - p.low + a.low;
	return two_sum(q, rest / b.high);
}

/* 1/k! */
static const double inverse_factorial[] = {
	1.0, 1.0, 1.0 / 2, 1.0 / 6, 1.0 / 24, 1.0 / 120, 1.0 / 720, 1.0 / 5040, 1.0 / 40320,
	1.0 / 362880, 1.0 / 3628800, 1.0 / 39916800, 1.0 / 479001600, 1.0 / 6227020800,
	1.0 / 87178291200, 1.0 / 1307674368000, 1.0 / 20922789888000, 1.0 / 355687428096000,
	1.0 / 6402373705728000, 1.0 / 121645100408832000, 1.0 / 2432902008176640000,
};

/* e^r - 1 - r for |r| < 0.35, to 2^-56 of r. Even and odd powers apart, so that two chains of
 * additions run at once. */
static double exp_tail(double r)
{
	double z = r * r, even = inverse_factorial[14], odd = inverse_factorial[13];
	for (int k = 12; k >= 2; k -= 2)
		even = even * z + inverse_factorial[k];
	for (int k = 11; k >= 3; k -= 2)
		odd = odd * z + inverse_factorial[k];
	return z * (even + r * odd);
}

/* e^(x + low), x in range. */
static double exp_of(double x, double low)
{
	double k = nearest(x * INV_LN2);
	double high = x - k * LN2_HIGH, correction = low - k * LN2_LOW;
	double r = high + correction;
	double lost = (high - r) + correction;
	return scale(1 + (r + (exp_tail(r) + lost)), (int)k);
}

/* For e^x with x = high + low: the cases outside the range, or false. */
static bool exp_special(double x, double *result)
{
	if (is_nan(x))
		*result = x;
	else if (x > 710)
		*result = infinity();
	else if (x < -746)
		*result = 0;
	else
		return false;
	return true;
}

double simt_exp(double x)
{
	double special;
	return exp_special(x, &special) ? special : exp_of(x, 0);
}

double simt_exp2(double x)
{
	if (is_nan(x))
		return x;
	if (x >= 1024)
		return infinity();
	if (x < -1076)
		return 0;
	double k = nearest(x);
	struct two r = two_product(x - k, LN2_HIGH);
	double y = r.high + (r.low + (x - k) * LN2_LOW);
	double lost = (r.high - y) + (r.low + (x - k) * LN2_LOW);
	return scale(1 + (y + (exp_tail(y) + lost)), (int)k);
}

double simt_exp10(double x)
{
	double special;
	if (exp_special(x * 2.25, &special))
		return special;
	struct two p = two_product(x, LN10);
	return exp_of(p.high, p.low + x * LN10_LOW);
}

/* e^x - 1, in range. */
static double expm1_of(double x)
{
	if (x > -0.35 && x < 0.35)
		return x + exp_tail(x);
	double special;
	if (exp_special(x, &special))
		return special - 1;
	return exp_of(x, 0) - 1;
}

/* x = 2^k * m with m in [sqrt(1/2), sqrt(2)). x > 0, finite. */
static double split(double x, int *k)
{
	int shift = 0;
	if (x < 0x1p-1022) {
		x *= 0x1p54;
		shift = -54;
	}
	uint64_t u = bits_of(x);
	int e = (int)(u >> 52) - 1023;
	double m = from_bits((u & ((1ull << 52) - 1)) | 1023ull << 52);
	if (m >= 0x1.6a09e667f3bcdp+0) {
		m *= 0.5;
		e++;
	}
	*k = e + shift;
	return m;
}

static bool log_special(double x, double *result)
{
	if (is_nan(x) || x < 0)
		*result = is_nan(x) ? x : not_a_number();
	else if (x == 0)
		*result = -infinity();
	else if (x == infinity())
		*result = x;
	else
		return false;
	return true;
}

/* log m = f - s (f - R) with f = m - 1, s = f / (2 + f) and R = 2 s^2/3 + 2 s^4/5 + ... The first
 * part is exact, so what is rounded is small. */
static struct two log_parts(double m)
{
	static const double over[] = {2.0 / 3, 2.0 / 5, 2.0 / 7, 2.0 / 9, 2.0 / 11, 2.0 / 13, 2.0 / 15,
				      2.0 / 17, 2.0 / 19, 2.0 / 21, 2.0 / 23, 2.0 / 25};
	double f = m - 1, s = f / (2 + f), z = s * s, sum = 0;
	for (int k = 11; k >= 0; k--)
		sum = (sum + over[k]) * z;
	return (struct two){f, s * (f - sum)};
}

double simt_log(double x)
{
	double special;
	if (log_special(x, &special))
		return special;
	int k;
	double m = split(x, &k);
	struct two p = log_parts(m);
	if (!k)
		return p.high - p.low;
	struct two s = two_sum(k * LN2_HIGH, p.high);
	return s.high + (s.low + (k * LN2_LOW - p.low));
}

/* log x to some 100 bits: the same series in double-double. */
static struct two log_two(double x)
{
	int k;
	double m = split(x, &k);
	struct two f = {m - 1, 0}, s = two_over(f, two_sum(2, f.high)), z = two_times(s, s);
	struct two sum = {0, 0};
	for (int i = 45; i >= 3; i -= 2)
		sum = two_times(two_add(sum, two_over((struct two){1, 0}, (struct two){i, 0})), z);
	sum = two_times(two_add((struct two){1, 0}, sum), s);
	sum = (struct two){2 * sum.high, 2 * sum.low};
	/* LN2_HIGH + LN2_LOW holds 85 bits of the logarithm of 2 */
	struct two ln2 = two_add((struct two){k * LN2_HIGH, 0}, two_product(k, LN2_LOW));
	return two_add(ln2, sum);
}

double simt_log2(double x)
{
	double special;
	if (log_special(x, &special))
		return special;
	int k;
	double m = split(x, &k);
	if (m == 1)
		return k;
	struct two l = two_times(log_two(m), (struct two){INV_LN2, INV_LN2_LOW});
	struct two s = two_sum(k, l.high);
	return s.high + (s.low + l.low);
}

double simt_log10(double x)
{
	double special;
	if (log_special(x, &special))
		return special;
	struct two l = two_times(log_two(x), (struct two){INV_LN10, INV_LN10_LOW});
	return l.high + l.low;
}

/* Binary digits of 2 / pi. */
static const uint64_t two_over_pi[] = {
	0xa2f9836e4e441529, 0xfc2757d1f534ddc0, 0xdb6295993c439041, 0xfe5163abdebbc561,
	0xb7246e3a424dd2e0, 0x06492eea09d1921c, 0xfe1deb1cb129a73e, 0xe88235f52ebb4484,
	0xe99c7026b45f7e41, 0x3991d639835339f4, 0x9c845f8bbdf9283b, 0x1ff897ffde05980f,
	0xef2f118b5a0a6d1f, 0x6d367ecf27cb09b7, 0x4f463f669e5fea2d, 0x7527bac7ebe5f17b,
	0x3d0739f78a5292ea, 0x6bfb5fb11f8d5d08, 0x56033046fc7b6bab, 0xf0cfbc209af4361d,
};

/* 64 of those digits from bit `i`; zeros before the first. */
static uint64_t digits(int i)
{
	if (i < 0)
		return i <= -64 ? 0 : two_over_pi[0] >> -i;
	int word = i / 64, bit = i % 64;
	uint64_t high = two_over_pi[word] << bit;
	return bit ? high | two_over_pi[word + 1] >> (64 - bit) : high;
}

/* Any x, |x| >= 2^20: x = m * 2^e with m an integer of 53 bits. Of m * 2^e * 2/pi only what is
 * below 4 matters: 192 digits from the one of weight 4 / m down are multiplied exactly. */
static int reduce_large(double x, struct two *r)
{
	uint64_t u = bits_of(x), m = (u & ((1ull << 52) - 1)) | 1ull << 52;
	int e = (int)(u >> 52 & 0x7ff) - 1075;
	int first = e - 2;      /* digit i has weight 2^(-1-i); times 2^e: drop multiples of 4 */
	uint64_t d[3] = {digits(first), digits(first + 64), digits(first + 128)};
	/* 256 bits of product modulo 4: q.fraction in units of 2^(1-64*3)... */
	uint128 low = (uint128)m * d[2];
	uint128 middle = (uint128)m * d[1] + (uint64_t)(low >> 64);
	uint64_t top = m * d[0] + (uint64_t)(middle >> 64);
	/* The first digit has weight 2^(e-1-first) = 2: two bits before the point. */
	int quadrant = (int)(top >> 62);
	uint128 fraction = ((uint128)(top << 2 | (uint64_t)middle >> 62) << 64) |
				     ((uint64_t)middle << 2 | (uint64_t)low >> 62);
	bool negative = fraction >> 127;
	if (negative) {
		fraction = -fraction;
		quadrant++;
	}
	/* 53 bits, and the 64 after them */
	uint64_t upper = (uint64_t)(fraction >> 75), lower = (uint64_t)(fraction >> 11);
	struct two f = two_sum((double)upper * 0x1p-53, (double)lower * 0x1p-117);
	f = two_times(f, (struct two){0x1.921fb54442d18p+0, 0x1.1a62633145c07p-54});
	if (negative)
		f = (struct two){-f.high, -f.low};
	if (x < 0) {
		f = (struct two){-f.high, -f.low};
		quadrant = -quadrant;
	}
	*r = f;
	return quadrant & 3;
}

/* x = quadrant * pi/2 + r. */
static int reduce(double x, struct two *r)
{
	if (x > -0x1.921fb54442d18p-1 && x < 0x1.921fb54442d18p-1) {
		*r = (struct two){x, 0};
		return 0;
	}
	if (!(x > -0x1p20 && x < 0x1p20))
		return reduce_large(x, r);
	/* Three parts of pi/2 with 33 bits each: the products with k are exact. */
	double k = nearest(x * (2 / PI));
	struct two a = two_sum(x, -k * 0x1.921fb544p+0);
	struct two b = two_sum(a.high, -k * 0x1.0b4611a6p-34);
	struct two c = two_sum(b.high, -k * 0x1.3198a2ep-69);
	double rest = a.low + b.low + c.low - k * 0x1.b839a252049c1p-104;
	*r = two_sum(c.high, rest);
	return (int)k & 3;
}

static double sin_near(struct two r)
{
	double x = r.high, z = x * x, sum = inverse_factorial[19];
	for (int k = 17; k >= 3; k -= 2)
		sum = inverse_factorial[k] - z * sum;
	/* sin(x + l) = sin x + l cos x */
	return x + (-x * z * sum + r.low * (1 - z / 2));
}

static double cos_near(struct two r)
{
	double x = r.high, z = x * x, sum = inverse_factorial[20];
	for (int k = 18; k >= 4; k -= 2)
		sum = inverse_factorial[k] - z * sum;
	double half = 0.5 * z, w = 1 - half;
	return w + (((1 - w) - half) + (z * z * sum - x * r.low));
}

static double sin_or_cos(double x, int shift)
{
	if (is_nan(x) || x - x != 0)
		return not_a_number();
	struct two r;
	int quadrant = (reduce(x, &r) + shift) & 3;
	double y = quadrant & 1 ? cos_near(r) : sin_near(r);
	return quadrant & 2 ? -y : y;
}

double simt_sin(double x)
{
	return sin_or_cos(x, 0);
}

double simt_cos(double x)
{
	return sin_or_cos(x, 1);
}

double simt_tan(double x)
{
	if (is_nan(x) || x - x != 0)
		return not_a_number();
	struct two r;
	int quadrant = reduce(x, &r);
	double s = sin_near(r), c = cos_near(r);
	return quadrant & 1 ? -c / s : s / c;
}

double simt_tanh(double x)
{
	if (is_nan(x))
		return x;
	double a = x < 0 ? -x : x, y;
	if (a > 22)
		y = 1;
	else if (a >= 0.5)
		y = 1 - 2 / (simt_exp(2 * a) + 1);
	else
		y = expm1_of(2 * a) / (expm1_of(2 * a) + 2);
	return x < 0 ? -y : a == 0 ? x : y;
}

double simt_rsqrt(double x)
{
	return 1 / __builtin_sqrt(x);
}

/* x^y: exp(y log x) with the logarithm in double-double. The cases are C's. */
static bool is_odd(double y)
{
	return nearest(y / 2) * 2 != y;
}

static bool is_whole(double y)
{
	return y >= 0x1p52 || y <= -0x1p52 || (y > -0x1p51 && y < 0x1p51 ? nearest(y) == y
									  : __builtin_rint(y) == y);
}

double simt_pow(double x, double y)
{
	if (y == 0 || x == 1)
		return 1;
	if (is_nan(x) || is_nan(y))
		return x + y;
	bool whole = is_whole(y), odd = whole && y > -0x1p53 && y < 0x1p53 && is_odd(y);
	double a = x < 0 ? -x : x;
	if (y - y != 0) {
		if (a == 1)
			return 1;
		return (a > 1) == (y > 0) ? infinity() : 0;
	}
	double sign = odd && bits_of(x) >> 63 ? -1 : 1;
	if (a == 0)
		return sign * (y > 0 ? 0 : infinity());
	if (a == infinity())
		return sign * (y > 0 ? infinity() : 0);
	if (x < 0 && !whole)
		return not_a_number();
	double rough = simt_log(a) * y, special;
	if (exp_special(rough * 0.99, &special))
		return sign * special;
	struct two p = two_times(log_two(a), (struct two){y, 0});
	return sign * exp_of(p.high, p.low);
}

/* Arcus tangent of x >= 0, some 2^-51 off at most. Halving the angle twice brings x to 0.2. */
static double atan_of(double x)
{
	if (x > 1)
		return PI / 2 - atan_of(1 / x);
	x = x / (1 + __builtin_sqrt(1 + x * x));
	x = x / (1 + __builtin_sqrt(1 + x * x));
	double z = x * x, sum = 0;
	for (int k = 25; k >= 3; k -= 2)
		sum = (sum + 1.0 / k) * -z;
	return 4 * (x + x * sum);
}

/* erf x = 2 x e^(-x^2) / sqrt(pi) * (1 + 2x^2/3 + (2x^2)^2/15 + ...): all terms positive. */
static double erf_series(double x)
{
	double z = 2 * x * x, sum = 1;
	for (int k = 90; k >= 1; k--)
		sum = 1 + sum * z / (2 * k + 1);
	return 0x1.20dd750429b6dp+0 * x * simt_exp(-x * x) * sum;
}

/* erfc x for x >= 2.2 by its continued fraction. */
static double erfc_fraction(double x)
{
	double f = x;
	for (int k = 120; k >= 1; k--)
		f = x + 0.5 * k / f;
	return 0x1.20dd750429b6dp-1 * simt_exp(-x * x) / f;
}

static double erfc_of(double x)
{
	if (x < 2.2)
		return x < -6 ? 2 : 1 - (x < 0 ? -erf_series(-x) : erf_series(x));
	return x > 28 ? 0 : erfc_fraction(x);
}

/* The float functions: one rounding of a double result. */
/* The most called of all: a shorter series is exact enough for a float, and the power of two
 * needs no care for a double's limits. */
float simt_expf(float x)
{
	if (!(x < 89))
		return is_nan(x) ? x : (float)infinity();
	if (x < -104)
		return 0;
	double k = nearest(x * INV_LN2), r = x - k * LN2_HIGH - k * LN2_LOW, z = r * r;
	double even = inverse_factorial[8] * z + inverse_factorial[6];
	double odd = inverse_factorial[9] * z + inverse_factorial[7];
	even = (even * z + inverse_factorial[4]) * z + inverse_factorial[2];
	odd = (odd * z + inverse_factorial[5]) * z + inverse_factorial[3];
	double y = 1 + (r + z * (even + r * odd));
	return (float)(y * from_bits((uint64_t)((int)k + 1023) << 52));
}

float simt_exp2f(float x)
{
	return (float)simt_exp2(x);
}

float simt_exp10f(float x)
{
	return (float)simt_exp10(x);
}

float simt_expm1f(float x)
{
	return x == 0 ? x : (float)expm1_of(x);
}

float simt_logf(float x)
{
	return (float)simt_log(x);
}

float simt_log2f(float x)
{
	double special;
	if (log_special(x, &special))
		return (float)special;
	int k;
	double m = split(x, &k);
	struct two p = log_parts(m);
	return (float)(k + (p.high - p.low) * INV_LN2);
}

float simt_log10f(float x)
{
	double special;
	if (log_special(x, &special))
		return (float)special;
	return (float)(simt_log(x) * INV_LN10);
}

float simt_log1pf(float x)
{
	double y = x;
	if (y > -1e-4 && y < 1e-4)
		return y == 0 ? x : (float)(y - y * y * (0.5 - y * (1.0 / 3 - y * 0.25)));
	return (float)simt_log(1 + y);
}

float simt_sinf(float x)
{
	return (float)simt_sin(x);
}

float simt_cosf(float x)
{
	return (float)simt_cos(x);
}

float simt_tanf(float x)
{
	return (float)simt_tan(x);
}

/* sin(pi x), cos(pi x): the reduction is exact. */
static double sinpi_or_cospi(double x, int shift)
{
	if (is_nan(x) || x - x != 0)
		return not_a_number();
	if (x >= 0x1p51 || x <= -0x1p51)
		return shift ? 1 : 0;
	x -= 2 * nearest(x / 2);
	double k = nearest(2 * x);
	struct two r = {(x - 0.5 * k) * PI, 0};
	int quadrant = ((int)k + shift) & 3;
	double y = quadrant & 1 ? cos_near(r) : sin_near(r);
	return quadrant & 2 ? -y : y;
}

float simt_sinpif(float x)
{
	float y = (float)sinpi_or_cospi(x, 0);
	return y == 0 ? x * 0 : y;
}

float simt_cospif(float x)
{
	return (float)sinpi_or_cospi(x, 1);
}

float simt_atanf(float x)
{
	double y = is_nan(x) ? x : x < 0 ? -atan_of(-(double)x) : atan_of(x);
	return x == 0 ? x : (float)y;
}

static double atan2_of(double y, double x)
{
	double a = y < 0 ? -y : y, b = x < 0 ? -x : x;
	double angle = a == b && a == 0 ? 0 : a == b ? PI / 4 : atan_of(a / b);
	bool left = bits_of(x) >> 63;
	if (left)
		angle = PI - angle;
	return bits_of(y) >> 63 ? -angle : angle;
}

float simt_atan2f(float y, float x)
{
	if (is_nan(x) || is_nan(y))
		return x + y;
	return (float)atan2_of(y, x);
}

float simt_asinf(float x)
{
	double d = x;
	if (is_nan(d) || d > 1 || d < -1)
		return (float)not_a_number();
	return x == 0 ? x : (float)atan2_of(d, __builtin_sqrt((1 - d) * (1 + d)));
}

float simt_acosf(float x)
{
	double d = x;
	if (is_nan(d) || d > 1 || d < -1)
		return (float)not_a_number();
	return (float)atan2_of(__builtin_sqrt((1 - d) * (1 + d)), d);
}

float simt_sinhf(float x)
{
	if (is_nan(x) || x == 0)
		return x;
	double a = x < 0 ? -(double)x : x, e = expm1_of(a);
	double y = a > 200 ? infinity() : 0.5 * (e + e / (e + 1));
	return (float)(x < 0 ? -y : y);
}

float simt_coshf(float x)
{
	if (is_nan(x))
		return x;
	double a = x < 0 ? -(double)x : x, e = simt_exp(a);
	return (float)(a > 200 ? infinity() : 0.5 * (e + 1 / e));
}

float simt_tanhf(float x)
{
	return (float)simt_tanh(x);
}

float simt_erff(float x)
{
	if (is_nan(x) || x == 0)
		return x;
	double a = x < 0 ? -(double)x : x, y = a < 2.2 ? erf_series(a) : 1 - erfc_of(a);
	return (float)(x < 0 ? -y : y);
}

float simt_erfcf(float x)
{
	return is_nan(x) ? x : (float)erfc_of(x);
}

float simt_normcdff(float x)
{
	return is_nan(x) ? x : (float)(0.5 * erfc_of(x * -0x1.6a09e667f3bcdp-1));
}

float simt_cbrtf(float x)
{
	if (is_nan(x) || x == 0 || x - x != 0)
		return x;
	double a = x < 0 ? -(double)x : x, y = simt_exp(simt_log(a) / 3);
	y -= (y - a / (y * y)) / 3;
	return (float)(x < 0 ? -y : y);
}

float simt_rsqrtf(float x)
{
	return (float)(1 / __builtin_sqrt((double)x));
}

float simt_hypotf(float x, float y)
{
	double a = x, b = y;
	if (a - a != 0 && !is_nan(a))
		return (float)infinity();
	if (b - b != 0 && !is_nan(b))
		return (float)infinity();
	return (float)__builtin_sqrt(a * a + b * b);
}

/* As simt_pow(); a logarithm in double is exact enough for a float. */
float simt_powf(float x, float y)
{
	double a = x < 0 ? -(double)x : x;
	if (y == 0 || x == 1 || is_nan(x) || is_nan(y) || y - y != 0 || a == 0 || a - a != 0 ||
	    x < 0)
		return (float)simt_pow(x, y);
	double result, rough = simt_log(a) * y;
	if (exp_special(rough, &result))
		return (float)result;
	return (float)exp_of(rough, 0);
}

/* For programs that count; plain ones have them inline. */
float simt_fmaxf(float a, float b)
SIMT_EXTREME_BODY(float, uint32_t, >, &)

float simt_fminf(float a, float b)
SIMT_EXTREME_BODY(float, uint32_t, <, |)

double simt_fmax(double a, double b)
SIMT_EXTREME_BODY(double, uint64_t, >, &)

double simt_fmin(double a, double b)
SIMT_EXTREME_BODY(double, uint64_t, <, |)
