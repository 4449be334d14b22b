/* Windows reduced to one number each, and their adjoints, plane by plane.

   Within a plane everything is done by rows of places: for one number k of the window, the places
   whose k-th number lies inside the image are one range, and what they meet are steps through a
   row. The border is never stored. */

typedef struct {
    int64_t planes, h, w, oh, ow, kh, kw, sh, sw, dh, dw, top, left, wide;
    const real *x, *y;
    real *to;
    void *spot; /* uint8_t, or int64_t where `wide` */
    int failed;
} NAME(Pool);

/* The places start .. stop of a row of n whose number k lies inside a row of length w. */
typedef struct {
    int64_t start, stop, from; /* and where the first of them meets it */
} NAME(Range);

static NAME(Range) NAME(range)(int64_t n, int64_t k, int64_t s, int64_t d, int64_t before,
                               int64_t w) {
    int64_t shift = before - k * d;
    int64_t start = shift > 0 ? (shift + s - 1) / s : 0;
    int64_t stop = w + shift > 0 ? minigrad_least(n, (w + shift + s - 1) / s) : 0;
    return (NAME(Range)){start, stop, start * s - shift};
}

/* A row of spots. Where nothing is larger than -inf, the first number inside the image. */
static void NAME(place_spots)(const NAME(Pool) *p, int64_t i, int32_t *spots, int64_t at) {
    int64_t n = p->ow, top = p->top - i * p->sh;
    int64_t first = top > 0 ? (top + p->dh - 1) / p->dh * p->kw : 0;
    for (int64_t j = 0; j < n; j++) {
        if (spots[j] >= 0) continue;
        int64_t left = p->left - j * p->sw;
        spots[j] = first + (left > 0 ? (left + p->dw - 1) / p->dw : 0);
    }
    uint8_t *narrow = (uint8_t *)p->spot + at;
    int64_t *wide = (int64_t *)p->spot + at;
    if (p->wide)
        for (int64_t j = 0; j < n; j++) wide[j] = spots[j];
    else
        for (int64_t j = 0; j < n; j++) narrow[j] = spots[j];
}

/* The largest, where it is, or the sum. The image is laid out in phases, as for a convolution, so
   that the k-th numbers of all windows are one run. */
static inline __attribute__((always_inline)) void NAME(reduce_planes)(
    NAME(Pool) *p, int64_t start, int64_t stop, const int sum, const int find) {
    enum { RUN = 2048 };
    NAME(Layout) l;
    NAME(Geometry) g = {1, 1, p->h, p->w, 1, p->oh, p->ow, 1, p->kh, p->kw, p->sh, p->sw,
                        p->dh, p->dw, p->top, p->left};
    int64_t volume = p->kh * p->kw;
    int32_t *source = minigrad_scratch(1, volume * sizeof(int32_t));
    if (source) NAME(window_table)(&g, p->sh, p->sw, &l, source);
    int64_t most = source ? minigrad_most(1, RUN / l.row) : 0;
    real *laid = source ? minigrad_scratch(0, (l.plane + most * l.row + p->ow) * sizeof(real))
                        : NULL;
    int32_t *spots = minigrad_scratch(2, (most * l.row + p->ow) * sizeof(int32_t));
    if (!laid || !spots) {
        p->failed = 1;
        return;
    }
    real *best = laid + l.plane;
    for (int64_t plane = start; plane < stop; plane++) {
        NAME(lay_plane)(&l, p->x + plane * p->h * p->w, laid, sum ? 0 : -INFINITY);
        for (int64_t i = 0; i < p->oh; i += most) {
            int64_t rows = minigrad_least(most, p->oh - i), n = (rows - 1) * l.row + p->ow;
            for (int64_t j = 0; j < n; j++) best[j] = sum ? 0 : -INFINITY;
            for (int64_t j = 0; find && j < n; j++) spots[j] = -1;
            for (int32_t k = 0; k < volume; k++) {
                const real *from = laid + source[k] + i * l.row;
                if (sum)
                    for (int64_t j = 0; j < n; j++) best[j] += from[j];
                else
#pragma GCC ivdep
                    for (int64_t j = 0; j < n; j++) {
                        real v = from[j], old = best[j];
                        if (find) spots[j] = (v > old) | (v != v) ? k : spots[j];
                        best[j] = NAME(larger)(old, v);
                    }
            }
            int64_t at = (plane * p->oh + i) * p->ow;
            for (int64_t r = 0; r < rows; r++, at += p->ow)
                if (find)
                    NAME(place_spots)(p, i + r, spots + r * l.row, at);
                else
                    NAME(copy_plus)(p->to + at, best + r * l.row, p->ow, (real)-0.0);
        }
    }
}

static void NAME(max_planes)(void *context, int64_t start, int64_t stop) {
    NAME(reduce_planes)(context, start, stop, 0, 0);
}

static void NAME(sum_planes)(void *context, int64_t start, int64_t stop) {
    NAME(reduce_planes)(context, start, stop, 1, 0);
}

static void NAME(spot_planes)(void *context, int64_t start, int64_t stop) {
    NAME(reduce_planes)(context, start, stop, 0, 1);
}

/* x = zeros, with each y added where its spot says. */
static void NAME(drop_planes)(void *context, int64_t start, int64_t stop) {
    NAME(Pool) *p = context;
    int64_t volume = p->kh * p->kw, h = p->h, w = p->w;
    int32_t *down = minigrad_scratch(0, 2 * volume * sizeof(int32_t)), *right = down + volume;
    if (!down) {
        p->failed = 1;
        return;
    }
    for (int64_t k = 0; k < volume; k++) {
        down[k] = k / p->kw * p->dh - p->top;
        right[k] = k % p->kw * p->dw - p->left;
    }
    memset(p->to + start * h * w, 0, (stop - start) * h * w * sizeof(real));
    for (int64_t row = start * p->oh; row < stop * p->oh; row++) {
        real *x = p->to + row / p->oh * h * w;
        const real *y = p->y + row * p->ow;
        int64_t top = row % p->oh * p->sh, at = row * p->ow;
        for (int64_t j = 0, left = 0; j < p->ow; j++, left += p->sw) {
            uint64_t k = p->wide ? ((uint64_t *)p->spot)[at + j] : ((uint8_t *)p->spot)[at + j];
            if (k >= (uint64_t)volume) continue;
            int64_t r = top + down[k], c = left + right[k];
            if ((r >= 0) & (r < h) & (c >= 0) & (c < w)) x[r * w + c] += y[j];
        }
    }
}

/* x = zeros, with each y added to every number of its window. */
static void NAME(spread_planes)(void *context, int64_t start, int64_t stop) {
    const NAME(Pool) *p = context;
    memset(p->to + start * p->h * p->w, 0, (stop - start) * p->h * p->w * sizeof(real));
    for (int64_t row = start * p->oh; row < stop * p->oh; row++) {
        real *x = p->to + row / p->oh * p->h * p->w;
        const real *y = p->y + row * p->ow;
        int64_t i = row % p->oh;
        for (int64_t k = 0; k < p->kh; k++) {
            int64_t at = i * p->sh + k * p->dh - p->top;
            if (at < 0 || at >= p->h) continue;
            for (int64_t l = 0; l < p->kw; l++) {
                NAME(Range) r = NAME(range)(p->ow, l, p->sw, p->dw, p->left, p->w);
                real *to = x + at * p->w + r.from;
                const real *from = y + r.start;
                int64_t some = r.stop - r.start, step = p->sw;
#pragma GCC ivdep
                for (int64_t j = 0; j < some; j++) to[j * step] += from[j];
            }
        }
    }
}

/* The commonest window, 2 x 2 side by side. Some rows of places at a time: the even and the odd
   rows that they meet are brought together, so that short rows make long loops as well. */
static int NAME(pairs)(const NAME(Pool) *p) {
    return p->kh == 2 && p->kw == 2 && p->sh == 2 && p->sw == 2 && p->dh == 1 && p->dw == 1
           && !p->top && !p->left && p->oh * 2 <= p->h && p->ow * 2 <= p->w;
}

enum { NAME(REDUCE_MAX), NAME(REDUCE_SUM), NAME(FIND), NAME(DROP), NAME(SPREAD) };

static inline __attribute__((always_inline)) void NAME(pair_rows)(
    const int what, int64_t n, real *even, real *odd, real *y,
    uint8_t *spot) {
    if (what == NAME(REDUCE_MAX))
        for (int64_t j = 0; j < n; j++)
            y[j] = NAME(larger)(NAME(larger)(even[2 * j], even[2 * j + 1]),
                                NAME(larger)(odd[2 * j], odd[2 * j + 1]));
    if (what == NAME(REDUCE_SUM))
        for (int64_t j = 0; j < n; j++)
            y[j] = (even[2 * j] + odd[2 * j]) + (even[2 * j + 1] + odd[2 * j + 1]);
    if (what == NAME(FIND))
#pragma GCC ivdep
        for (int64_t j = 0; j < n; j++) {
            real best = even[2 * j], next = even[2 * j + 1];
            int32_t k = 0;
            k = (next > best) | (next != next) ? 1 : k;
            best = NAME(larger)(best, next), next = odd[2 * j];
            k = (next > best) | (next != next) ? 2 : k;
            best = NAME(larger)(best, next), next = odd[2 * j + 1];
            k = (next > best) | (next != next) ? 3 : k;
            spot[j] = k;
        }
    if (what == NAME(DROP)) {
#pragma GCC ivdep
        for (int64_t j = 0; j < n; j++) {
            real v = y[j];
            int32_t k = spot[j];
            even[2 * j] = k == 0 ? v : 0, even[2 * j + 1] = k == 1 ? v : 0;
        }
#pragma GCC ivdep
        for (int64_t j = 0; j < n; j++) { /* both at once the compiler leaves to single numbers */
            real v = y[j];
            int32_t k = spot[j];
            odd[2 * j] = k == 2 ? v : 0, odd[2 * j + 1] = k == 3 ? v : 0;
        }
    }
    if (what == NAME(SPREAD))
#pragma GCC ivdep
        for (int64_t j = 0; j < n; j++)
            even[2 * j] = even[2 * j + 1] = odd[2 * j] = odd[2 * j + 1] = y[j];
}

static inline __attribute__((always_inline)) void NAME(pair_planes)(
    NAME(Pool) *p, const int what, int64_t start, int64_t stop) {
    enum { PLACES = 1024 };
    int64_t width = 2 * p->ow, most = minigrad_most(1, PLACES / p->ow);
    real *even = minigrad_scratch(0, 2 * most * width * sizeof(real)), *odd = even + most * width;
    if (!even) {
        p->failed = 1;
        return;
    }
    int back = what == NAME(DROP) || what == NAME(SPREAD);
    if (back && (width < p->w || 2 * p->oh < p->h))
        memset(p->to + start * p->h * p->w, 0, (stop - start) * p->h * p->w * sizeof(real));
    for (int64_t i = start * p->oh; i < stop * p->oh; i += most) { /* rows of all planes */
        int64_t rows = minigrad_least(most, stop * p->oh - i);
        for (int64_t r = 0; !back && r < rows; r++) {
            const real *x = p->x + ((i + r) / p->oh * p->h + (i + r) % p->oh * 2) * p->w;
            NAME(copy_plus)(even + r * width, x, width, (real)-0.0);
            NAME(copy_plus)(odd + r * width, x + p->w, width, (real)-0.0);
        }
        real *y = back ? (real *)p->y + i * p->ow : p->to + i * p->ow;
        NAME(pair_rows)(what, rows * p->ow, even, odd, y, (uint8_t *)p->spot + i * p->ow);
        for (int64_t r = 0; back && r < rows; r++) {
            real *x = p->to + ((i + r) / p->oh * p->h + (i + r) % p->oh * 2) * p->w;
            NAME(copy_plus)(x, even + r * width, width, (real)-0.0);
            NAME(copy_plus)(x + p->w, odd + r * width, width, (real)-0.0);
        }
    }
}

#define PAIRS(name, what)                                                                        \
    static void NAME(name)(void *context, int64_t start, int64_t stop) {                         \
        NAME(pair_planes)(context, NAME(what), start, stop);                                     \
    }
PAIRS(pair_max, REDUCE_MAX)
PAIRS(pair_sum, REDUCE_SUM)
PAIRS(pair_find, FIND)
PAIRS(pair_drop, DROP)
PAIRS(pair_spread, SPREAD)
#undef PAIRS

static int NAME(pool)(NAME(Pool) *p, const int64_t *n, MinigradBody pairs, MinigradBody any) {
    memcpy(p, n, 14 * sizeof *n);
    minigrad_parallel(NAME(pairs)(p) ? pairs : any, p, p->planes, 1 + (1 << 14) / (p->h * p->w));
    return p->failed ? MINIGRAD_MEMORY : 0;
}

/* Ints of all: the first fourteen of Pool. Arrays: y, x. */
int NAME(window_max)(void *const *a, const int64_t *n, const double *unused) {
    NAME(Pool) p = {.x = a[1], .to = a[0]};
    return NAME(pool)(&p, n, NAME(pair_max), NAME(max_planes));
}

/* Arrays: y, x. */
int NAME(window_sum)(void *const *a, const int64_t *n, const double *unused) {
    NAME(Pool) p = {.x = a[1], .to = a[0]};
    return NAME(pool)(&p, n, NAME(pair_sum), NAME(sum_planes));
}

/* Arrays: spot, x. */
int NAME(window_argmax)(void *const *a, const int64_t *n, const double *unused) {
    NAME(Pool) p = {.x = a[1], .spot = a[0]};
    return NAME(pool)(&p, n, NAME(pair_find), NAME(spot_planes));
}

/* Arrays: x, y, spot. */
int NAME(window_drop)(void *const *a, const int64_t *n, const double *unused) {
    NAME(Pool) p = {.to = a[0], .y = a[1], .spot = a[2]};
    return NAME(pool)(&p, n, NAME(pair_drop), NAME(drop_planes));
}

/* Arrays: x, y. */
int NAME(window_spread)(void *const *a, const int64_t *n, const double *unused) {
    NAME(Pool) p = {.to = a[0], .y = a[1]};
    return NAME(pool)(&p, n, NAME(pair_spread), NAME(spread_planes));
}
