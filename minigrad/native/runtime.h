/* What every kernel may use: threads, memory and products of matrices. */
#ifndef MINIGRAD_RUNTIME_H
#define MINIGRAD_RUNTIME_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* A kernel computes from dense arrays, integers and real numbers, and returns 0; or why it cannot. */
enum { MINIGRAD_INDEX = 1 /* an index is out of range */, MINIGRAD_MEMORY = 2 /* there is none */ };
typedef int (*MinigradKernel)(void *const *arrays, const int64_t *ints, const double *reals);

typedef struct {
    MinigradKernel kernel;
    void *const *arrays;
    const int64_t *ints;
    const double *reals;
} MinigradCall;

/* Run the calls in order, on so many threads. -1, or the index of the call that returned not 0;
   what it returned is then this thread's reason. */
int64_t minigrad_run(const MinigradCall *calls, int64_t count, int64_t threads);
int minigrad_reason(void);

/* Part of a loop: the rounds from start up to stop. */
typedef void (*MinigradBody)(void *context, int64_t start, int64_t stop);

/* Call body for parts that together are 0 .. count, at the same time, each of at least `grain`
   rounds. The parts depend only on the numbers and the threads of this run, never on the clock. */
void minigrad_parallel(MinigradBody body, void *context, int64_t count, int64_t grain);

/* How many threads this run may use; 1 inside a part of a loop. */
int64_t minigrad_threads(void);

/* Memory of this thread, until it asks for the same slot (0 .. 7) again; NULL where there is none. */
void *minigrad_scratch(int slot, size_t bytes);

/* C = alpha op(A) op(B) + beta C, rows first; op transposes where its flag is set. */
void minigrad_gemm_f32(int ta, int tb, int64_t m, int64_t n, int64_t k, float alpha,
                       const float *a, int64_t lda, const float *b, int64_t ldb,
                       float beta, float *c, int64_t ldc);
void minigrad_gemm_f64(int ta, int tb, int64_t m, int64_t n, int64_t k, double alpha,
                       const double *a, int64_t lda, const double *b, int64_t ldb,
                       double beta, double *c, int64_t ldc);

/* Whether there is a BLAS to do it. */
int minigrad_multiplies_f32(void);
int minigrad_multiplies_f64(void);

static inline int64_t minigrad_least(int64_t a, int64_t b) { return a < b ? a : b; }
static inline int64_t minigrad_most(int64_t a, int64_t b) { return a > b ? a : b; }

#endif
