/* What goes along the middle dimension of (outer, n, inner) number by number: running sums, and the
   place of the largest or the smallest. */

typedef struct {
    int64_t outer, n, inner, backwards;
    const real *x;
    void *y;
    int sign; /* 1 for the largest, -1 for the smallest */
} NAME(Running);

static void NAME(sum_along)(void *context, int64_t start, int64_t stop) {
    enum { SIDE = 64 };
    const NAME(Running) *p = context;
    int64_t n = p->n, inner = p->inner;
    for (int64_t o = start; o < stop; o++)
        for (int64_t at = 0; at < inner; at += SIDE) {
            int64_t some = minigrad_least(SIDE, inner - at);
            double sum[SIDE] = {0};
            for (int64_t k = 0; k < n; k++) {
                int64_t from = (o * n + (p->backwards ? n - 1 - k : k)) * inner + at;
                real *y = (real *)p->y + from;
                for (int64_t i = 0; i < some; i++) y[i] = sum[i] += p->x[from + i];
            }
        }
}

static void NAME(find_along)(void *context, int64_t start, int64_t stop) {
    const NAME(Running) *p = context;
    int64_t n = p->n, inner = p->inner;
    for (int64_t o = start; o < stop; o++)
        for (int64_t i = 0; i < inner; i++) {
            const real *x = p->x + o * n * inner + i;
            int64_t place = 0;
            real best = p->sign * x[0];
            for (int64_t k = 1; k < n && best == best; k++) {
                real next = p->sign * x[k * inner];
                if (next > best || next != next) best = next, place = k;
            }
            ((int64_t *)p->y)[o * inner + i] = place;
        }
}

static NAME(Running) NAME(running)(void *const *a, const int64_t *n) {
    return (NAME(Running)){.outer = n[0], .n = n[1], .inner = n[2], .x = a[1], .y = a[0]};
}

/* y[k] = x[0] + .. + x[k], or from the end. Arrays: y, x. Ints: outer, n, inner, whether from the
   end. */
int NAME(cumsum)(void *const *a, const int64_t *n, const double *unused) {
    NAME(Running) p = NAME(running)(a, n);
    p.backwards = n[3];
    minigrad_parallel(NAME(sum_along), &p, p.outer, 1 + (1 << 14) / (p.n * p.inner));
    return 0;
}

/* The first place of the largest, where `sign` is 1, or of the smallest, where it is -1; of nan
   where there is one. Arrays: places, x. Ints: outer, n, inner, sign. */
int NAME(extreme)(void *const *a, const int64_t *n, const double *unused) {
    NAME(Running) p = NAME(running)(a, n);
    p.sign = n[3];
    minigrad_parallel(NAME(find_along), &p, p.outer, 1 + (1 << 14) / (p.n * p.inner));
    return 0;
}
