/* Products of matrices by the BLAS that NumPy brings, which is held to one thread meanwhile, but for
   those with a vector; large ones are cut into parts for our threads. Included once for each type. */

typedef void (*NAME(Cblas))(int, int, int, int64_t, int64_t, int64_t, real, const real *, int64_t,
                            const real *, int64_t, real, real *, int64_t);

NAME(Cblas) NAME(minigrad_cblas); /* set by library.py */

int NAME(minigrad_multiplies)(void) { return NAME(minigrad_cblas) != NULL; }

typedef struct {
    int ta, tb, by_rows;
    int64_t m, n, k, lda, ldb, ldc, parts;
    real alpha, beta;
    const real *a, *b;
    real *c;
} NAME(Product);

enum {
    NAME(UNIT) = 16,  /* parts begin at multiples of it: whole vectors */
    NAME(TALL) = 4096 /* longer ones have the BLAS fill 30 MB of its own with what it packs */
};

static void NAME(multiply_part)(const NAME(Product) *p, int64_t start, int64_t stop) {
    enum { ROWS_FIRST = 101, PLAIN = 111, TRANSPOSED = 112 };
    int64_t m = p->m, n = p->n;
    const real *a = p->a, *b = p->b;
    real *c = p->c;
    int64_t length = p->by_rows ? m : n, units = (length + NAME(UNIT) - 1) / NAME(UNIT);
    start = units * start / p->parts * NAME(UNIT);
    stop = minigrad_least(units * stop / p->parts * NAME(UNIT), length);
    if (p->by_rows) {
        a += p->ta ? start : start * p->lda;
        c += start * p->ldc;
        m = stop - start;
    } else {
        b += p->tb ? start * p->ldb : start;
        c += start;
        n = stop - start;
    }
    NAME(minigrad_cblas)(ROWS_FIRST, p->ta ? TRANSPOSED : PLAIN, p->tb ? TRANSPOSED : PLAIN, m, n,
                         p->k, p->alpha, a, p->lda, b, p->ldb, p->beta, c, p->ldc);
}

static void NAME(multiply_parts)(void *context, int64_t start, int64_t stop) {
    for (int64_t i = start; i < stop; i++) NAME(multiply_part)(context, i, i + 1);
}

void NAME(minigrad_gemm)(int ta, int tb, int64_t m, int64_t n, int64_t k, real alpha,
                         const real *a, int64_t lda, const real *b, int64_t ldb, real beta,
                         real *c, int64_t ldc) {
    const double small = 1e6; /* multiplications worth a thread: 10 us */
    if (!m || !n) return;
    if ((m == 1 || n == 1) && k && alpha == 1 && !beta) {
        int row = m == 1; /* c = a B, else c = A b */
        int64_t step = row ? (ta ? lda : 1) : (tb ? 1 : ldb), length = row ? n : m;
        const real *matrix = row ? b : a, *vector = row ? a : b;
        int down = row ? !tb : ta;
        if (NAME(thin)(down, down ? k : length, down ? length : k, matrix, row ? ldb : lda, vector,
                       step, c, row ? 1 : ldc))
            return;
    }
    int64_t worth = minigrad_most(1, (int64_t)((double)m * n * k / small));
    int64_t units = ((m >= n ? m : n) + NAME(UNIT) - 1) / NAME(UNIT);
    int64_t parts = minigrad_least(minigrad_least(minigrad_threads(), units), worth);
    parts = minigrad_most(parts, units * NAME(UNIT) / NAME(TALL));
    NAME(Product) p = {ta, tb, m >= n, m, n, k, lda, ldb, ldc, parts, alpha, beta, a, b, c};
    minigrad_parallel(NAME(multiply_parts), &p, parts, 1);
}

/* c = alpha op(a) op(b) + beta c. Arrays: c, a, b. Ints: ta, tb, m, n, k, lda, ldb, ldc. Reals:
   alpha, beta. */
int NAME(gemm)(void *const *a, const int64_t *n, const double *r) {
    NAME(minigrad_gemm)(n[0], n[1], n[2], n[3], n[4], r[0], a[1], n[5], a[2], n[6], r[1], a[0],
                        n[7]);
    return 0;
}

/* Many products of small matrices, one a batch: two loops over batches. */
typedef struct {
    const int64_t *n;
    const double *r;
    void *const *a;
} NAME(Batches);

static void NAME(multiply_batches)(void *context, int64_t start, int64_t stop) {
    const NAME(Batches) *p = context;
    const int64_t *n = p->n, *step = n + 10;
    for (int64_t o = start; o < stop; o++) {
        int64_t i = o / n[9], j = o % n[9];
        NAME(minigrad_gemm)(n[0], n[1], n[2], n[3], n[4], p->r[0],
                            (const real *)p->a[1] + i * step[0] + j * step[1], n[5],
                            (const real *)p->a[2] + i * step[2] + j * step[3], n[6], p->r[1],
                            (real *)p->a[0] + i * step[4] + j * step[5], n[7]);
    }
}

/* The same for each of a batch. Ints: as above; two lengths of batches; the steps from one matrix to
   the next, two of a, two of b, two of c. */
int NAME(gemms)(void *const *a, const int64_t *n, const double *r) {
    NAME(Batches) p = {n, r, a};
    int64_t count = n[8] * n[9];
    /* Many are shared among threads, few are parted themselves. */
    if (count >= minigrad_threads())
        minigrad_parallel(NAME(multiply_batches), &p, count,
                          1 + (int64_t)(1e6 / minigrad_most(1, n[2] * n[3] * n[4])));
    else
        NAME(multiply_batches)(&p, 0, count);
    return 0;
}
