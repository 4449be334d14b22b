/* The inner loop of every convolution: a tile of sums that stays in the registers,

       t[i][p] += sum over r of a[i][ra[r]] * b[rb[r] + p],

   for ROWS rows i and VECTORS vectors of numbers p. The tables ra and rb say where the r-th factors
   lie, so nothing has to be laid out as a matrix first. Long sums are made of short ones, so that
   rounding grows with the number of these and not of their terms. */

typedef real NAME(vector) __attribute__((vector_size(MINIGRAD_VECTOR), aligned(sizeof(real)),
                                         may_alias));
enum { NAME(LANES) = MINIGRAD_VECTOR / sizeof(real) };
enum { NAME(TERMS) = 256 }; /* of a short sum */

static inline __attribute__((always_inline)) void NAME(tile)(
    const int ROWS, const int VECTORS, int64_t count, const real *const *a, const int32_t *ra,
    const real *b, const int32_t *rb, real *t, int64_t step, int more) {
    NAME(vector) sum[MINIGRAD_ROWS][MINIGRAD_COLUMNS];
    const real *from[MINIGRAD_ROWS];
#pragma GCC unroll 8
    for (int i = 0; i < ROWS; i++) {
        from[i] = a[i];
#pragma GCC unroll 4
        for (int v = 0; v < VECTORS; v++)
            sum[i][v] = (NAME(vector)){0};
    }
    for (int64_t r = 0; r < count; r++) {
        NAME(vector) factor[MINIGRAD_COLUMNS];
#pragma GCC unroll 4
        for (int v = 0; v < VECTORS; v++)
            factor[v] = *(const NAME(vector) *)(b + rb[r] + v * NAME(LANES));
#pragma GCC unroll 8
        for (int i = 0; i < ROWS; i++) {
            real one = from[i][ra[r]];
#pragma GCC unroll 4
            for (int v = 0; v < VECTORS; v++) sum[i][v] += one * factor[v];
        }
    }
#pragma GCC unroll 8
    for (int i = 0; i < ROWS; i++)
#pragma GCC unroll 4
        for (int v = 0; v < VECTORS; v++) {
            NAME(vector) *to = (NAME(vector) *)(t + i * step + v * NAME(LANES));
            if (more) sum[i][v] += *to;
            *to = sum[i][v];
        }
}

/* to = from + one, n numbers, exactly: the last vector overlaps the one before. One = -0 copies. */
typedef real NAME(half) __attribute__((vector_size(MINIGRAD_VECTOR / 2), aligned(sizeof(real)),
                                       may_alias));
static inline void NAME(copy_plus)(real *to, const real *from, int64_t n, real one) {
    enum { LANES = NAME(LANES), HALF = NAME(LANES) / 2 };
    if (n >= LANES) {
        for (int64_t j = 0; j < n - LANES; j += LANES)
            *(NAME(vector) *)(to + j) = *(const NAME(vector) *)(from + j) + one;
        *(NAME(vector) *)(to + n - LANES) = *(const NAME(vector) *)(from + n - LANES) + one;
    } else if (n >= HALF) {
        NAME(half) last = *(const NAME(half) *)(from + n - HALF) + one;
        *(NAME(half) *)to = *(const NAME(half) *)from + one;
        *(NAME(half) *)(to + n - HALF) = last;
    } else if (n >= 4) {
        for (int64_t j = 0; j < 4; j++) to[j] = from[j] + one;
        for (int64_t j = n - 4; j < n; j++) to[j] = from[j] + one;
    } else if (n > 0) {
        to[0] = from[0] + one;
        to[n / 2] = from[n / 2] + one;
        to[n - 1] = from[n - 1] + one;
    }
}

/* The larger, or nan. Two choices of two values each: what the compiler lays out in vectors. */
static inline real NAME(larger)(real a, real b) {
    real most = b > a ? b : a;
    return b != b ? b : most;
}

/* How many numbers `copy_over` writes for n: whole vectors, the last one as short as will do. */
static inline int64_t NAME(copied)(int64_t n) {
    int64_t quarter = NAME(LANES) / 4, half = NAME(LANES) / 2, over = n % NAME(LANES);
    if (!over) return n;
    if (n <= quarter) return quarter;
    return n - over + (over <= half ? half : NAME(LANES));
}

/* Copy n numbers, and some behind them, `times` times: from steps of `a` to steps of `b`. */
static inline void NAME(copy_over)(real *to, int64_t b, const real *from, int64_t a, int64_t n,
                                   int64_t times) {
    enum { VECTOR = MINIGRAD_VECTOR };
    n = NAME(copied)(n);
    if (n <= NAME(LANES) / 4)
        for (; times; times--, to += b, from += a) memcpy(to, from, VECTOR / 4);
    else if (n == NAME(LANES) / 2)
        for (; times; times--, to += b, from += a) memcpy(to, from, VECTOR / 2);
    else if (n == NAME(LANES))
        for (; times; times--, to += b, from += a) memcpy(to, from, VECTOR);
    else
        for (; times; times--, to += b, from += a) {
            int64_t j = 0;
            for (; j + NAME(LANES) <= n; j += NAME(LANES)) memcpy(to + j, from + j, VECTOR);
            if (j < n) memcpy(to + j, from + j, VECTOR / 2);
        }
}

/* All the columns of up to MINIGRAD_ROWS rows: t must have room for whole vectors. */
static void NAME(tiles)(int rows, int64_t columns, int64_t count, const real *const *a,
                        const int32_t *ra, const real *b, const int32_t *rb, real *t,
                        int64_t step, int more) {
    int64_t vectors = (columns + NAME(LANES) - 1) / NAME(LANES);
    while (rows) {
        /* Not every number of rows has a loop of its own. */
        int taken = rows >= 8 ? 8 : rows >= 6 ? 6 : rows >= 4 ? 4 : rows >= 2 ? 2 : 1;
        if (taken > MINIGRAD_ROWS) taken = MINIGRAD_ROWS;
        int64_t v = 0;
        while (v < vectors) {
            int64_t left = vectors - v;
            /* Four vectors are two and two: with one, the sums wait for each other. */
            int wide = left == 4 || left == 2 ? 2 : left >= MINIGRAD_COLUMNS ? 3 : 1;
            const real *at = b + v * NAME(LANES);
            real *to = t + v * NAME(LANES);
            int64_t r = 0;
            do {
                int64_t terms = minigrad_least(count - r, NAME(TERMS));
#define TILE(m, n) case m * 4 + n: \
                NAME(tile)(m, n, terms, a, ra + r, at, rb + r, to, step, more || r); break;
#define TILES(m) TILE(m, 1) TILE(m, 2) TILE(m, 3)
                switch (taken * 4 + wide) {
#if MINIGRAD_ROWS >= 8
                    TILES(8) TILES(6)
#endif
                    TILES(4) TILES(2) TILES(1)
                }
#undef TILES
#undef TILE
                r += terms;
            } while (r < count);
            v += wide;
        }
        a += taken;
        t += taken * step;
        rows -= taken;
    }
}
