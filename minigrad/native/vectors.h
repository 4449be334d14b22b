/* How wide the processor's vectors are, and how many sums fit its registers. */
#if defined(__AVX512F__)
#define MINIGRAD_VECTOR 64
#define MINIGRAD_ROWS 8
#elif defined(__AVX__)
#define MINIGRAD_VECTOR 32
#define MINIGRAD_ROWS 4
#elif defined(__aarch64__)
#define MINIGRAD_VECTOR 16
#define MINIGRAD_ROWS 8
#else
#define MINIGRAD_VECTOR 16
#define MINIGRAD_ROWS 4
#endif
#define MINIGRAD_COLUMNS 3
