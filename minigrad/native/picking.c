/* Numbers picked out of an array by indices, and put back: y[o, p, i] = x[o, k[p], i].

   Several indices may stand side by side, each for a dimension of x: "holes". They are read by the
   same loops over places p, at steps of their own, 0 where one is repeated. An index below 0 counts
   from the end. */

enum { NAME(INDEXED) = 4, NAME(HOLES) = 4 };

typedef struct {
    int64_t n, step;            /* of the dimension: its length, and how far its numbers are apart */
    int64_t own[NAME(INDEXED)];  /* steps of the index over places */
} NAME(Hole);

typedef struct {
    int64_t outer, inner, count; /* of holes */
    int64_t n[NAME(INDEXED)];    /* places */
    int64_t y_outer, y_own[NAME(INDEXED)], y_inner, x_outer, x_inner;
    NAME(Hole) holes[NAME(HOLES)];
} NAME(Picking);

/* Where in an outer part of x the place p is picked, and where p is in y; 0 where an index is out of
   range. */
static inline int NAME(picked)(const NAME(Picking) *p, const int64_t *const *k, int64_t place,
                               int64_t *of_x, int64_t *of_y) {
    int64_t at[NAME(INDEXED)], x = 0, y = 0;
    for (int i = NAME(INDEXED) - 1; i >= 0; i--) {
        at[i] = place % p->n[i];
        place /= p->n[i];
        y += at[i] * p->y_own[i];
    }
    for (int64_t h = 0; h < p->count; h++) {
        const NAME(Hole) *hole = &p->holes[h];
        int64_t from = 0;
        for (int i = 0; i < NAME(INDEXED); i++) from += at[i] * hole->own[i];
        int64_t index = k[h][from];
        index += index < 0 ? hole->n : 0;
        if (index < 0 || index >= hole->n) return 0;
        x += index * hole->step;
    }
    *of_x = x, *of_y = y;
    return 1;
}

static void NAME(picking)(NAME(Picking) *p, const int64_t *n) {
    memset(p, 0, sizeof *p);
    memcpy(p, n, offsetof(NAME(Picking), holes));
    memcpy(p->holes, (const char *)n + offsetof(NAME(Picking), holes),
           p->count * sizeof(NAME(Hole)));
}

static int64_t NAME(places)(const NAME(Picking) *p) {
    int64_t places = 1;
    for (int i = 0; i < NAME(INDEXED); i++) places *= p->n[i];
    return places;
}

/* Ints of all: outer, inner, how many holes; four lengths of places; the steps of y: outer, places,
   inner; those of x: outer, inner; for each hole its length, its step, and the steps of the index over places.
   Arrays: y, x, an index for each hole. */
int NAME(gather)(void *const *a, const int64_t *n, const double *unused) {
    NAME(Picking) p;
    NAME(picking)(&p, n);
    real *y = a[0];
    const real *x = a[1];
    int64_t places = NAME(places)(&p), from, to;
    for (int64_t place = 0; place < places; place++) {
        if (!NAME(picked)(&p, (const int64_t *const *)a + 2, place, &from, &to))
            return MINIGRAD_INDEX;
        for (int64_t o = 0; o < p.outer; o++) {
            real *t = y + o * p.y_outer + to;
            const real *f = x + o * p.x_outer + from;
            if (p.y_inner == 1 && p.x_inner == 1)
                for (int64_t i = 0; i < p.inner; i++) t[i] = f[i];
            else
                for (int64_t i = 0; i < p.inner; i++) t[i * p.y_inner] = f[i * p.x_inner];
        }
    }
    return 0;
}

static inline __attribute__((always_inline)) int NAME(put_back)(
    const NAME(Picking) *p, real *x, const real *y, const int64_t *const *k, const int add) {
    int64_t places = NAME(places)(p), from, to;
    for (int64_t place = 0; place < places; place++) {
        if (!NAME(picked)(p, k, place, &to, &from)) return MINIGRAD_INDEX;
        for (int64_t o = 0; o < p->outer; o++) {
            real *t = x + o * p->x_outer + to;
            const real *f = y + o * p->y_outer + from;
            const int64_t a = p->x_inner, b = p->y_inner;
            if (a == 1 && b == 1)
                for (int64_t i = 0; i < p->inner; i++) t[i] = add ? t[i] + f[i] : f[i];
            else
                for (int64_t i = 0; i < p->inner; i++)
                    t[i * a] = add ? t[i * a] + f[i * b] : f[i * b];
        }
    }
    return 0;
}

/* y is added to what is there (`add_at`), or takes its place, the last of several (`put_at`). Arrays:
   x, y, indices. */
int NAME(add_at)(void *const *a, const int64_t *n, const double *unused) {
    NAME(Picking) p;
    NAME(picking)(&p, n);
    return NAME(put_back)(&p, a[0], a[1], (const int64_t *const *)a + 2, 1);
}
int NAME(put_at)(void *const *a, const int64_t *n, const double *unused) {
    NAME(Picking) p;
    NAME(picking)(&p, n);
    return NAME(put_back)(&p, a[0], a[1], (const int64_t *const *)a + 2, 0);
}
