/* What every kernel may use: types, constants, elementary functions, sums over a warp or a block.
   No header of CUDA is needed, so NVRTC takes it; with MG_HOST it is C++ for the CPU (shim.h). */
#ifdef MG_HOST
#define MG_DEVICE static inline
#define MG_MEMBER inline
#else
#define MG_DEVICE static __device__ __forceinline__
#define MG_MEMBER __device__ __forceinline__
typedef signed char int8_t;
typedef unsigned char uint8_t;
typedef short int16_t;
typedef int int32_t;
typedef unsigned int uint32_t;
typedef long long int64_t;
typedef unsigned long long uint64_t;
#define INFINITY __int_as_float(0x7f800000)
#define NAN __int_as_float(0x7fffffff)
#endif
/* In a signature, how a kernel goes through an array (signatures.py holds launches to it): so many
   numbers one behind the other, or at the array's own steps, which stand in the kernel's text. */
#define MG_DENSE(...)
#define MG_STRIDED
#define MG_INFINITY INFINITY
#define MG_NAN NAN
#define MG_WARP 32
#define MG_BLOCK 256 /* the most threads of a block */

/* Which thread of the grid this is, and how many there are: a kernel whose thread i does the numbers
   i, i + n, i + 2 n ... serves any grid ("grid-stride"). */
MG_DEVICE int64_t mg_thread() { return (int64_t)blockIdx.x * blockDim.x + threadIdx.x; }
MG_DEVICE int64_t mg_threads() { return (int64_t)gridDim.x * blockDim.x; }

/* A number as an integer: narrow types go by way of 32 bits, and wrap. */
#define MG_WHOLE(type, x) ((type)(x))

MG_DEVICE float mg_select_f32(bool which, float one, float other) { return which ? one : other; }
MG_DEVICE float mg_max_f32(float x, float y) { return x > y || x != x ? x : y; }
MG_DEVICE float mg_min_f32(float x, float y) { return x < y || x != x ? x : y; }
MG_DEVICE float mg_exp_f32(float x) { return expf(x); }
MG_DEVICE float mg_log_f32(float x) { return logf(x); }
MG_DEVICE float mg_log1p_f32(float x) { return log1pf(x); }
MG_DEVICE float mg_expm1_f32(float x) { return expm1f(x); }
MG_DEVICE float mg_tanh_f32(float x) { return tanhf(x); }
MG_DEVICE float mg_sin_f32(float x) { return sinf(x); }
MG_DEVICE float mg_cos_f32(float x) { return cosf(x); }
MG_DEVICE float mg_tan_f32(float x) { return tanf(x); }
MG_DEVICE float mg_atan_f32(float x) { return atanf(x); }
MG_DEVICE float mg_exp2_f32(float x) { return exp2f(x); }
MG_DEVICE float mg_log2_f32(float x) { return log2f(x); }
MG_DEVICE float mg_log10_f32(float x) { return log10f(x); }
MG_DEVICE float mg_sinh_f32(float x) { return sinhf(x); }
MG_DEVICE float mg_cosh_f32(float x) { return coshf(x); }
MG_DEVICE float mg_atan2_f32(float y, float x) { return atan2f(y, x); }

/* The same for the type at hand. */
MG_DEVICE float mg_exp(float x) { return expf(x); }
MG_DEVICE double mg_exp(double x) { return exp(x); }
MG_DEVICE float mg_log(float x) { return logf(x); }
MG_DEVICE double mg_log(double x) { return log(x); }
MG_DEVICE float mg_tanh(float x) { return tanhf(x); }
MG_DEVICE double mg_tanh(double x) { return tanh(x); }
MG_DEVICE float mg_sqrt(float x) { return sqrtf(x); }
MG_DEVICE double mg_sqrt(double x) { return sqrt(x); }
MG_DEVICE float mg_abs(float x) { return fabsf(x); }
MG_DEVICE double mg_abs(double x) { return fabs(x); }

/* Ways to make one of two. In max and min a nan wins, as NumPy has it. */
struct mg_add { template <class T> MG_MEMBER T operator()(T a, T b) const { return a + b; } };
struct mg_mul { template <class T> MG_MEMBER T operator()(T a, T b) const { return a * b; } };
struct mg_max {
    template <class T> MG_MEMBER T operator()(T a, T b) const { return a > b || a != a ? a : b; }
};
struct mg_min {
    template <class T> MG_MEMBER T operator()(T a, T b) const { return a < b || a != a ? a : b; }
};

/* One number of each lane of a warp becomes one, the same in all lanes. All 32 must come here. In
   the step with distance d both lanes of a pair add the same two numbers: the order never changes. */
template <class F, class T> MG_DEVICE T mg_warp_fold(F f, T value) {
    for (int d = MG_WARP / 2; d > 0; d /= 2) value = f(value, __shfl_xor_sync(0xffffffffu, value, d));
    return value;
}

/* One number of each thread becomes one, the same in all threads. All must come here, a whole number
   of warps, at most MG_BLOCK threads. */
template <class F, class T> MG_DEVICE T mg_block_fold(F f, T value) {
    __shared__ T found[MG_BLOCK / MG_WARP];
    value = mg_warp_fold(f, value);
    __syncthreads(); /* what an earlier fold left here has been read */
    if (threadIdx.x % MG_WARP == 0) found[threadIdx.x / MG_WARP] = value;
    __syncthreads();
    value = found[0];
    for (unsigned w = 1; w < blockDim.x / MG_WARP; w++) value = f(value, found[w]);
    return value;
}

/* Philox4x64-10 (Salmon et al., Parallel Random Numbers: As Easy as 1, 2, 3, 2011): the four random
   words of a counter under a key, as NumPy's. */
MG_DEVICE void mg_philox(const uint64_t counter[4], uint64_t k0, uint64_t k1, uint64_t word[4]) {
    uint64_t a = counter[0], b = counter[1], c = counter[2], d = counter[3];
    for (int round = 0; round < 10; round++) {
        uint64_t high_a = __umul64hi(0xD2E7470EE14C6C93ull, a), low_a = 0xD2E7470EE14C6C93ull * a;
        uint64_t high_c = __umul64hi(0xCA5A826395121157ull, c), low_c = 0xCA5A826395121157ull * c;
        a = high_c ^ b ^ k0, b = low_c;
        c = high_a ^ d ^ k1, d = low_a;
        k0 += 0x9E3779B97F4A7C15ull, k1 += 0xBB67AE8584CAA73Bull;
    }
    word[0] = a, word[1] = b, word[2] = c, word[3] = d;
}
