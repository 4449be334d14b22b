/* Products of a matrix and a vector: memory is gone through once, which is all that they cost.

   Where the vector goes along the rows of the matrix, each number is one long sum; else the rows,
   times a number each, are added up. Long sums are made of short ones. */

static inline double NAME(dot)(const real *a, const real *b, int64_t n) {
    enum { LANES = NAME(LANES), WIDE = 4 * NAME(LANES), SHORT = 2048 };
    double total = 0;
    for (int64_t start = 0; start < n; start += SHORT) {
        int64_t stop = minigrad_least(n, start + SHORT), i = start;
        NAME(vector) sum[4] = {{0}};
        for (; i + WIDE <= stop; i += WIDE)
            for (int v = 0; v < 4; v++)
                sum[v] += *(const NAME(vector) *)(a + i + v * LANES)
                          * *(const NAME(vector) *)(b + i + v * LANES);
        for (; i + LANES <= stop; i += LANES)
            sum[0] += *(const NAME(vector) *)(a + i) * *(const NAME(vector) *)(b + i);
        sum[0] = (sum[0] + sum[1]) + (sum[2] + sum[3]);
        real rest = 0;
        for (; i < stop; i++) rest += a[i] * b[i];
        for (int l = 0; l < LANES; l++) rest += sum[0][l];
        total += rest;
    }
    return total;
}

/* The sum of a run, or of its squares. */
static inline __attribute__((always_inline)) double NAME(sum_run)(const real *x, int64_t n,
                                                                  const int square) {
    enum { LANES = NAME(LANES), WIDE = 4 * NAME(LANES), SHORT = 2048 };
    double total = 0;
    for (int64_t start = 0; start < n; start += SHORT) {
        int64_t stop = minigrad_least(n, start + SHORT), i = start;
        NAME(vector) sum[4] = {{0}};
        for (; i + WIDE <= stop; i += WIDE)
            for (int v = 0; v < 4; v++) {
                NAME(vector) a = *(const NAME(vector) *)(x + i + v * LANES);
                if (square) a *= a;
                sum[v] += a;
            }
        sum[0] = (sum[0] + sum[1]) + (sum[2] + sum[3]);
        real rest = 0;
        for (; i < stop; i++) rest += square ? x[i] * x[i] : x[i];
        for (int l = 0; l < LANES; l++) rest += sum[0][l];
        total += rest;
    }
    return total;
}

typedef struct {
    int64_t rows, columns, lead, step, to, parts; /* step: of the vector; to: of the result */
    const real *a, *v;
    real *y, *sums;
} NAME(Thin);

enum { NAME(TERM_ROWS) = 256, NAME(THIN_PART) = 1024 /* columns at a time */ };

static void NAME(along_rows)(void *context, int64_t start, int64_t stop) {
    const NAME(Thin) *p = context;
    for (int64_t i = start; i < stop; i++)
        p->y[i * p->to] = NAME(dot)(p->a + i * p->lead, p->v, p->columns);
}

static void NAME(add_some_rows)(void *context, int64_t start, int64_t stop) {
    const NAME(Thin) *p = context;
    real some[NAME(THIN_PART)];
    for (int64_t part = start; part < stop; part++) {
        int64_t first = p->rows * part / p->parts, last = p->rows * (part + 1) / p->parts;
        for (int64_t at = 0; at < p->columns; at += NAME(THIN_PART)) {
            int64_t n = minigrad_least(NAME(THIN_PART), p->columns - at);
            real *sum = p->sums + part * p->columns + at;
            memset(sum, 0, n * sizeof(real));
            for (int64_t r = first; r < last;) {
                int64_t pause = minigrad_least(last, r + NAME(TERM_ROWS));
                memset(some, 0, n * sizeof(real));
                for (; r + 4 <= pause; r += 4) {
                    const real *a = p->a + r * p->lead + at, *b = a + p->lead, *c = b + p->lead;
                    const real *d = c + p->lead, *v = p->v + r * p->step;
                    const real s = v[0], t = v[p->step], u = v[2 * p->step], w = v[3 * p->step];
#pragma GCC ivdep
                    for (int64_t j = 0; j < n; j++)
                        some[j] += (s * a[j] + t * b[j]) + (u * c[j] + w * d[j]);
                }
                for (; r < pause; r++) {
                    const real *a = p->a + r * p->lead + at, s = p->v[r * p->step];
#pragma GCC ivdep
                    for (int64_t j = 0; j < n; j++) some[j] += s * a[j];
                }
                for (int64_t j = 0; j < n; j++) sum[j] += some[j];
            }
        }
    }
}

/* y = A v, or y = v A where `down`, for a matrix of dense rows `lead` apart. Returns whether it was
   done: not where there is no memory. */
static int NAME(thin)(int down, int64_t rows, int64_t columns, const real *a, int64_t lead,
                      const real *v, int64_t step, real *y, int64_t to) {
    enum { WORTH = 1 << 16, PACK = 7, SUMS = 6 };
    NAME(Thin) p = {rows, columns, lead, step, to, 1, a, v, y, y};
    int64_t threads = rows * columns < WORTH ? 1 : minigrad_threads();
    if (!down) {
        if (step != 1) {
            real *packed = minigrad_scratch(PACK, columns * sizeof(real));
            if (!packed) return 0;
            for (int64_t j = 0; j < columns; j++) packed[j] = v[j * step];
            p.v = packed;
        }
        minigrad_parallel(NAME(along_rows), &p, rows, 1 + WORTH / columns);
        return 1;
    }
    p.parts = minigrad_most(1, minigrad_least(threads, rows / NAME(TERM_ROWS)));
    p.sums = minigrad_scratch(SUMS, p.parts * columns * sizeof(real));
    if (!p.sums) return 0;
    minigrad_parallel(NAME(add_some_rows), &p, p.parts, 1);
    for (int64_t i = 1; i < p.parts; i++)
        for (int64_t j = 0; j < columns; j++) p.sums[j] += p.sums[i * columns + j];
    for (int64_t j = 0; j < columns; j++) y[j * to] = p.sums[j];
    return 1;
}
