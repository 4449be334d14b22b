/* Elementary functions that the compiler can lay out in vectors: no branches, no tables.
   For float within 2 to 3 units in the last place; for double those of the C library. */
#ifndef MINIGRAD_ELEMENTARY_H
#define MINIGRAD_ELEMENTARY_H

#include <math.h>
#include <stdint.h>

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

static inline double mg_exp_f64(double x) { return exp(x); }
static inline double mg_log_f64(double x) { return log(x); }
static inline double mg_log1p_f64(double x) { return log1p(x); }
static inline double mg_expm1_f64(double x) { return expm1(x); }
static inline double mg_tanh_f64(double x) { return tanh(x); }

static inline float mg_sigmoid_f32(float x) { return 1.0f / (1.0f + mg_exp_f32(-x)); }
static inline double mg_sigmoid_f64(double x) { return 1.0 / (1.0 + exp(-x)); }

/* What x / y leaves of x, and the quotient rounded down, step by step as NumPy has them: the quotient
   is a whole number also where x / y is none in this type. What a truncated quotient leaves is exact,
   as a fused product, up to one y if the quotient was rounded up; it costs a quarter of fmod. */
#define MG_DIVISION(type, suffix, most, fabs, trunc, fma, fmod, floor, copysign)                  \
    static inline type mg_fmod_##suffix(type x, type y) {                                         \
        type whole = trunc(x / y);                                                                \
        if (whole == 0) return x;                                                                 \
        if (!(fabs(whole) < most)) return fmod(x, y);                                             \
        type rest = fma(-whole, y, x);                                                            \
        if (rest != 0 && (rest < 0) != (x < 0)) rest += (x < 0) == (y < 0) ? y : -y;              \
        return copysign(rest, x);                                                                 \
    }                                                                                             \
    static inline type mg_floor_divide_##suffix(type x, type y) {                                 \
        type rest = mg_fmod_##suffix(x, y), ratio = x / y;                                        \
        if (y == 0) return ratio;                                                                 \
        type whole = (x - rest) / y - (rest != 0 && (y < 0) != (rest < 0) ? 1 : 0);               \
        type down = floor(whole);                                                                 \
        return whole == 0 ? copysign((type)0, ratio) : down + (whole - down > 0.5f ? 1 : 0);      \
    }                                                                                             \
    static inline type mg_remainder_##suffix(type x, type y) {                                    \
        type rest = mg_fmod_##suffix(x, y);                                                       \
        if (rest == 0) return copysign(rest, y);                                                  \
        return rest + ((y < 0) != (rest < 0) ? y : 0);                                            \
    }
MG_DIVISION(float, f32, 4194304.0f, fabsf, truncf, fmaf, fmodf, floorf, copysignf)
MG_DIVISION(double, f64, 2251799813685248.0, fabs, trunc, fma, fmod, floor, copysign)

#endif
