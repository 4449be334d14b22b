/* What kernels on a CPU and on a GPU have in common; MG_DEVICE is how each begins a function. */
MG_DEVICE double mg_exp_f64(double x) { return exp(x); }
MG_DEVICE double mg_log_f64(double x) { return log(x); }
MG_DEVICE double mg_log1p_f64(double x) { return log1p(x); }
MG_DEVICE double mg_expm1_f64(double x) { return expm1(x); }
MG_DEVICE double mg_tanh_f64(double x) { return tanh(x); }
MG_DEVICE double mg_sin_f64(double x) { return sin(x); }
MG_DEVICE double mg_cos_f64(double x) { return cos(x); }
MG_DEVICE double mg_tan_f64(double x) { return tan(x); }
MG_DEVICE double mg_atan_f64(double x) { return atan(x); }
MG_DEVICE double mg_atan2_f64(double y, double x) { return atan2(y, x); }
MG_DEVICE double mg_exp2_f64(double x) { return exp2(x); }
MG_DEVICE double mg_log2_f64(double x) { return log2(x); }
MG_DEVICE double mg_log10_f64(double x) { return log10(x); }
MG_DEVICE double mg_sinh_f64(double x) { return sinh(x); }
MG_DEVICE double mg_cosh_f64(double x) { return cosh(x); }

MG_DEVICE float mg_sigmoid_f32(float x) { return 1.0f / (1.0f + mg_exp_f32(-x)); }
MG_DEVICE double mg_sigmoid_f64(double x) { return 1.0 / (1.0 + exp(-x)); }

/* What x / y leaves of x, and the quotient rounded down, step by step as NumPy has them: the quotient
   is a whole number also where x / y is none in this type. What a truncated quotient leaves is exact,
   as a fused product, up to one y if the quotient was rounded up; it costs a quarter of fmod. */
#define MG_DIVISION(type, suffix, most, fabs, trunc, fma, fmod, floor, copysign)                  \
    MG_DEVICE type mg_fmod_##suffix(type x, type y) {                                             \
        type whole = trunc(x / y);                                                                \
        if (whole == 0) return x;                                                                 \
        if (!(fabs(whole) < most)) return fmod(x, y);                                             \
        type rest = fma(-whole, y, x);                                                            \
        if (rest != 0 && (rest < 0) != (x < 0)) rest += (x < 0) == (y < 0) ? y : -y;              \
        return copysign(rest, x);                                                                 \
    }                                                                                             \
    MG_DEVICE type mg_floor_divide_##suffix(type x, type y) {                                     \
        type rest = mg_fmod_##suffix(x, y), ratio = x / y;                                        \
        if (y == 0) return ratio;                                                                 \
        type whole = (x - rest) / y - (rest != 0 && (y < 0) != (rest < 0) ? 1 : 0);               \
        type down = floor(whole);                                                                 \
        return whole == 0 ? copysign((type)0, ratio) : down + (whole - down > 0.5f ? 1 : 0);      \
    }                                                                                             \
    MG_DEVICE type mg_remainder_##suffix(type x, type y) {                                        \
        type rest = mg_fmod_##suffix(x, y);                                                       \
        if (rest == 0) return copysign(rest, y);                                                  \
        return rest + ((y < 0) != (rest < 0) ? y : 0);                                            \
    }
MG_DIVISION(float, f32, 4194304.0f, fabsf, truncf, fmaf, fmodf, floorf, copysignf)
MG_DIVISION(double, f64, 2251799813685248.0, fabs, trunc, fma, fmod, floor, copysign)
