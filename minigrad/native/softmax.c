/* Exponentials that sum to one, their logarithms and the cross entropy, over the middle dimension
   of (outer, n, inner).

   Short rows stand side by side, some at a time, number by number, in memory that stays in the
   cache: so whatever n and inner are, the loops run over rows. A long row whose numbers are
   neighbours is laid out in the same way, as if it were so many rows: what is found for each of
   them is then brought together ("across"). */

enum { NAME(SIDE) = 64 /* rows side by side, at most */, NAME(LONG) = 128 };

typedef struct {
    int64_t outer, n, inner, blocks; /* blocks of rows in an outer one */
    int across;
    const real *x, *y;
    real *to;
    const int64_t *labels;
    int64_t ignore;
    double scale; /* of a row that counts */
    int what, failed, refused;
} NAME(Rows);

enum { NAME(SOFTMAX), NAME(SOFTMAX_BACK), NAME(LOG_SOFTMAX), NAME(CROSS), NAME(RESIDUAL) };

/* Where row r of a block is, and how far its numbers are apart. With inner = 1 the rows of a block
   are whole rows of the array; else they are neighbours within one outer. */
static inline int64_t NAME(place)(const NAME(Rows) *p, int64_t first, int64_t k, int64_t r) {
    int64_t row = first + r, outer = row / p->inner;
    return (outer * p->n + k) * p->inner + row % p->inner;
}

static void NAME(bring)(const NAME(Rows) *p, const real *x, int64_t first, int64_t rows, real *t,
                        real border) {
    int64_t n = p->n;
    if (p->across) {
        NAME(copy_plus)(t, x + first * n, n, (real)-0.0);
        for (int64_t k = n; k % NAME(SIDE); k++) t[k] = border;
    } else if (p->inner == 1)
        for (int64_t r = 0; r < rows; r++)
            for (int64_t k = 0; k < n; k++) t[k * NAME(SIDE) + r] = x[(first + r) * n + k];
    else
        for (int64_t k = 0; k < n; k++)
            NAME(copy_plus)(t + k * NAME(SIDE), x + NAME(place)(p, first, k, 0), rows,
                            (real)-0.0);
}

static void NAME(leave)(const NAME(Rows) *p, const real *t, int64_t first, int64_t rows) {
    int64_t n = p->n;
    if (p->across)
        NAME(copy_plus)(p->to + first * n, t, n, (real)-0.0);
    else if (p->inner == 1)
        for (int64_t r = 0; r < rows; r++)
            for (int64_t k = 0; k < n; k++) p->to[(first + r) * n + k] = t[k * NAME(SIDE) + r];
    else
        for (int64_t k = 0; k < n; k++)
            NAME(copy_plus)(p->to + NAME(place)(p, first, k, 0), t + k * NAME(SIDE), rows,
                            (real)-0.0);
}

static void NAME(sum_across)(real *sum, int64_t rows) {
    for (int64_t r = 1; r < rows; r++) sum[0] += sum[r];
    for (int64_t r = 1; r < rows; r++) sum[r] = sum[0];
}

/* t -= max t, and the sums of its exponentials; which take its place where they are kept. */
static inline __attribute__((always_inline)) void NAME(exponentials)(
    int64_t n, int64_t rows, real *t, real *sum, int across, const int keep) {
    real most[NAME(SIDE)];
    for (int64_t r = 0; r < rows; r++) most[r] = t[r], sum[r] = 0;
    for (int64_t k = 1; k < n; k++)
        for (int64_t r = 0; r < rows; r++) most[r] = NAME(larger)(most[r], t[k * NAME(SIDE) + r]);
    if (across) {
        for (int64_t r = 1; r < rows; r++) most[0] = NAME(larger)(most[0], most[r]);
        for (int64_t r = 1; r < rows; r++) most[r] = most[0];
    }
    for (int64_t k = 0; k < n; k++)
        for (int64_t r = 0; r < rows; r++) {
            real less = t[k * NAME(SIDE) + r] - most[r], e = NAME(mg_exp)(less);
            t[k * NAME(SIDE) + r] = keep ? e : less;
            sum[r] += e;
        }
    if (across) NAME(sum_across)(sum, rows);
}

/* c = p (c - sum c p), with p at least the floor. */
static inline __attribute__((always_inline)) void NAME(pull_back)(
    int64_t n, int64_t rows, real *c, real *p, real floor, int across) {
    real sum[NAME(SIDE)];
    for (int64_t r = 0; r < rows; r++) sum[r] = 0;
    for (int64_t k = 0; k < n; k++)
        for (int64_t r = 0; r < rows; r++) {
            real q = NAME(larger)(floor, p[k * NAME(SIDE) + r]);
            p[k * NAME(SIDE) + r] = q;
            sum[r] += c[k * NAME(SIDE) + r] * q;
        }
    if (across) NAME(sum_across)(sum, rows);
    for (int64_t k = 0; k < n; k++)
        for (int64_t r = 0; r < rows; r++)
            c[k * NAME(SIDE) + r] = (c[k * NAME(SIDE) + r] - sum[r]) * p[k * NAME(SIDE) + r];
}

static inline __attribute__((always_inline)) void NAME(finish)(
    int64_t n, int64_t rows, real *t, const real *sum, const int divide) {
    for (int64_t k = 0; k < n; k++)
        for (int64_t r = 0; r < rows; r++) {
            real v = t[k * NAME(SIDE) + r];
            t[k * NAME(SIDE) + r] = divide ? v * sum[r] : v - sum[r];
        }
}

/* A block of rows, by the op; what it leaves in t is the result (but for losses), in sum the
   logarithms or the reciprocals of the sums. */
static inline __attribute__((always_inline)) void NAME(compute)(
    const NAME(Rows) *p, int64_t n, int64_t rows, real *t, real *u, real *sum) {
    int across = p->across;
    if (p->what == NAME(SOFTMAX_BACK)) {
        NAME(pull_back)(n, rows, t, u, p->scale, across);
    } else if (p->what == NAME(SOFTMAX) || p->what == NAME(RESIDUAL)) {
        NAME(exponentials)(n, rows, t, sum, across, 1);
        for (int64_t r = 0; r < rows; r++) sum[r] = 1 / sum[r];
        NAME(finish)(n, rows, t, sum, 1);
    } else {
        NAME(exponentials)(n, rows, t, sum, across, 0);
        for (int64_t r = 0; r < rows; r++) sum[r] = NAME(mg_log)(sum[r]);
        if (p->what == NAME(LOG_SOFTMAX)) NAME(finish)(n, rows, t, sum, 0);
    }
}

/* The losses of a block, or what its labels change in the residual. */
static void NAME(use_labels)(NAME(Rows) *p, int64_t first, int64_t rows, real *t,
                             const real *sum) {
    int64_t side = p->across ? 1 : NAME(SIDE);
    for (int64_t r = 0; r < rows; r++) {
        int64_t label = p->labels[first + r], counts = label != p->ignore;
        if (!counts) label = 0;
        if (label < 0 || label >= p->n) {
            p->refused = 1;
            return;
        }
        if (p->what == NAME(CROSS)) {
            p->to[first + r] = counts ? sum[r] - t[label * side + r] : 0;
            continue;
        }
        real scale = counts * p->scale;
        t[label * side + r] -= 1;
        for (int64_t k = 0; k < p->n; k++) t[k * side + r] *= scale;
    }
}

static void NAME(rows_block)(NAME(Rows) *p, int64_t first, int64_t rows, real *t, real *u) {
    real sum[NAME(SIDE)];
    int back = p->what == NAME(SOFTMAX_BACK);
    NAME(bring)(p, p->x, first, rows, t, back ? 0 : -INFINITY);
    if (back) NAME(bring)(p, p->y, first, rows, u, 0);
    if (p->across)
        NAME(compute)(p, (p->n + NAME(SIDE) - 1) / NAME(SIDE), NAME(SIDE), t, u, sum);
    else
        NAME(compute)(p, p->n, rows, t, u, sum);
    if (p->labels) NAME(use_labels)(p, first, rows, t, sum);
    if (p->what != NAME(CROSS)) NAME(leave)(p, t, first, rows);
}

static void NAME(rows_part)(void *context, int64_t start, int64_t stop) {
    NAME(Rows) *p = context;
    int64_t side = p->inner == 1 ? p->outer : p->inner, most = p->across ? 1 : NAME(SIDE);
    int64_t room = p->across ? p->n + NAME(SIDE) : p->n * NAME(SIDE);
    real *t = minigrad_scratch(0, 2 * room * sizeof(real));
    if (!t) {
        p->failed = 1;
        return;
    }
    for (int64_t i = start; i < stop; i++) {
        int64_t from = i % p->blocks * most, rows = minigrad_least(most, side - from);
        NAME(rows_block)(p, i / p->blocks * side + from, rows, t, t + room);
    }
}

/* Ints of all: outer, n, inner. */
static int NAME(all_rows)(NAME(Rows) *p, const int64_t *n) {
    p->outer = n[0], p->n = n[1], p->inner = n[2];
    p->across = p->inner == 1 && p->n >= NAME(LONG);
    int64_t side = p->inner == 1 ? p->outer : p->inner, most = p->across ? 1 : NAME(SIDE);
    p->blocks = (side + most - 1) / most;
    minigrad_parallel(NAME(rows_part), p, p->inner == 1 ? p->blocks : p->outer * p->blocks,
                      1 + 4096 / (p->n * most));
    return p->refused ? MINIGRAD_INDEX : p->failed ? MINIGRAD_MEMORY : 0;
}

/* Arrays: p, x. */
int NAME(softmax)(void *const *a, const int64_t *n, const double *unused) {
    NAME(Rows) p = {.to = a[0], .x = a[1], .what = NAME(SOFTMAX)};
    return NAME(all_rows)(&p, n);
}

/* Arrays: y, x. */
int NAME(log_softmax)(void *const *a, const int64_t *n, const double *unused) {
    NAME(Rows) p = {.to = a[0], .x = a[1], .what = NAME(LOG_SOFTMAX)};
    return NAME(all_rows)(&p, n);
}

/* Arrays: z, c, p. Reals: the least probability. */
int NAME(softmax_back)(void *const *a, const int64_t *n, const double *r) {
    NAME(Rows) p = {.to = a[0], .x = a[1], .y = a[2], .what = NAME(SOFTMAX_BACK), .scale = r[0]};
    return NAME(all_rows)(&p, n);
}

enum { NAME(NONE), NAME(SUM), NAME(MEAN) };

static double NAME(counted)(const int64_t *labels, int64_t rows, int64_t ignore) {
    int64_t count = 0;
    for (int64_t i = 0; i < rows; i++) count += labels[i] != ignore;
    return count;
}

/* Arrays: loss, logits, labels. Ints: outer, n, inner, the label to ignore, 0 for none, 1 for sum,
   2 for mean. A label out of range is refused. */
int NAME(class_cross_entropy)(void *const *a, const int64_t *n, const double *unused) {
    int64_t rows = n[0] * n[2];
    real *losses = n[4] == NAME(NONE) ? a[0] : minigrad_scratch(1, rows * sizeof(real));
    if (!losses) return MINIGRAD_MEMORY;
    NAME(Rows) p = {.to = losses, .x = a[1], .labels = a[2], .ignore = n[3],
                    .what = NAME(CROSS)};
    int refused = NAME(all_rows)(&p, n);
    if (refused || n[4] == NAME(NONE)) return refused;
    double total = 0;
    for (int64_t i = 0; i < rows; i++) total += losses[i];
    if (n[4] == NAME(MEAN)) total /= NAME(counted)(a[2], rows, n[3]);
    *(real *)a[0] = total;
    return 0;
}

/* Arrays: residual, logits, labels. Ints as above. */
int NAME(class_residual)(void *const *a, const int64_t *n, const double *unused) {
    NAME(Rows) p = {.to = a[0], .x = a[1], .labels = a[2], .ignore = n[3],
                    .what = NAME(RESIDUAL), .scale = 1};
    /* Of a mean over nothing the derivative is 0. */
    if (n[4] == NAME(MEAN)) p.scale = 1 / fmax(1, NAME(counted)(a[2], n[0] * n[2], n[3]));
    return NAME(all_rows)(&p, n);
}
