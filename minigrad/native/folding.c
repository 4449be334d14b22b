/* Many numbers become one, along any dimensions of an array at any steps: three loops over what is
   kept, three over what is folded, those with the shortest steps last.

   Where what is folded stands side by side it is folded run by run; else rows of what is kept are
   folded as vectors; else number by number. Sums of many are made of sums of few. */

enum { NAME(FOLD_SUM), NAME(FOLD_NORM), NAME(FOLD_MAX), NAME(FOLD_MIN) };
enum { NAME(WIDTH) = 1024 /* numbers of a row at a time */, NAME(SOME) = 256 /* rows */ };

typedef struct {
    int64_t what;
    int64_t kept[3], folded[3], by_kept[3], by_folded[3], to[3];
    real *y;
    const real *x;
} NAME(Fold);

static inline real NAME(smaller)(real a, real b) { return a < b || a != a ? a : b; }

static inline __attribute__((always_inline)) real NAME(joined)(const int what, real a, real b) {
    if (what == NAME(FOLD_MAX)) return NAME(larger)(a, b);
    if (what == NAME(FOLD_MIN)) return NAME(smaller)(a, b);
    return what == NAME(FOLD_SUM) ? a + b : a + b * b;
}

static inline double NAME(ended)(const NAME(Fold) *p, double total) {
    return p->what == NAME(FOLD_NORM) ? sqrt(total) : total;
}

static inline __attribute__((always_inline)) double NAME(fold_runs)(const NAME(Fold) *p,
                                                                    const real *x, const int what) {
    const int most = what == NAME(FOLD_MAX) || what == NAME(FOLD_MIN);
    double total = most ? *x : 0;
    for (int64_t i = 0; i < p->folded[0]; i++)
        for (int64_t j = 0; j < p->folded[1]; j++) {
            const real *run = x + i * p->by_folded[0] + j * p->by_folded[1];
            int64_t n = p->folded[2], step = p->by_folded[2];
            if (!most && step == 1) {
                total += NAME(sum_run)(run, n, what != NAME(FOLD_SUM));
            } else if (most) {
                real found = total;
                for (int64_t k = 0; k < n; k++) found = NAME(joined)(what, found, run[k * step]);
                total = found;
            } else
                for (int64_t k = 0; k < n; k++) {
                    double one = run[k * step];
                    total += what == NAME(FOLD_SUM) ? one : one * one;
                }
        }
    return total;
}

/* A row of n neighbours that are kept: each of what is folded is a row that is joined to it. */
static inline __attribute__((always_inline)) void NAME(fold_rows)(
    const NAME(Fold) *p, const real *x, real *y, int64_t n, const int what) {
    const int most = what == NAME(FOLD_MAX) || what == NAME(FOLD_MIN);
    real all[NAME(WIDTH)], some[NAME(WIDTH)];
    const int64_t *f = p->folded, *by = p->by_folded;
    int64_t rows = f[0] * f[1] * f[2];
    for (int64_t j = 0; j < n; j++) all[j] = most ? x[j] : 0;
    for (int64_t r = 0; r < rows;) {
        int64_t stop = minigrad_least(rows, r + NAME(SOME));
        for (int64_t j = 0; j < n; j++) some[j] = most ? all[j] : 0;
        for (; r < stop; r++) {
            const real *row = x + r / (f[1] * f[2]) * by[0] + r / f[2] % f[1] * by[1] + r % f[2] * by[2];
            for (int64_t j = 0; j < n; j++) some[j] = NAME(joined)(what, some[j], row[j]);
        }
        for (int64_t j = 0; j < n; j++) all[j] = most ? some[j] : all[j] + some[j];
    }
    for (int64_t j = 0; j < n; j++)
        y[j * p->to[2]] = most ? all[j] : (real)NAME(ended)(p, all[j]);
}

static inline __attribute__((always_inline)) void NAME(fold_part)(
    const NAME(Fold) *p, int64_t start, int64_t stop, const int what) {
    const int most = what == NAME(FOLD_MAX) || what == NAME(FOLD_MIN);
    const int rows = p->by_kept[2] == 1 && p->kept[2] > 1 && p->by_folded[2] != 1;
    for (int64_t o = start; o < stop; o++) {
        int64_t i = o / p->kept[1], j = o % p->kept[1];
        const real *x = p->x + i * p->by_kept[0] + j * p->by_kept[1];
        real *y = p->y + i * p->to[0] + j * p->to[1];
        if (rows)
            for (int64_t k = 0; k < p->kept[2]; k += NAME(WIDTH))
                NAME(fold_rows)(p, x + k, y + k * p->to[2],
                                minigrad_least(NAME(WIDTH), p->kept[2] - k), what);
        else
            for (int64_t k = 0; k < p->kept[2]; k++) {
                double total = NAME(fold_runs)(p, x + k * p->by_kept[2], what);
                y[k * p->to[2]] = most ? total : NAME(ended)(p, total);
            }
    }
}

static void NAME(fold_parts)(void *context, int64_t start, int64_t stop) {
    const NAME(Fold) *p = context;
    switch (p->what) {
        case NAME(FOLD_SUM): NAME(fold_part)(p, start, stop, NAME(FOLD_SUM)); break;
        case NAME(FOLD_MAX): NAME(fold_part)(p, start, stop, NAME(FOLD_MAX)); break;
        case NAME(FOLD_MIN): NAME(fold_part)(p, start, stop, NAME(FOLD_MIN)); break;
        default: NAME(fold_part)(p, start, stop, NAME(FOLD_NORM));
    }
}

/* Arrays: y, x. Ints: 0 for the sum, 1 for the root of the sum of squares, 2 for the largest, 3 for
   the smallest; three lengths that are kept, three that are folded; the steps of x in all of them;
   those of y in what is kept. */
int NAME(fold)(void *const *a, const int64_t *n, const double *unused) {
    NAME(Fold) p = {.y = a[0], .x = a[1]};
    memcpy(&p.what, n, 16 * sizeof *n);
    int64_t each = p.kept[2] * p.folded[0] * p.folded[1] * p.folded[2];
    minigrad_parallel(NAME(fold_parts), &p, p.kept[0] * p.kept[1],
                      1 + (1 << 14) / minigrad_most(1, each));
    return 0;
}
