/* Sums of an array (before, kept, behind) over what stands before and behind: channels of images,
   columns, rows, everything; of the numbers or of their squares.

   Where long runs stand behind, each is summed by itself. Else rows of kept x behind are added up
   as vectors, some of them at a time where they are short, and what stands behind is summed last.
   Parts of threads are added in a fixed order. */

typedef struct {
    int64_t before, kept, behind;
    const real *x, *m;
    real *to;
    double scale;
    int square;
    int64_t rows, width; /* rows that are added up as vectors, and how long they are */
    int64_t parts, blocks;
    real *sums; /* (parts, width) */
} NAME(Sum);

enum {
    NAME(WIDE_ROW) = 2048, /* numbers of a row at a time */
    NAME(ROWS) = 256 /* rows added one after the other: the error grows with them */
};

static void NAME(sum_runs)(void *context, int64_t start, int64_t stop) {
    const NAME(Sum) *p = context;
    for (int64_t b = start; b < stop; b++) {
        double total = 0;
        for (int64_t a = 0; a < p->before; a++) {
            const real *x = p->x + (a * p->kept + b) * p->behind;
            total += p->square ? NAME(sum_run)(x, p->behind, 1) : NAME(sum_run)(x, p->behind, 0);
        }
        p->to[b] = total * p->scale;
    }
}

/* Everything: pieces of one run. */
static void NAME(sum_pieces)(void *context, int64_t start, int64_t stop) {
    const NAME(Sum) *p = context;
    for (int64_t i = start; i < stop; i++) {
        int64_t from = p->behind * i / p->parts, n = p->behind * (i + 1) / p->parts - from;
        const real *x = p->x + from;
        ((double *)p->sums)[i] = p->square ? NAME(sum_run)(x, n, 1) : NAME(sum_run)(x, n, 0);
    }
}

static void NAME(add_rows)(void *context, int64_t start, int64_t stop) {
    const NAME(Sum) *p = context;
    for (int64_t item = start; item < stop; item++) {
        int64_t part = item / p->blocks, at = item % p->blocks * NAME(WIDE_ROW);
        int64_t n = minigrad_least(NAME(WIDE_ROW), p->width - at);
        real *sum = p->sums + part * p->width + at, some[NAME(WIDE_ROW)];
        memset(sum, 0, n * sizeof(real));
        int64_t stop = p->rows * (part + 1) / p->parts;
        for (int64_t r = p->rows * part / p->parts; r < stop;) {
            int64_t pause = minigrad_least(stop, r + NAME(ROWS));
            memset(some, 0, n * sizeof(real));
            for (; r < pause; r++) {
                const real *x = p->x + r * p->width + at;
#pragma GCC ivdep
                for (int64_t j = 0; j < n; j++) some[j] += p->square ? x[j] * x[j] : x[j];
            }
            for (int64_t j = 0; j < n; j++) sum[j] += some[j];
        }
    }
}

static int NAME(sum_rows)(NAME(Sum) *p) {
    enum { SHORT = 256, WORK = 1 << 15 };
    int64_t own = p->kept * p->behind, times = minigrad_most(1, SHORT / own);
    times = minigrad_least(times, p->before);
    p->rows = p->before / times, p->width = own * times;
    p->blocks = (p->width + NAME(WIDE_ROW) - 1) / NAME(WIDE_ROW);
    int64_t threads = minigrad_threads();
    p->parts = p->blocks >= 2 * threads ? 1 : minigrad_least(threads, p->rows);
    if (p->rows * p->width < WORK) p->parts = 1;
    p->sums = minigrad_scratch(0, p->parts * p->width * sizeof(real));
    if (!p->sums) return MINIGRAD_MEMORY;
    minigrad_parallel(NAME(add_rows), p, p->parts * p->blocks, p->parts > 1 ? 1 : 4);
    const real *rest = p->x + p->rows * p->width; /* rows that make no whole group */
    for (int64_t r = p->rows * times; r < p->before; r++, rest += own)
        for (int64_t j = 0; j < own; j++) p->sums[j] += p->square ? rest[j] * rest[j] : rest[j];
    for (int64_t i = 1; i < p->parts * times; i++) /* parts and groups lie one behind the other */
        for (int64_t j = 0; j < own; j++) p->sums[j] += p->sums[i * own + j];
    for (int64_t b = 0; b < p->kept; b++) {
        double total = 0;
        for (int64_t c = 0; c < p->behind; c++) total += p->sums[b * p->behind + c];
        p->to[b] = total * p->scale;
    }
    return 0;
}

static int NAME(sum_around)(NAME(Sum) *p, const int64_t *n) {
    enum { LONG = 64, WORK = 1 << 15 };
    p->before = n[0], p->kept = n[1], p->behind = n[2];
    if (p->before > 1 && p->behind < LONG) return NAME(sum_rows)(p);
    if (p->before * p->kept > 1) {
        minigrad_parallel(NAME(sum_runs), p, p->kept, 1 + WORK / (p->before * p->behind));
        return 0;
    }
    p->parts = minigrad_most(1, minigrad_least(minigrad_threads(), p->behind / WORK));
    double sums[64], total = 0;
    p->parts = minigrad_least(p->parts, 64);
    p->sums = (real *)sums;
    minigrad_parallel(NAME(sum_pieces), p, p->parts, 1);
    for (int64_t i = 0; i < p->parts; i++) total += sums[i];
    p->to[0] = total * p->scale;
    return 0;
}

/* Arrays: y, x. Ints: before, kept, behind. */
int NAME(sum)(void *const *a, const int64_t *n, const double *unused) {
    NAME(Sum) p = {.to = a[0], .x = a[1], .scale = 1};
    return NAME(sum_around)(&p, n);
}

/* Arrays: y, x. Ints: before, kept, behind. */
int NAME(mean_square)(void *const *a, const int64_t *n, const double *unused) {
    NAME(Sum) p = {.to = a[0], .x = a[1], .scale = 1.0 / (n[0] * n[2]), .square = 1};
    return NAME(sum_around)(&p, n);
}

static void NAME(center_runs)(void *context, int64_t start, int64_t stop) {
    const NAME(Sum) *p = context;
    int64_t kept = p->kept, behind = p->behind;
    for (int64_t a = start; a < stop; a++) {
        const real *x = p->x + a * kept * behind;
        real *to = p->to + a * kept * behind;
        if (behind == 1)
#pragma GCC ivdep
            for (int64_t b = 0; b < kept; b++) to[b] = x[b] - p->m[b];
        else
            for (int64_t b = 0; b < kept; b++)
                NAME(copy_plus)(to + b * behind, x + b * behind, behind, -p->m[b]);
    }
}

/* y = x - m. Arrays: y, x, m of the kept. Ints: before, kept, behind. */
int NAME(center)(void *const *a, const int64_t *n, const double *unused) {
    NAME(Sum) p = {.to = a[0], .x = a[1], .m = a[2], .before = n[0], .kept = n[1],
                   .behind = n[2]};
    minigrad_parallel(NAME(center_runs), &p, p.before, 1 + (1 << 15) / (p.kept * p.behind));
    return 0;
}
