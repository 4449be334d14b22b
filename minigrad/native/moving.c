/* Numbers moved from one place to another, whatever steps either array has: parts of arrays that are
   joined, put into zeros, turned around, repeated. Nothing is computed, so that arrays of any type of
   four or eight bytes can be moved as if they were numbers of this one.

   Loops come with the longest steps of the result first. Where the numbers of the last loop do not
   stand side by side in x, those of the last but one may: then squares are moved, so that each line
   of memory that is fetched serves a whole side. */

enum { NAME(LOOPS) = 6, NAME(EDGE) = 16 };

typedef struct {
    int64_t n[NAME(LOOPS)], to[NAME(LOOPS)], from[NAME(LOOPS)];
    real *y;
    const real *x;
} NAME(Move);

static void NAME(move_plane)(const NAME(Move) *p, real *y, const real *x) {
    const int64_t rows = p->n[4], columns = p->n[5];
    const int64_t yr = p->to[4], yc = p->to[5], xr = p->from[4], xc = p->from[5];
    if (yc == 1 && xc == 1) {
        for (int64_t i = 0; i < rows; i++) memcpy(y + i * yr, x + i * xr, columns * sizeof(real));
    } else if (yc == 1 && !xc) {
        for (int64_t i = 0; i < rows; i++) {
            const real one = x[i * xr];
            for (int64_t j = 0; j < columns; j++) y[i * yr + j] = one;
        }
    } else if (xr == 1)
        for (int64_t a = 0; a < rows; a += NAME(EDGE))
            for (int64_t b = 0; b < columns; b += NAME(EDGE)) {
                int64_t c = minigrad_least(rows, a + NAME(EDGE));
                int64_t d = minigrad_least(columns, b + NAME(EDGE));
                for (int64_t i = a; i < c; i++)
                    for (int64_t j = b; j < d; j++) y[i * yr + j * yc] = x[i * xr + j * xc];
            }
    else
        for (int64_t i = 0; i < rows; i++)
            for (int64_t j = 0; j < columns; j++) y[i * yr + j * yc] = x[i * xr + j * xc];
}

static void NAME(move_planes)(void *context, int64_t start, int64_t stop) {
    const NAME(Move) *p = context;
    for (int64_t o = start; o < stop; o++) {
        real *y = p->y;
        const real *x = p->x;
        int64_t rest = o;
        for (int i = 3; i >= 0; i--) {
            int64_t at = rest % p->n[i];
            rest /= p->n[i];
            y += at * p->to[i], x += at * p->from[i];
        }
        NAME(move_plane)(p, y, x);
    }
}

/* y = x. Arrays: y, x. Ints: six lengths of loops, the longest steps first; the steps of y; those of
   x. */
int NAME(move)(void *const *a, const int64_t *n, const double *unused) {
    NAME(Move) p = {.y = a[0], .x = a[1]};
    memcpy(p.n, n, 3 * sizeof p.n);
    int64_t planes = 1;
    for (int i = 0; i < 4; i++) planes *= p.n[i];
    minigrad_parallel(NAME(move_planes), &p, planes, 1 + (1 << 15) / minigrad_most(1, p.n[4] * p.n[5]));
    return 0;
}

/* y = a number. Arrays: y. Ints: how many numbers. Reals: it. */
int NAME(fill)(void *const *a, const int64_t *n, const double *r) {
    real *y = a[0];
    const real one = r[0];
    if (one == 0 && !signbit(one)) memset(y, 0, n[0] * sizeof(real));
    else
        for (int64_t i = 0; i < n[0]; i++) y[i] = one;
    return 0;
}

/* y = x between two diagonals, 0 beyond: of each of some matrices, dense rows. Arrays: y, x. Ints:
   how many, rows, columns; the first and the last diagonal, counted from the main one. */
int NAME(band)(void *const *a, const int64_t *n, const double *unused) {
    const int64_t rows = n[1], columns = n[2];
    for (int64_t i = 0; i < n[0] * rows; i++) {
        real *y = (real *)a[0] + i * columns;
        const real *x = (const real *)a[1] + i * columns;
        int64_t at = i % rows, first = minigrad_most(0, at + n[3]);
        int64_t stop = minigrad_most(0, minigrad_least(columns, at + n[4] + 1));
        first = minigrad_least(first, stop);
        for (int64_t j = 0; j < first; j++) y[j] = 0;
        for (int64_t j = first; j < stop; j++) y[j] = x[j];
        for (int64_t j = stop; j < columns; j++) y[j] = 0;
    }
    return 0;
}
