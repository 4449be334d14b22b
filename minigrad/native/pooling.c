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

/* The commonest window, 2 x 2 side by side: whole rows in one loop each. */
static int NAME(pairs)(const NAME(Pool) *p) {
    return p->kh == 2 && p->kw == 2 && p->sh == 2 && p->sw == 2 && p->dh == 1 && p->dw == 1
           && !p->top && !p->left && p->oh * 2 <= p->h && p->ow * 2 <= p->w;
}

/* The larger, or nan. Two choices of two values each: what the compiler lays out in vectors. */
static inline real NAME(larger)(real a, real b) {
    real most = b > a ? b : a;
    return b != b ? b : most;
}

/* y = the largest, or the sum: one row of places. */
static inline __attribute__((always_inline)) void NAME(reduce_row)(
    const NAME(Pool) *p, const real *x, real *y, int64_t i, int sum) {
    int64_t n = p->ow;
    if (NAME(pairs)(p)) {
        const real *a = x + 2 * i * p->w, *b = a + p->w;
#pragma GCC ivdep
        for (int64_t j = 0; j < n; j++) {
            real u = a[2 * j], v = a[2 * j + 1], s = b[2 * j], t = b[2 * j + 1];
            y[j] = sum ? (u + s) + (v + t)
                       : NAME(larger)(NAME(larger)(u, s), NAME(larger)(v, t));
        }
        return;
    }
    for (int64_t j = 0; j < n; j++) y[j] = sum ? 0 : -INFINITY;
    for (int64_t k = 0; k < p->kh; k++) {
        int64_t row = i * p->sh + k * p->dh - p->top;
        if (row < 0 || row >= p->h) continue;
        for (int64_t l = 0; l < p->kw; l++) {
            NAME(Range) r = NAME(range)(p->ow, l, p->sw, p->dw, p->left, p->w);
            const real *from = x + row * p->w + r.from;
            real *to = y + r.start;
            int64_t some = r.stop - r.start;
#define EACH(step)                                                                               \
    for (int64_t j = 0; j < some; j++)                                                           \
        to[j] = sum ? to[j] + from[j * (step)] : NAME(larger)(to[j], from[j * (step)]);
            if (p->sw == 1) {
#pragma GCC ivdep
                EACH(1)
            } else if (p->sw == 2) {
#pragma GCC ivdep
                EACH(2)
            } else {
                EACH(p->sw)
            }
#undef EACH
        }
    }
}

static void NAME(max_planes)(void *context, int64_t start, int64_t stop) {
    const NAME(Pool) *p = context;
    for (int64_t i = start * p->oh; i < stop * p->oh; i++)
        NAME(reduce_row)(p, p->x + i / p->oh * p->h * p->w, p->to + i * p->ow, i % p->oh, 0);
}

static void NAME(sum_planes)(void *context, int64_t start, int64_t stop) {
    const NAME(Pool) *p = context;
    for (int64_t i = start * p->oh; i < stop * p->oh; i++)
        NAME(reduce_row)(p, p->x + i / p->oh * p->h * p->w, p->to + i * p->ow, i % p->oh, 1);
}

/* Where the largest is: the first of several, but the last nan. */
static void NAME(spot_planes)(void *context, int64_t start, int64_t stop) {
    NAME(Pool) *p = context;
    real *best = minigrad_scratch(0, 2 * p->ow * sizeof(real));
    if (!best) {
        p->failed = 1;
        return;
    }
    int32_t *spot = (int32_t *)(best + p->ow);
    int64_t places = p->ow;
    for (int64_t row = start * p->oh; row < stop * p->oh; row++) {
        const real *x = p->x + row / p->oh * p->h * p->w;
        int64_t i = row % p->oh, top = p->top - i * p->sh;
        int64_t first = top > 0 ? (top + p->dh - 1) / p->dh * p->kw : 0;
        for (int64_t j = 0; j < p->ow; j++) { /* the first number inside, if none is larger */
            int64_t left = p->left - j * p->sw;
            best[j] = -INFINITY;
            spot[j] = first + (left > 0 ? (left + p->dw - 1) / p->dw : 0);
        }
        for (int64_t k = 0; k < p->kh * p->kw; k++) {
            int64_t at = i * p->sh + k / p->kw * p->dh - p->top;
            if (at < 0 || at >= p->h) continue;
            NAME(Range) r = NAME(range)(p->ow, k % p->kw, p->sw, p->dw, p->left, p->w);
            const real *from = x + at * p->w + r.from;
            real *b = best + r.start;
            int32_t *s = spot + r.start;
            int64_t n = r.stop - r.start;
#define EACH(step)                                                                               \
    for (int64_t j = 0; j < n; j++) {                                                            \
        real v = from[j * (step)], old = b[j];                                                   \
        int more = (v > old) | (v != v);                                                         \
        s[j] = more ? (int32_t)k : s[j];                                                         \
        b[j] = more ? v : old;                                                                   \
    }
            if (p->sw == 1) {
#pragma GCC ivdep
                EACH(1)
            } else if (p->sw == 2) {
#pragma GCC ivdep
                EACH(2)
            } else {
                EACH(p->sw)
            }
#undef EACH
        }
        if (p->wide) {
            int64_t *to = (int64_t *)p->spot + row * p->ow;
            for (int64_t j = 0; j < places; j++) to[j] = spot[j];
        } else {
            uint8_t *to = (uint8_t *)p->spot + row * p->ow;
            for (int64_t j = 0; j < places; j++) to[j] = spot[j];
        }
    }
}

/* x = zeros, with each y added where its spot says. */
static void NAME(drop_planes)(void *context, int64_t start, int64_t stop) {
    const NAME(Pool) *p = context;
    int pairs = NAME(pairs)(p);
    int64_t n = p->ow;
    memset(p->to + start * p->h * p->w, 0, (stop - start) * p->h * p->w * sizeof(real));
    for (int64_t row = start * p->oh; row < stop * p->oh; row++) {
        real *x = p->to + row / p->oh * p->h * p->w;
        const real *y = p->y + row * p->ow;
        int64_t i = row % p->oh;
        if (pairs) {
            const uint8_t *spot = (const uint8_t *)p->spot + row * p->ow;
            real *a = x + 2 * i * p->w, *b = a + p->w;
#pragma GCC ivdep
            for (int64_t j = 0; j < n; j++) {
                real v = y[j];
                int32_t k = spot[j];
                a[2 * j] = k == 0 ? v : 0;
                a[2 * j + 1] = k == 1 ? v : 0;
                b[2 * j] = k == 2 ? v : 0;
                b[2 * j + 1] = k == 3 ? v : 0;
            }
            continue;
        }
        for (int64_t j = 0; j < p->ow; j++) {
            int64_t at = row * p->ow + j;
            int64_t k = p->wide ? ((int64_t *)p->spot)[at] : ((uint8_t *)p->spot)[at];
            int64_t r = i * p->sh + k / p->kw * p->dh - p->top;
            int64_t c = j * p->sw + k % p->kw * p->dw - p->left;
            if (k >= 0 && k < p->kh * p->kw && r >= 0 && r < p->h && c >= 0 && c < p->w)
                x[r * p->w + c] += y[j];
        }
    }
}

/* x = zeros, with each y added to every number of its window. */
static void NAME(spread_planes)(void *context, int64_t start, int64_t stop) {
    const NAME(Pool) *p = context;
    int pairs = NAME(pairs)(p);
    int64_t n = p->ow;
    memset(p->to + start * p->h * p->w, 0, (stop - start) * p->h * p->w * sizeof(real));
    for (int64_t row = start * p->oh; row < stop * p->oh; row++) {
        real *x = p->to + row / p->oh * p->h * p->w;
        const real *y = p->y + row * p->ow;
        int64_t i = row % p->oh;
        if (pairs) {
            real *a = x + 2 * i * p->w, *b = a + p->w;
#pragma GCC ivdep
            for (int64_t j = 0; j < n; j++)
                a[2 * j] = a[2 * j + 1] = b[2 * j] = b[2 * j + 1] = y[j];
            continue;
        }
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

static int NAME(pool)(NAME(Pool) *p, const int64_t *n, MinigradBody body) {
    memcpy(p, n, 14 * sizeof *n);
    minigrad_parallel(body, p, p->planes, 1 + (1 << 14) / (p->h * p->w));
    return p->failed;
}

/* Ints of all: the first fourteen of Pool. Arrays: y, x. */
int NAME(window_max)(void *const *a, const int64_t *n, const double *unused) {
    NAME(Pool) p = {.x = a[1], .to = a[0]};
    return NAME(pool)(&p, n, NAME(max_planes));
}

/* Arrays: y, x. */
int NAME(window_sum)(void *const *a, const int64_t *n, const double *unused) {
    NAME(Pool) p = {.x = a[1], .to = a[0]};
    return NAME(pool)(&p, n, NAME(sum_planes));
}

/* Arrays: spot, x. */
int NAME(window_argmax)(void *const *a, const int64_t *n, const double *unused) {
    NAME(Pool) p = {.x = a[1], .spot = a[0]};
    return NAME(pool)(&p, n, NAME(spot_planes));
}

/* Arrays: x, y, spot. */
int NAME(window_drop)(void *const *a, const int64_t *n, const double *unused) {
    NAME(Pool) p = {.to = a[0], .y = a[1], .spot = a[2]};
    return NAME(pool)(&p, n, NAME(drop_planes));
}

/* Arrays: x, y. */
int NAME(window_spread)(void *const *a, const int64_t *n, const double *unused) {
    NAME(Pool) p = {.to = a[0], .y = a[1]};
    return NAME(pool)(&p, n, NAME(spread_planes));
}
