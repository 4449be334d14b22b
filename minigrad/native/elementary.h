/* Elementary functions that the compiler can lay out in vectors: no branches, no tables.
   For float within 3 units in the last place, most within 1; for double those of the C library. */
#ifndef MINIGRAD_ELEMENTARY_H
#define MINIGRAD_ELEMENTARY_H

#include <math.h>
#include <stdint.h>

#define MG_DEVICE static inline

/* A number as an integer, with `none` = mg_none beside it. The compiler may take the way to an integer
   and back for trunc, which leaves -0 and nan and does not wrap: not where something is added that it
   cannot know to be 0. Narrow types go by way of 32 bits, and wrap, as NumPy's do. */
static volatile int32_t mg_none;
#define MG_WHOLE(type, x) ((type)(x) ^ none)

static inline float mg_bits_f32(int32_t bits) { union { int32_t i; float f; } u = {bits}; return u.f; }
static inline int32_t mg_int_f32(float x) { union { float f; int32_t i; } u = {.f = x}; return u.i; }

/* One of two numbers, both of which are there: compilers make branches of ?:, and none of this. */
static inline float mg_select_f32(int32_t which, float one, float other) {
    int32_t mask = -(int32_t)(which != 0);
    return mg_bits_f32((mg_int_f32(one) & mask) | (mg_int_f32(other) & ~mask));
}

/* The larger and the smaller; nan wins, as NumPy has it. */
static inline float mg_max_f32(float x, float y) { return mg_select_f32((x > y) | (x != x), x, y); }
static inline float mg_min_f32(float x, float y) { return mg_select_f32((x < y) | (x != x), x, y); }

/* e^x = 2^n e^r with |r| <= ln 2 / 2, and e^r by its series. 2^n in two steps: n reaches beyond
   what one float's exponent holds. */
static inline float mg_exp_f32(float x) {
    x = x < -104.0f ? -104.0f : x;
    x = x > 89.0f ? 89.0f : x;
    const float shift = 12582912.0f; /* 1.5 * 2^23: adding it rounds to a whole number */
    float n = (x * 1.44269504f + shift) - shift;
    float r = (x - n * 0.693359375f) + n * 2.12194440e-4f;
    float y = 1.98412698e-4f;
    y = y * r + 1.38888889e-3f;
    y = y * r + 8.33333333e-3f;
    y = y * r + 4.16666667e-2f;
    y = y * r + 1.66666667e-1f;
    y = y * r + 0.5f;
    y = y * r * r + r + 1.0f;
    int32_t whole = (int32_t)n, half = whole >> 1;
    return y * mg_bits_f32((half + 127) << 23) * mg_bits_f32((whole - half + 127) << 23);
}

/* ln x = e ln 2 + ln m with m around 1, and ln m = 2 artanh s, s = (m - 1) / (m + 1). */
static inline float mg_log_f32(float x) {
    int32_t tiny = x < 1.17549435e-38f;
    float small = mg_select_f32(tiny, 8388608.0f, 1.0f); /* 2^23 */
    int32_t bits = mg_int_f32(x * small), e = (bits - 0x3f3504f3) >> 23;
    float m = mg_bits_f32(bits - (e << 23)), f = m - 1.0f;
    float s = f / (2.0f + f), z = s * s;
    float y = 1.0f / 9.0f;
    y = y * z + 1.0f / 7.0f;
    y = y * z + 1.0f / 5.0f;
    y = y * z + 1.0f / 3.0f;
    float n = (float)e - mg_select_f32(tiny, 23.0f, 0.0f);
    y = n * 0.693359375f + (2.0f * s + (2.0f * s * z * y - n * 2.12194440e-4f));
    y = mg_select_f32(x == INFINITY, INFINITY, y);
    y = mg_select_f32(x == 0.0f, -INFINITY, y);
    return mg_select_f32(x >= 0.0f, y, NAN);
}

static inline float mg_log1p_f32(float x) {
    float u = 1.0f + x, lost = x - (u - 1.0f);
    float y = mg_log_f32(u) + mg_select_f32((u == 0.0f) | (u == INFINITY), 0.0f, lost / u);
    return copysignf(y, x); /* of -0 it is -0 */
}

static inline float mg_expm1_f32(float x) {
    float y = mg_exp_f32(x) - 1.0f, z = 1.98412698e-4f;
    z = z * x + 1.38888889e-3f;
    z = z * x + 8.33333333e-3f;
    z = z * x + 4.16666667e-2f;
    z = z * x + 1.66666667e-1f;
    z = z * x + 0.5f;
    z = z * x * x + x;
    return copysignf(mg_select_f32((x > -0.35f) & (x < 0.35f), z, y), x);
}

/* For small x the series, else 1 - 2 / (e^2x + 1). */
static inline float mg_tanh_f32(float x) {
    float a = fabsf(x), z = x * x;
    float far = 1.0f - 2.0f / (mg_exp_f32(2.0f * a) + 1.0f);
    float y = 3.59212803e-3f;
    y = y * z - 8.86323552e-3f;
    y = y * z + 2.18694885e-2f;
    y = y * z - 5.39682540e-2f;
    y = y * z + 1.33333333e-1f;
    y = y * z - 3.33333333e-1f;
    float near = y * z * x + x;
    return copysignf(mg_select_f32(a < 0.4f, near, far), x);
}

/* Functions whose parts cancel, of float by way of double, which leaves half a unit in the last place.

   Circular functions: n = x 2 / pi as a whole number, what is left of x, and polynomials in its square.
   n is right as far as MG_NEAR; for what is further, infinite or nan there is the C library. */
#define MG_NEAR 1.0e6f
static inline int32_t mg_far_f32(float x) { return !(fabsf(x) <= MG_NEAR); }

/* The function of x, and whether x is far. */
#define MG_LOOK(far, name, x) (far |= mg_far_f32(x), mg_##name##_f32(x))

static inline double mg_quarter(float x, int32_t *n) {
    const double shift = 6755399441055744.0; /* 1.5 * 2^52: the last bits are the whole number */
    union { double d; int64_t i; } u = {x * 0.63661977236758134 + shift};
    double whole = u.d - shift;
    *n = (int32_t)u.i;
    return (x - whole * 0x1.921fb544p+0) - whole * 0x1.0b4611a626331p-34; /* the first is exact */
}
static inline float mg_wave(float x, int32_t more) {
    int32_t n;
    double r = mg_quarter(x, &n), z = r * r;
    double s = r * (1 + z * (-0.16666666663844049 + z * (0.0083333318703413485
               + z * (-0.00019840084376422698 + z * 2.7249620080074833e-6))));
    double c = 1 + z * (-0.49999999999963711 + z * (0.041666666637279062
               + z * (-0.0013888885080025991 + z * (2.4799858750748851e-5
               - z * 2.7236822001885678e-7))));
    n += more;
    float y = mg_select_f32(n & 1, (float)c, (float)s);
    return mg_bits_f32(mg_int_f32(y) ^ (int32_t)((uint32_t)(n & 2) << 30));
}
static inline float mg_sin_f32(float x) { return mg_wave(x, 0); }
static inline float mg_cos_f32(float x) { return mg_wave(x, 1); }
static inline float mg_tan_f32(float x) {
    int32_t n;
    double r = mg_quarter(x, &n), z = r * r;
    float t = r * (1 + z * (0.33333333336698729 + z * (0.13333332451744974
              + z * (0.053968631717550841 + z * (0.021863301362115677 + z * (0.0089135357995083642
              + z * (0.0033654466073151129 + z * (0.0020429730080730044
              + z * (-0.00025959846385477005 + z * 0.00083418271666315543)))))))));
    return mg_select_f32(n & 1, -1.0f / t, t);
}

/* atan t for t from 0 to 1. */
static inline double mg_arc(double t) {
    double z = t * t;
    double y = -0.029913111945460353
               + z * (0.014072923344657855 + z * (-0.0042216579909140146 + z * 0.00059304375563382818));
    y = -0.090735531189761179
        + z * (0.075866528336455025 + z * (-0.062463151941253013 + z * (0.047294798621762199 + z * y)));
    y = -0.33333333326944142
        + z * (0.19999998154086215 + z * (-0.14285624891483522 + z * (0.11109392308322179 + z * y)));
    return t * (1 + z * y);
}
static inline float mg_atan_f32(float x) {
    float a = fabsf(x);
    int32_t far = a > 1;
    double y = mg_arc((double)mg_select_f32(far, 1, a) / (double)mg_select_f32(far, a, 1));
    return copysignf(mg_select_f32(far, (float)(1.5707963267948966 - y), (float)y), x);
}
static inline float mg_atan2_f32(float y, float x) {
    float a = fabsf(y), b = fabsf(x);
    int32_t steep = a > b, left = mg_int_f32(x) < 0;
    float low = mg_select_f32(steep, b, a), high = mg_select_f32(steep, a, b);
    high = mg_select_f32(high == 0, 1, high);
    low = mg_select_f32((low == INFINITY) & (high == INFINITY), 1, low);
    high = mg_select_f32((low == 1) & (high == INFINITY) & (a == b), 1, high);
    double t = mg_arc((double)low / (double)high), u = 1.5707963267948966 - t;
    float right = mg_select_f32(steep, (float)u, (float)t);
    float other = mg_select_f32(steep, (float)(3.141592653589793 - u), (float)(3.141592653589793 - t));
    float found = copysignf(mg_select_f32(left, other, right), y);
    return mg_select_f32((x != x) | (y != y), NAN, found);
}

static inline float mg_exp2_f32(float x) {
    x = x < -151.0f ? -151.0f : x;
    x = x > 129.0f ? 129.0f : x;
    const float shift = 12582912.0f;
    float n = (x + shift) - shift;
    double r = x - n;
    float y = 1 + r * (0.69314718055994531 + r * (0.2402265092256076 + r * (0.055504108839305551
              + r * (0.0096180566205010797 + r * (0.0013333502341501558
              + r * (0.00015461467905285987 + r * 1.5297341622832271e-5))))));
    int32_t whole = (int32_t)n, half = whole >> 1;
    return y * mg_bits_f32((half + 127) << 23) * mg_bits_f32((whole - half + 127) << 23);
}

/* e^x by way of double; beyond what float holds it stays at what float makes 0 or infinite. */
static inline double mg_wide_exp(double x) {
    x = x < -110 ? -110 : x;
    x = x > 90 ? 90 : x;
    const double shift = 6755399441055744.0; /* 1.5 * 2^52: the last bits are the whole number */
    union { double d; int64_t i; } u = {x * 1.4426950408889634 + shift}, two;
    double r = x - (u.d - shift) * 0.69314718055994531, y = 1.0 / 40320;
    y = 1.0 / 5040 + r * y;
    y = 1.0 / 720 + r * y;
    y = 1.0 / 120 + r * y;
    y = 1.0 / 24 + r * y;
    y = 1.0 / 6 + r * y;
    y = 0.5 + r * y;
    y = 1 + r * y;
    two.i = (int64_t)((uint64_t)(u.i + 1023) << 52);
    return (1 + r * y) * two.d;
}
static inline float mg_sinh_f32(float x) {
    double e = mg_wide_exp(x), z = (double)x * x;
    double near = x * (1 + z / 6 * (1 + z / 20 * (1 + z / 42 * (1 + z / 72))));
    float far = (e - 1 / e) / 2;
    return mg_select_f32(fabsf(x) < 0.5f, (float)near, far);
}
static inline float mg_cosh_f32(float x) {
    double e = mg_wide_exp(x);
    return (e + 1 / e) / 2;
}
static inline float mg_bell_f32(float x, float rate) { return mg_wide_exp(-rate * ((double)x * x)); }

/* The normal distribution at -s for s from 0 on: e = e^(-s^2 / 2) times a fraction that is a
   polynomial in 1 / (1 + 0.3 s), for which both 0 and infinity are ordinary. */
static inline double mg_normal_tail(double s, double e) {
    double t = 1 / (1 + 0.3 * s), y = -0.020984669361051224;
    y = 0.11440211186287312 + t * y;
    y = -0.23283548305322593 + t * y;
    y = 0.19792164407388667 + t * y;
    y = -0.08448128252487109 + t * y;
    y = 0.098830841310834298 + t * y;
    y = 0.077485770647012285 + t * y;
    y = 0.11042319661479691 + t * y;
    y = 0.11955011827807899 + t * y;
    y = 0.11968775022811919 + t * y;
    return t * y * e;
}
static inline float mg_ndtr_f32(float x) {
    double tail = mg_normal_tail(fabsf(x), mg_wide_exp(-0.5 * ((double)x * x)));
    float y = mg_select_f32(x < 0, (float)tail, (float)(1 - tail));
    return mg_select_f32(x != x, x, y);
}
static inline double mg_erf_tail(float x) {
    double e = mg_wide_exp(-1.0 * ((double)x * x));
    return 2 * mg_normal_tail(fabsf(x) * 1.4142135623730951, e);
}
static inline float mg_erfc_f32(float x) {
    double tail = mg_erf_tail(x);
    float y = mg_select_f32(x < 0, (float)(2 - tail), (float)tail);
    return mg_select_f32(x != x, x, y);
}
static inline float mg_erf_f32(float x) {
    double z = (double)x * x, y = -0.00076623889807564131;
    y = 0.0051985677998994259 + z * y;
    y = -0.026862776481074519 + z * y;
    y = 0.11283771087395731 + z * y;
    y = -0.37612638445533737 + z * y;
    y = 1.1283791670789938 + z * y;
    float near = x * y, far = copysignf((float)(1 - mg_erf_tail(x)), x);
    return mg_select_f32(x != x, x, mg_select_f32(z < 0.25, near, far));
}

/* e of x = 2^e m as a number, and ln m, with m around 1. */
static inline double mg_mantissa_log(float x, double *e) {
    int32_t tiny = x < 1.17549435e-38f;
    int32_t bits = mg_int_f32(x * mg_select_f32(tiny, 8388608.0f, 1.0f));
    int32_t whole = (bits - 0x3f3504f3) >> 23;
    *e = (float)whole - mg_select_f32(tiny, 23.0f, 0.0f);
    double m = mg_bits_f32(bits - (int32_t)((uint32_t)whole << 23)), s = (m - 1) / (m + 1), z = s * s;
    return 2 * s * (1 + z * (1.0 / 3 + z * (1.0 / 5 + z * (1.0 / 7 + z * (1.0 / 9 + z / 11)))));
}
static inline float mg_log_ends(float x, float y) {
    y = mg_select_f32(x == INFINITY, INFINITY, y);
    y = mg_select_f32(x == 0.0f, -INFINITY, y);
    return mg_select_f32(x >= 0.0f, y, NAN);
}
static inline float mg_log2_f32(float x) {
    double e, y = mg_mantissa_log(x, &e);
    return mg_log_ends(x, (float)(e + y * 1.4426950408889634));
}
static inline float mg_log10_f32(float x) {
    double e, y = mg_mantissa_log(x, &e);
    return mg_log_ends(x, (float)(e * 0.30102999566398120 + y * 0.43429448190325183));
}

#endif
